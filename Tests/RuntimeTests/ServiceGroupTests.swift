import Glibc
import Runtime
import Synchronization
import Testing

@Suite struct ServiceGroupTests {
    private final class Diary: Sendable {
        private let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    private struct Broken: Error {}

    private struct Part: Service {
        let name: String
        let diary: Diary
        var failsAtStart = false
        var usesGrace = Duration.zero

        func start() async throws {
            if failsAtStart { throw Broken() }
            diary.add("start \(name)")
        }

        func stop(grace: Duration) async {
            diary.add("stop \(name)")
            #expect(grace >= .zero && grace <= .milliseconds(200))
            if usesGrace > .zero {
                do { try await Task.sleep(for: min(usesGrace, grace)) } catch { Issue.record(error) }
            } else if name == "last to stop" {
                #expect(grace == .zero, "what one service used up the next does not have")
            }
        }
    }

    @Test func `services start in order and a signal stops them in reverse`() async throws {
        let diary = Diary()
        let group = ServiceGroup(["a", "b", "c"].map { Part(name: $0, diary: diary) }, grace: .milliseconds(200), log: .silent)
        let signals = Signals.byHand()
        try await group.run(signals) {
            diary.add("started")
            signals.deliver(SIGTERM)
        }
        #expect(diary.all == ["start a", "start b", "start c", "started", "stop c", "stop b", "stop a"])
    }

    @Test func `a signal that came before anybody waited is not lost`() async throws {
        let diary = Diary()
        let signals = Signals.byHand()
        signals.deliver(SIGINT)
        try await ServiceGroup([Part(name: "a", diary: diary)], grace: .milliseconds(200), log: .silent).run(signals) {}
        #expect(diary.all == ["start a", "stop a"])
    }

    @Test func `a service that cannot start stops those before it and is told to the caller`() async throws {
        let diary = Diary()
        let parts = [
            Part(name: "a", diary: diary), Part(name: "b", diary: diary), Part(name: "c", diary: diary, failsAtStart: true),
            Part(name: "d", diary: diary),
        ]
        let group = ServiceGroup(parts, grace: .milliseconds(200), log: .silent)
        await #expect(throws: Broken.self) { try await group.run(Signals.byHand()) { diary.add("started") } }
        #expect(diary.all == ["start a", "start b", "stop b", "stop a"])
    }

    @Test func `a signal sent twice at once is one request to stop`() async {
        let signals = Signals.byHand()
        #expect(!signals.hasArrived)
        signals.deliver(SIGINT)
        // A second request would end this process.
        signals.deliver(SIGTERM)
        #expect(signals.hasArrived)
        #expect(await signals.next().number == SIGINT)
    }

    @Test func `the grace is shared by all services`() async throws {
        let diary = Diary()
        let parts = [Part(name: "last to stop", diary: diary), Part(name: "slow", diary: diary, usesGrace: .seconds(60))]
        let signals = Signals.byHand()
        signals.deliver(SIGTERM)
        try await ServiceGroup(parts, grace: .milliseconds(100), log: .silent).run(signals) {}
        #expect(diary.all.suffix(2) == ["stop slow", "stop last to stop"])
    }
}
