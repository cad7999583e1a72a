import CLinux
import Glibc
import Synchronization

/// Starts a detached thread and returns once `body` has called `ready`.
///
/// A free function, because a closure given to `pthread_create` inside a `@main` type would be isolated to the main actor and trap.
package func startThread(name: String, _ body: @escaping @Sendable (_ ready: @Sendable () -> Void) -> Void) throws(SystemError) {
    let boot = ThreadBoot(name: name, body: body)
    var thread = pthread_t()
    let context = Unmanaged.passRetained(boot)
    let result = pthread_create(&thread, nil, runThread, context.toOpaque())
    guard result == 0 else {
        context.release()
        throw SystemError(call: "pthread_create", code: result)
    }
    pthread_detach(thread)
    boot.waitUntilReady()
}

private func runThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    // Balances passRetained in startThread.
    let boot = Unmanaged<ThreadBoot>.fromOpaque(context).takeRetainedValue()
    clinux_set_thread_name(String(boot.name.prefix(15)))
    boot.body { boot.setReady() }
    return nil
}

private final class ThreadBoot: Sendable {
    let name: String
    let body: @Sendable (_ ready: @Sendable () -> Void) -> Void
    private let gate = Gate()

    init(name: String, body: @escaping @Sendable (_ ready: @Sendable () -> Void) -> Void) {
        self.name = name
        self.body = body
    }

    func setReady() { gate.open() }
    func waitUntilReady() { gate.wait() }
}

/// A condition that threads (never loops) wait for: closed, then open for good.
///
/// Unchecked because the pthread objects behind it are made for being shared.
package final class Gate: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var isOpen = false

    package init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    package func open() {
        pthread_mutex_lock(mutex)
        isOpen = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    package func wait() {
        pthread_mutex_lock(mutex)
        while !isOpen { pthread_cond_wait(condition, mutex) }
        pthread_mutex_unlock(mutex)
    }
}
