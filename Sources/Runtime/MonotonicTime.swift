import Glibc

/// A point on the machine's monotonic clock, in nanoseconds: for deadlines and durations, never for dates.
package struct MonotonicTime: Comparable, Hashable, Sendable {
    package let nanoseconds: UInt64

    package init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// The clock read now; `EventLoop.now` is cheaper on a loop.
    package static var current: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec))
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    package static func + (time: Self, duration: Duration) -> Self {
        MonotonicTime(nanoseconds: UInt64(max(0, Int64(time.nanoseconds) + duration.nanoseconds)))
    }

    package static func - (later: Self, earlier: Self) -> Duration {
        .nanoseconds(Int64(later.nanoseconds) - Int64(earlier.nanoseconds))
    }
}

extension Duration {
    /// Whole nanoseconds; durations beyond 292 years trap.
    package var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }

    /// Whole milliseconds, rounded down.
    package var milliseconds: Int64 { nanoseconds / 1_000_000 }

    /// Seconds with their fraction, for reports.
    package var secondsValue: Double { Double(nanoseconds) / 1e9 }
}
