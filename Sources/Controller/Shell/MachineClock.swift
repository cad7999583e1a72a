import FoundationEssentials
import Glibc
import Runtime
import Synchronization

/// The machine's clocks, the wall clock moved by a rehearsal.
final class MachineClock: Sendable {
    private let shift: Atomic<Int64>
    private let bootID: UInt64

    init(offsetMicroseconds: Int64) {
        shift = Atomic(offsetMicroseconds)
        // A random number that the kernel makes at its start; without one every start looks like another.
        let text = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id").map { String(decoding: $0, as: UTF8.self) } ?? ""
        bootID = UInt64(text.filter(\.isHexDigit).prefix(16), radix: 16) ?? .random(in: 1 ... .max)
    }

    /// Sets the wall clock off by so much more.
    func move(seconds: Int64) { shift.add(seconds &* 1_000_000, ordering: .relaxed) }

    var reading: ClockReading {
        ClockReading(
            wallMicroseconds: Self.microseconds(CLOCK_REALTIME) &+ shift.load(ordering: .relaxed),
            bootMicroseconds: Self.microseconds(CLOCK_BOOTTIME), bootID: bootID)
    }

    private static func microseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}

/// Sleeps the thread; for threads that do nothing else.
func sleepThread(_ duration: Duration) {
    var wanted = timespec(tv_sec: Int(duration.milliseconds / 1_000), tv_nsec: Int(duration.milliseconds % 1_000) * 1_000_000)
    var left = timespec()
    while nanosleep(&wanted, &left) != 0, errno == EINTR { wanted = left }
}
