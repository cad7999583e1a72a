import CLinux
import Glibc
import Synchronization

/// What a descriptor is watched for.
package struct EventInterest: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    package static let read = EventInterest(rawValue: 1)
    package static let write = EventInterest(rawValue: 4)
}

/// What a descriptor is ready for.
package struct ReadyEvents: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    package static let readable = ReadyEvents(rawValue: 1)
    package static let writable = ReadyEvents(rawValue: 4)
    package static let failed = ReadyEvents(rawValue: 8)
    package static let hangup = ReadyEvents(rawValue: 16)
}

/// Is told, on the loop's thread, that its descriptor is ready. An actor of the loop conforms with a nonisolated method that enters
/// by `assumeIsolated`.
package protocol EventHandler: AnyObject, Sendable {
    func ready(_ events: ReadyEvents)
}

/// One thread around one epoll: the executor of every actor and task that lives on it.
///
/// A request is read, decided and answered on one loop, so it meets no lock and no thread hop (a hop costs 25 µs on two cores, a call
/// between two actors of one loop 0.08 µs). Sockets are watched level-triggered; timers stand in a wheel of 4 ms ticks; a job that
/// another thread enqueues wakes the loop through an eventfd. Nothing that runs here may block.
///
/// The loop is both the serial executor of its actors and the task executor of their tasks: a task made with
/// `Task(executorPreference: loop)` calls the loop's actors without any enqueue.
///
/// Unchecked because its state is confined to its thread, which `isCurrent` asserts; only `remote` is shared, behind a mutex.
package final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    package typealias TimerToken = TimerWheel<@Sendable () -> Void>.Token

    private struct Slot {
        var handler: (any EventHandler)?
        var generation: UInt32 = 0
    }

    private struct Remote {
        var jobs: [UnownedJob] = []
        var calls: [@Sendable () -> Void] = []
        var wakePending = false
        var stopped = false
    }

    package let name: String
    private let epoll: CInt
    private let wake: CInt
    private var thread: pthread_t
    private let remote = Mutex(Remote())
    private var jobs: [UnownedJob] = []
    private var running: [UnownedJob] = []
    private var calls: [@Sendable () -> Void] = []
    private var slots: [Slot] = []
    private var timers: TimerWheel<@Sendable () -> Void>
    private var cachedNow: MonotonicTime
    private let finished = Mutex(false)

    private static let tickNanoseconds: UInt64 = 4_000_000
    private static let jobsBeforePoll = 4_096

    private init(name: String) throws(SystemError) {
        self.name = name
        epoll = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw .last("epoll_create1") }
        wake = eventfd(0, CInt(EFD_NONBLOCK | EFD_CLOEXEC))
        guard wake >= 0 else { throw .last("eventfd") }
        thread = pthread_self()
        cachedNow = .current
        timers = TimerWheel(tick: cachedNow.nanoseconds / Self.tickNanoseconds)
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = UInt64.max
        guard epoll_ctl(epoll, EPOLL_CTL_ADD, wake, &event) == 0 else { throw .last("epoll_ctl") }
    }

    /// Only now, not when the thread ends: a late `signal` must not write to a stranger that was given the number meanwhile.
    deinit {
        close(epoll)
        close(wake)
    }

    /// A loop on a thread of its own, running until `shutDown`.
    package static func start(name: String) throws(SystemError) -> EventLoop {
        let loop = try EventLoop(name: name)
        try startThread(name: name) { ready in
            loop.thread = pthread_self()
            ready()
            loop.run()
        }
        return loop
    }

    /// Whether the caller runs on this loop's thread.
    package var isCurrent: Bool { pthread_equal(pthread_self(), thread) != 0 }

    /// The monotonic clock as read at the start of this turn.
    package var now: MonotonicTime { cachedNow }

    // MARK: Descriptors

    /// Watches `descriptor`; `handler` is kept until `remove`.
    package func add(_ descriptor: CInt, _ interest: EventInterest, _ handler: any EventHandler) throws(SystemError) {
        assertCurrent()
        while slots.count <= Int(descriptor) { slots.append(Slot()) }
        slots[Int(descriptor)].generation &+= 1
        var event = watched(descriptor, interest)
        guard epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 else { throw .last("epoll_ctl") }
        slots[Int(descriptor)].handler = handler
    }

    /// Changes what a watched descriptor is watched for.
    package func change(_ descriptor: CInt, _ interest: EventInterest) {
        assertCurrent()
        var event = watched(descriptor, interest)
        let result = epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event)
        precondition(result == 0, "a descriptor is changed only while it is watched")
    }

    /// Stops watching; events of this turn not yet handed out are dropped. Call it before closing the descriptor.
    package func remove(_ descriptor: CInt) {
        assertCurrent()
        guard slots.indices.contains(Int(descriptor)), slots[Int(descriptor)].handler != nil else { return }
        slots[Int(descriptor)].handler = nil
        slots[Int(descriptor)].generation &+= 1
        var event = epoll_event()
        // A descriptor that was closed elsewhere is gone from epoll already.
        _ = epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event)
    }

    private func watched(_ descriptor: CInt, _ interest: EventInterest) -> epoll_event {
        var event = epoll_event()
        event.events = interest.rawValue
        event.data.u64 = UInt64(slots[Int(descriptor)].generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
        return event
    }

    // MARK: Timers

    /// Calls `body` on the loop once `delay` has passed, at most some 4 ms late while the loop is not busy.
    @discardableResult
    package func schedule(after delay: Duration, _ body: @escaping @Sendable () -> Void) -> TimerToken {
        assertCurrent()
        let due = cachedNow + delay
        return timers.schedule(body, at: (due.nanoseconds + Self.tickNanoseconds - 1) / Self.tickNanoseconds)
    }

    /// Forgets a timer; one that fired is ignored.
    package func cancel(_ token: TimerToken) {
        assertCurrent()
        timers.cancel(token)
    }

    /// The number of timers pending.
    package var timerCount: Int { timers.count }

    // MARK: Calls

    /// Calls `body` on the loop, at the end of the turn under way when the caller is on it. For code that is no task.
    package func perform(_ body: @escaping @Sendable () -> Void) {
        if isCurrent {
            calls.append(body)
            return
        }
        let mustWake = remote.withLock { remote in
            remote.calls.append(body)
            defer { remote.wakePending = true }
            return !remote.wakePending
        }
        if mustWake { signal() }
    }

    private func runCalls() {
        guard !calls.isEmpty else { return }
        let due = calls
        calls.removeAll(keepingCapacity: true)
        for body in due { body() }
    }

    // MARK: Executor

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            jobs.append(job)
            return
        }
        let mustWake = remote.withLock { remote in
            remote.jobs.append(job)
            defer { remote.wakePending = true }
            return !remote.wakePending
        }
        if mustWake { signal() }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    package func asUnownedTaskExecutor() -> UnownedTaskExecutor {
        UnownedTaskExecutor(ordinary: self)
    }

    package func isIsolatingCurrentContext() -> Bool? { isCurrent }

    package func checkIsolated() {
        precondition(isCurrent, "this must run on the event loop \(name)")
    }

    // MARK: The turn

    /// Ends the loop after the turn that is under way. Jobs enqueued later never run, so stop what lives on it first.
    package func shutDown() {
        remote.withLock { $0.stopped = true }
        signal()
    }

    private func signal() {
        var one: UInt64 = 1
        // A full counter wakes as well: nothing to do about a failed write.
        _ = write(wake, &one, 8)
    }

    private func run() {
        let capacity = 256
        // Owned by this frame for the life of the thread.
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: capacity)
        defer { events.deallocate() }
        while true {
            runJobs()
            runCalls()
            cachedNow = .current
            fireTimers()
            let (stopped, arrived) = takeRemote()
            let isBusy = arrived || !jobs.isEmpty || !calls.isEmpty
            if stopped && !isBusy { return }
            let count = epoll_wait(epoll, events, CInt(capacity), isBusy ? 0 : timeoutMilliseconds())
            cachedNow = .current
            guard count > 0 else { continue }
            for index in 0..<Int(count) { dispatch(events[index]) }
        }
    }

    private func dispatch(_ event: epoll_event) {
        let data = event.data.u64
        if data == UInt64.max {
            var counter: UInt64 = 0
            _ = read(wake, &counter, 8)
            return
        }
        let descriptor = Int(data & 0xFFFF_FFFF)
        guard slots[descriptor].generation == UInt32(data >> 32), let handler = slots[descriptor].handler else { return }
        handler.ready(ReadyEvents(rawValue: event.events))
    }

    private func runJobs() {
        var ran = 0
        while !jobs.isEmpty, ran < Self.jobsBeforePoll {
            swap(&jobs, &running)
            for job in running {
                unsafe job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
            }
            ran += running.count
            running.removeAll(keepingCapacity: true)
        }
    }

    private func takeRemote() -> (stopped: Bool, arrived: Bool) {
        remote.withLock { remote in
            remote.wakePending = false
            let arrived = !remote.jobs.isEmpty || !remote.calls.isEmpty
            if arrived {
                jobs.append(contentsOf: remote.jobs)
                remote.jobs.removeAll(keepingCapacity: true)
                calls.append(contentsOf: remote.calls)
                remote.calls.removeAll(keepingCapacity: true)
            }
            return (remote.stopped, arrived)
        }
    }

    private func fireTimers() {
        timers.advance(to: cachedNow.nanoseconds / Self.tickNanoseconds)
        while let body = timers.takeExpired() { body() }
    }

    private func timeoutMilliseconds() -> CInt {
        guard let tick = timers.nextTick else { return -1 }
        let due = tick * Self.tickNanoseconds
        guard due > cachedNow.nanoseconds else { return 0 }
        return CInt(clamping: (due - cachedNow.nanoseconds + 999_999) / 1_000_000)
    }

    private func assertCurrent() {
        assert(isCurrent, "descriptors and timers are touched only on their loop")
    }
}
