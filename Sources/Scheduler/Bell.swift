import Runtime
import Synchronization

/// Waits that can be ended early.
///
/// They are timed by an event loop: handlers may keep every thread of the global pool busy, and a lease must be renewed all the same.
final class Bell: Sendable {
    private struct State {
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var last = 0
        var rings = 0
    }

    private let loop: EventLoop
    private let state = Mutex(State())

    init(_ loop: EventLoop) { self.loop = loop }

    /// How often it rang, to be given to `wait` by who must not miss a ring.
    var rings: Int { state.withLock { $0.rings } }

    /// Waits for a while, until a ring or until the task is cancelled.
    /// - Parameter seen: returns at once when it has rung since.
    func wait(_ duration: Duration, unlessRungSince seen: Int? = nil) async {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if let seen, seen != state.rings { return true }
                    state.waiting[number] = continuation
                    return false
                }
                if isOver { return continuation.resume() }
                if Task.isCancelled { return end(number) }
                loop.perform { [self] in loop.schedule(after: duration) { self.end(number) } }
            }
        } onCancel: {
            end(number)
        }
    }

    /// Ends every wait.
    func ring() {
        let waiting = state.withLock { state in
            state.rings += 1
            defer { state.waiting = [:] }
            return state.waiting.values.map { $0 }
        }
        for continuation in waiting { continuation.resume() }
    }

    private func end(_ number: Int) {
        state.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
    }
}
