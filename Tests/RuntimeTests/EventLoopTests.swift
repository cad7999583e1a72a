import Glibc
import Runtime
import Synchronization
import Testing

/// What lives on a loop, in miniature.
private actor Counter {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    private(set) var count = 0
    private(set) var strayCalls = 0

    init(loop: EventLoop) { self.loop = loop }

    func bump() {
        count += 1
        if !loop.isCurrent { strayCalls += 1 }
    }

    func bumpAfterYield() async {
        await Task.yield()
        bump()
    }

    nonisolated func bumpOnLoop() { assumeIsolated { $0.bump() } }
}

private final class Recorder: EventHandler {
    let events = Mutex<[ReadyEvents]>([])
    let onReady: @Sendable (ReadyEvents) -> Void

    init(_ onReady: @escaping @Sendable (ReadyEvents) -> Void = { _ in }) { self.onReady = onReady }

    func ready(_ events: ReadyEvents) {
        self.events.withLock { $0.append(events) }
        onReady(events)
    }

    var count: Int { events.withLock { $0.count } }
}

@Suite struct EventLoopTests {
    /// Runs `body` on the loop's thread.
    private func on<Value: Sendable>(_ loop: EventLoop, _ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await Task(executorPreference: loop) { try body() }.value
    }

    private func withLoop(_ body: (EventLoop) async throws -> Void) async throws {
        let loop = try EventLoop.start(name: "test")
        defer { loop.shutDown() }
        try await body(loop)
    }

    private func pair() throws -> (CInt, CInt) {
        var ends: [CInt] = [-1, -1]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
        return (ends[0], ends[1])
    }

    @Test func `tasks of the pool and of the loop all reach the loop's actor on its thread`() async throws {
        try await withLoop { loop in
            let counter = Counter(loop: loop)
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<2_000 {
                    switch number % 3 {
                    case 0: group.addTask { await counter.bump() }
                    case 1: group.addTask(executorPreference: loop) { await counter.bump() }
                    default: group.addTask { await counter.bumpAfterYield() }
                    }
                }
            }
            #expect(await counter.count == 2_000)
            #expect(await counter.strayCalls == 0)
        }
    }

    @Test func `a task that prefers the loop stays on it across calls to its actors`() async throws {
        try await withLoop { loop in
            let counter = Counter(loop: loop)
            let stayed = await Task(executorPreference: loop) {
                for _ in 0..<100 {
                    guard loop.isCurrent else { return false }
                    await counter.bumpAfterYield()
                    guard loop.isCurrent else { return false }
                }
                return true
            }.value
            #expect(stayed)
            #expect(!loop.isCurrent)
        }
    }

    @Test func `a callback of the loop enters its actor without a hop`() async throws {
        try await withLoop { loop in
            let counter = Counter(loop: loop)
            try await on(loop) { counter.bumpOnLoop() }
            #expect(await counter.count == 1)
        }
    }

    @Test func `a descriptor is reported readable, writable and hung up`() async throws {
        try await withLoop { loop in
            let (ours, theirs) = try pair()
            let seen = AsyncStream.makeStream(of: ReadyEvents.self)
            let recorder = Recorder { events in
                seen.continuation.yield(events)
                loop.change(ours, [])
            }
            var events = seen.stream.makeAsyncIterator()
            try await on(loop) { try loop.add(ours, .write, recorder) }
            #expect(await events.next() == .writable)
            #expect(write(theirs, "x", 1) == 1)
            try await on(loop) { loop.change(ours, .read) }
            #expect(await events.next() == .readable)
            close(theirs)
            let last = await events.next()
            #expect(last?.contains(.hangup) == true)
            try await on(loop) { loop.remove(ours) }
            close(ours)
        }
    }

    @Test func `a descriptor removed in a turn gets no more events in that turn`() async throws {
        try await withLoop { loop in
            let (first, firstPeer) = try pair()
            let (second, secondPeer) = try pair()
            #expect(write(firstPeer, "x", 1) == 1 && write(secondPeer, "x", 1) == 1)
            let removeBoth: @Sendable (ReadyEvents) -> Void = { _ in
                loop.remove(first)
                loop.remove(second)
            }
            let recorders = [Recorder(removeBoth), Recorder(removeBoth)]
            try await on(loop) {
                try loop.add(first, .read, recorders[0])
                try loop.add(second, .read, recorders[1])
            }
            try await self.turns(loop)
            #expect(recorders[0].count + recorders[1].count == 1)
            for descriptor in [first, firstPeer, second, secondPeer] { close(descriptor) }
        }
    }

    @Test func `a number that is given out again in the same turn does not inherit events`() async throws {
        try await withLoop { loop in
            let (first, firstPeer) = try pair()
            let (second, secondPeer) = try pair()
            let (quiet, quietPeer) = try pair()
            #expect(write(firstPeer, "x", 1) == 1 && write(secondPeer, "x", 1) == 1)
            let heir = Recorder()
            // Whichever is told first gives the other's number to a quiet descriptor.
            func giveAway(_ other: CInt, _ own: CInt) -> Recorder {
                Recorder { _ in
                    loop.remove(own)
                    loop.remove(other)
                    guard dup2(quiet, other) == other else { return }
                    do { try loop.add(other, .read, heir) } catch { Issue.record(error) }
                }
            }
            let recorders = [giveAway(second, first), giveAway(first, second)]
            try await on(loop) {
                try loop.add(first, .read, recorders[0])
                try loop.add(second, .read, recorders[1])
            }
            try await self.turns(loop)
            #expect(recorders[0].count + recorders[1].count == 1)
            #expect(heir.count == 0)
            #expect(write(quietPeer, "x", 1) == 1)
            try await self.turns(loop)
            #expect(heir.count > 0)
            for descriptor in [first, firstPeer, second, secondPeer, quiet, quietPeer] { close(descriptor) }
        }
    }

    @Test func `timers fire in order, not early, and not after they were cancelled`() async throws {
        try await withLoop { loop in
            let fired = AsyncStream.makeStream(of: (Int, Bool).self)
            try await on(loop) {
                for milliseconds in [40, 5, 20, 60] {
                    let due = loop.now + .milliseconds(milliseconds)
                    loop.schedule(after: .milliseconds(milliseconds)) {
                        fired.continuation.yield((milliseconds, MonotonicTime.current >= due))
                        if milliseconds == 60 { fired.continuation.finish() }
                    }
                }
                loop.cancel(loop.schedule(after: .milliseconds(10)) { fired.continuation.yield((10, false)) })
                loop.schedule(after: .milliseconds(1)) {}
            }
            var order: [Int] = []
            for await (milliseconds, isDue) in fired.stream {
                order.append(milliseconds)
                #expect(isDue)
            }
            #expect(order == [5, 20, 40, 60])
            #expect(try await on(loop) { loop.timerCount } == 0)
        }
    }

    @Test func `each loop finds its own value, others the first loop's`() async throws {
        let loops = try (0..<3).map { try EventLoop.start(name: "loop \($0)") }
        defer { for loop in loops { loop.shutDown() } }
        let names = PerLoop(loops) { $0.name }
        #expect(names.all == ["loop 0", "loop 1", "loop 2"])
        for loop in loops { #expect(try await on(loop) { names.current } == loop.name) }
        #expect(names.current == "loop 0")
    }

    /// Waits until the loop has polled its descriptors at least once more.
    private func turns(_ loop: EventLoop) async throws {
        await withCheckedContinuation { continuation in
            let task: @Sendable () -> Void = { loop.schedule(after: .milliseconds(8)) { continuation.resume() } }
            Task(executorPreference: loop) { task() }
        }
    }
}
