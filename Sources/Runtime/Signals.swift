import CLinux
import Glibc
import Synchronization

/// The signals that ask the process to end: SIGTERM, SIGINT and SIGHUP.
///
/// They are caught by handlers, which hold for the whole process, and not by a mask, which would have to be set before the concurrency
/// runtime made its first thread. A handler writes one byte into a pipe; a thread of its own reads it. Another signal, a second later or
/// more, ends the process at once with status 130.
package final class Signals: Sendable {
    package struct Signal: Sendable {
        package let number: CInt
        package var name: String { number == SIGTERM ? "SIGTERM" : number == SIGINT ? "SIGINT" : "SIGHUP" }
    }

    private enum State {
        case quiet
        case awaited(CheckedContinuation<Signal, Never>)
        case arrived(Signal)
        case taken
    }

    private let state = Mutex(State.quiet)
    private let firstAt = Mutex<MonotonicTime?>(nil)

    /// Whether a signal came: asked by work that takes its time before anybody waits for `next`.
    package var hasArrived: Bool { firstAt.withLock { $0 != nil } }

    private static let echo = Duration.seconds(1)

    /// Signals that a test delivers itself; the process is left alone.
    package static func byHand() -> Signals { Signals(byHand: ()) }

    private init(byHand: Void) {}

    /// Catches the signals from here on; once in a process.
    package init() throws(SystemError) {
        var ends: [CInt] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw .last("pipe2") }
        let (readEnd, writeEnd) = (ends[0], ends[1])
        signalPipe = writeEnd
        try startThread(name: "signals") { ready in
            ready()
            var number: UInt8 = 0
            while true {
                if read(readEnd, &number, 1) == 1 { self.deliver(CInt(number)) }
            }
        }
        signal(SIGPIPE, SIG_IGN)
        for number in [SIGTERM, SIGINT, SIGHUP] { signal(number, handleSignal) }
    }

    /// The first signal, whether it came before or comes later.
    package func next() async -> Signal {
        await withCheckedContinuation { continuation in
            let arrived: Signal? = state.withLock { state in
                if case .arrived(let signal) = state {
                    state = .taken
                    return signal
                }
                state = .awaited(continuation)
                return nil
            }
            if let arrived { continuation.resume(returning: arrived) }
        }
    }

    /// What the watching thread does with a signal.
    package func deliver(_ number: CInt) {
        // Some senders signal a process and then its group: that is one request to stop, not two.
        let isEcho = firstAt.withLock { first in
            defer { first = first ?? .current }
            return first.map { .current - $0 < Self.echo } ?? false
        }
        if isEcho { return }
        let signal = Signal(number: number)
        let waiting: CheckedContinuation<Signal, Never>? = state.withLock { state in
            switch state {
            case .quiet:
                state = .arrived(signal)
                return nil
            case .awaited(let continuation):
                state = .taken
                return continuation
            case .arrived, .taken: _exit(130)
            }
        }
        waiting?.resume(returning: signal)
    }
}

/// Where the handler writes. Unchecked because a handler can reach nothing but a global; it is set once, before any handler is installed.
nonisolated(unsafe) private var signalPipe: CInt = -1

/// Only what is safe in a handler: a write, with errno left as it was.
private func handleSignal(_ number: CInt) {
    let before = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(signalPipe, &byte, 1)
    errno = before
}
