import CLinux
import Glibc
import Runtime

/// Wakes a thread that waits: rung any number of times before, it wakes once.
final class Bell: Sendable {
    /// Readable once rung; for `poll` among other descriptors.
    let descriptor: CInt

    init() throws(SystemError) {
        descriptor = eventfd(0, CInt(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else { throw .last("eventfd") }
    }

    deinit { close(descriptor) }

    func ring() {
        var one: UInt64 = 1
        // Only a counter that is full takes no more, and that one has rung.
        _ = write(descriptor, &one, 8)
    }

    func silence() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }

    /// Waits for the bell or the time, whichever comes first.
    func wait(until deadline: MonotonicTime) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let left = (deadline - .current).nanoseconds
        _ = poll(&entry, 1, CInt(clamping: max(0, left + 999_999) / 1_000_000))
        silence()
    }
}
