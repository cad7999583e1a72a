import CLinux
import Glibc
import Synchronization

/// The signals that ask the process to end, taken by a thread of their own.
///
/// Make it first thing in the process: the mask it sets is inherited by threads made later. Child processes must be started with an
/// empty mask. The second signal ends the process at once with status 130.
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

    /// Signals that a test delivers itself; the process is left alone.
    package static func byHand() -> Signals { Signals(byHand: ()) }

    private init(byHand: Void) {}

    package init() throws(SystemError) {
        signal(SIGPIPE, SIG_IGN)
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGTERM)
        sigaddset(&set, SIGINT)
        pthread_sigmask(SIG_BLOCK, &set, nil)
        let watched = set
        try startThread(name: "signals") { ready in
            ready()
            var set = watched
            while true {
                var number: CInt = 0
                if sigwait(&set, &number) == 0 { self.deliver(number) }
            }
        }
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
