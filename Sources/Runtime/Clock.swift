import Glibc

/// The wall clock of this process, in microseconds since 1970, moved by `--clock-offset` in tests and rehearsals.
///
/// Decisions that hang on time are taken in SQL by the database's clock plus the same offset.
package struct Clock: Sendable {
    /// What is added to the machine's time, in microseconds.
    package let offsetMicroseconds: Int64
    private let source: @Sendable () -> Int64

    /// The machine's clock, moved by `offsetMicroseconds`.
    package init(offsetMicroseconds: Int64 = 0) {
        self.offsetMicroseconds = offsetMicroseconds
        source = {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000 + offsetMicroseconds
        }
    }

    /// A clock that tests set by hand.
    package init(_ source: @escaping @Sendable () -> Int64) {
        offsetMicroseconds = 0
        self.source = source
    }

    /// Microseconds since 1970-01-01 UTC.
    package var nowMicroseconds: Int64 { source() }

    /// Whole seconds since 1970-01-01 UTC.
    package var nowSeconds: Int64 { source() / 1_000_000 }
}
