import Postgres
import Runtime
import TestSupport
import Testing

@testable import Scheduler

/// The queue as those see it who ask for work.
struct QueuedJobTests {
    private struct Refused: Error {}

    @Test func `work that was asked for in a transaction that rolls back was never asked for`() async throws {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            await #expect(throws: (any Error).self) {
                try await database.transaction { (transaction) async throws(any Error) in
                    _ = try await scene.queue.enqueue("trial", subject: "program:1", key: "run", by: "test", in: transaction)
                    throw Refused()
                }
            }
            #expect(try await scene.queue.list().isEmpty)
            let id = try await database.transaction { (transaction) async throws(PostgresError) in
                try await scene.queue.enqueue("trial", subject: "program:1", key: "run", by: "test", in: transaction)
            }
            let job = try await scene.job(id)
            #expect(job.state == .queued && job.subject == "program:1" && job.requestedBy == "test" && job.attempts == 0)
        }
    }

    @Test func `the same work is queued once, however often and by however many it is asked for`() async throws {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            let ids = try await withThrowingTaskGroup(of: Int64.self) { group in
                for _ in 0..<16 { group.addTask { try await scene.enqueue("program:1") } }
                return try await group.reduce(into: Set<Int64>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
            let others = [
                try await scene.enqueue("program:1", key: "2"), try await scene.enqueue("program:2"),
                try await scene.enqueue("program:1", kind: "other"),
            ]
            #expect(Set(others).union(ids).count == 4)
            // It stays the same work when it is over.
            let id = try #require(ids.first)
            try await scene.worker([JobScene.plain()]).runOne(id)
            #expect(try await scene.enqueue("program:1") == id)
            #expect(try await scene.job(id).state == .done)
        }
    }

    @Test func `lists show the newest first, by state, kind, subject and who asked`() async throws {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            var ids: [Int64] = []
            for number in 1...5 { ids.append(try await scene.enqueue("program:\(number)")) }
            _ = try await scene.queue.cancel(ids[1])
            #expect(try await scene.queue.list().map(\.id) == ids.reversed())
            #expect(try await scene.queue.list(before: ids[3], limit: 2).map(\.id) == [ids[2], ids[1]])
            #expect(try await scene.queue.list(.init(state: .cancelled)).map(\.id) == [ids[1]])
            #expect(try await scene.queue.list(.init(kind: "other")).isEmpty)
            #expect(try await scene.queue.list(.init(subject: "program:4")).map(\.id) == [ids[3]])
            #expect(try await scene.queue.list(.init(requestedBy: "test")).count == 5)
            #expect(try await scene.queue.list(.init(requestedBy: "nobody")).isEmpty)
        }
    }

    @Test func `a job that waits is cancelled and not done`() async throws {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            let (first, second) = (try await scene.enqueue("program:1"), try await scene.enqueue("program:2"))
            #expect(try await scene.queue.cancel(first) == .cancelled)
            #expect(try await scene.queue.cancel(first) == .over(.cancelled))
            #expect(try await scene.queue.cancel(4_711) == .unknown)
            let worker = scene.worker([JobScene.plain()])
            worker.start()
            try await scene.wait(second, for: .done)
            await worker.stop(grace: .seconds(1))
            #expect(try await scene.effects() == [second])
            #expect(try await scene.queue.cancel(second) == .over(.done))
            await #expect(throws: JobUnavailable.over(.cancelled)) { try await worker.runOne(first) }
        }
    }

    @Test func `run now makes due what would have rested, and gives what is dead or cancelled its attempts again`() async throws {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            let later = Timestamp(microseconds: Clock().nowMicroseconds + 86_400_000_000)
            let id = try await scene.enqueue("program:1", dueAt: later)
            let worker = scene.worker([JobScene.plain()])
            worker.start()
            let other = try await scene.enqueue("program:2")
            try await scene.wait(other, for: .done)
            #expect(try await scene.job(id).state == .queued)
            #expect(try await scene.queue.runNow(id) == .due)
            try await scene.wait(id, for: .done)
            #expect(try await scene.queue.runNow(id) == .done)
            #expect(try await scene.queue.runNow(4_711) == .unknown)
            await worker.stop(grace: .seconds(60))

            let third = try await scene.enqueue("program:3")
            _ = try await scene.queue.cancel(third)
            #expect(try await scene.queue.runNow(third) == .due)
            try await scene.worker([JobScene.plain()]).runOne(third)
            #expect(try await scene.job(third).state == .done)
            let refusing = scene.worker([QueuedJobHandler("trial") { _ in throw JobRefusal("trial.refused") }])
            let fourth = try await scene.enqueue("program:4")
            await #expect(throws: JobRefusal.self) { try await refusing.runOne(fourth) }
            #expect(try await scene.job(fourth).state == .dead)
            #expect(try await scene.queue.runNow(fourth) == .due)
            let again = try await scene.job(fourth)
            #expect(again.attempts == 0 && again.finishedAt == nil && again.failure == "trial.refused")
            try await scene.worker([JobScene.plain()]).runOne(fourth)
            #expect(try await scene.effects() == [other, id, third, fourth])
        }
    }

    @Test func `what is due is due by the service's clock, leases run by the database's own`() async throws {
        try await withDatabase { database in
            let year: Int64 = 366 * 86_400_000_000
            let scene = try await JobScene(database)
            let now = Clock().nowMicroseconds
            // Twelve months of work, asked for in disorder.
            var ids: [Int64: Int64] = [:]
            for month: Int64 in [7, 2, 12, 5, 1, 9, 3, 11, 4, 10, 6, 8] {
                let due = Timestamp(microseconds: now + month * 30 * 86_400_000_000)
                ids[month] = try await scene.enqueue("month:\(month)", dueAt: due)
            }
            let present = scene.worker([JobScene.plain()])
            present.start()
            let marker = try await scene.enqueue("marker:1")
            try await scene.wait(marker, for: .done)
            await present.stop(grace: .seconds(1))
            #expect(try await scene.effects() == [marker], "nothing of the future is due")

            // Half a year on, six of them are.
            let half = scene.worker([JobScene.plain()], clockOffsetMicroseconds: year / 2)
            half.start()
            for month: Int64 in 1...6 { try await scene.wait(try #require(ids[month]), for: .done) }
            await half.stop(grace: .seconds(1))
            #expect(try await scene.effects() == [marker] + (1...6).compactMap { ids[$0] }, "in the order in which they were due")
            #expect(try await scene.job(try #require(ids[7])).state == .queued)

            let lease = try await scene.worker([]).leases(clockOffsetMicroseconds: year).claim(
                QueuedJobStore.slot(of: "month:7"), [JobScene.plain()])
            #expect(lease != nil)
            let job = try await scene.job(try #require(lease?.id))
            let until = try #require(job.leasedUntil).microseconds
            #expect(until > now && until < now + 3_600_000_000, "a lease does not last a year")
        }
    }

    @Test func `the queue's figures count what waits, runs and is dead, and how long the oldest has waited`() async throws {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            #expect(try await scene.queue.figures() == QueuedJobFigures())
            let now = Clock().nowMicroseconds
            _ = try await scene.enqueue("program:1", dueAt: Timestamp(microseconds: now - 7_000_000_000))
            _ = try await scene.enqueue("program:2", dueAt: Timestamp(microseconds: now + 7_000_000_000))
            let third = try await scene.enqueue("program:3")
            let refusing = scene.worker([QueuedJobHandler("trial") { _ in throw JobRefusal("trial.refused") }])
            await #expect(throws: JobRefusal.self) { try await refusing.runOne(third) }
            let figures = try await scene.queue.figures()
            #expect(figures.queued == 2 && figures.running == 0 && figures.dead == 1)
            #expect(figures.oldestDueSeconds >= 7_000 && figures.oldestDueSeconds < 8_000)
        }
    }
}
