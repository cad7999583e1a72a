import Postgres
import Runtime
import TestSupport
import Testing

@testable import Scheduler

/// What workers ask each second goes by keys, however much work lies behind.
struct JobPlanTests {
    @Test func `the queue is looked at, claimed, kept and ended by keys`() async throws {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            _ = try await database.query(
                """
                insert into queued_job (slot, kind, subject, key, state, due_at, attempts, finished_at, failure, requested_by)
                select
                    n % 16, 'trial', 'program:' || n % 50, n, case when n % 9 = 0 then 'dead' else 'done' end, now(), 1, now(), 'x',
                    'account:' || n % 100
                from generate_series(1, 20000) n
                """)
            // Not due for long.
            _ = try await database.query(
                """
                insert into queued_job (slot, kind, subject, key, due_at, requested_by)
                select n % 16, 'trial', 'program:' || n % 50, 'later' || n, now() + interval '1 year', 'test'
                from generate_series(1, 5000) n
                """)
            let id = try await scene.enqueue("program:1")
            let second = try await scene.enqueue("program:1", key: "second")
            _ = try await database.query("analyze")
            let (slot, handlers) = (QueuedJobStore.slot(of: "program:1"), [JobScene.plain()])
            for settings in [["set local enable_seqscan = off"], []] {
                let reads = try await tableReads(database, settings: settings) { (transaction) async throws(PostgresError) in
                    let leases = JobLeaseStore(
                        database: transaction, holder: "test", clockOffsetMicroseconds: 0, leaseMicroseconds: 30_000_000)
                    #expect(try await leases.slotsWithWork(["trial"]) == [slot])
                    guard let claimed = try await leases.claim(slot, handlers) else {
                        Issue.record("nothing was claimed")
                        return
                    }
                    #expect(claimed.id == id)
                    #expect(try await leases.renew(claimed, JobProgress(1, of: 2, phase: "x")) == .held)
                    guard let transaction = transaction as? Transaction else { return }
                    #expect(try await leases.hold(claimed, in: transaction) == .held)
                    #expect(try await leases.fail(claimed, failure: "x", rest: .zero))
                    guard let taken = try await leases.take(id, slot, attemptsMax: 3) else { return }
                    #expect(try await leases.release(taken))
                    guard let last = try await leases.take(second, slot, attemptsMax: 3) else { return }
                    try await leases.finish(last, nil, in: transaction)
                    let queue = QueuedJobStore(on: transaction)
                    _ = try await queue.enqueue("trial", subject: "program:1", key: "1", by: "test", in: transaction)
                    _ = try await queue.find(id)
                    _ = try await queue.cancel(id)
                    _ = try await queue.runNow(id)
                    _ = try await queue.list()
                    _ = try await queue.list(.init(requestedBy: "account:7"))
                    _ = try await transaction.query(
                        """
                        update queued_job
                        set state = 'queued', finished_at = null, due_at = now() - (\(second) - queued_job_id + 1) * interval '1 second'
                        where queued_job_id in (\(id), \(second))
                        """)
                }
                #expect(reads.whole.isEmpty, "\(settings): \(reads)")
                #expect(reads.byKey["queued_job"] ?? 0 <= 500, "\(settings): \(reads)")
            }
        }
    }

    @Test func `the queue's figures are counted without a look at what is over`() async throws {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            _ = try await database.query(
                """
                insert into queued_job (slot, kind, subject, key, state, due_at, finished_at, requested_by)
                select n % 16, 'trial', 'program:1', n, 'done', now(), now(), 'test' from generate_series(1, 20000) n
                """)
            _ = try await scene.enqueue("program:1")
            _ = try await database.query("analyze")
            let reads = try await tableReads(database, settings: []) { (transaction) async throws(PostgresError) in
                _ = try await QueuedJobStore(on: transaction).figures()
            }
            #expect(reads.whole.isEmpty && reads.byKey["queued_job"] ?? 0 <= 10, "\(reads)")
        }
    }
}
