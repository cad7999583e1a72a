import Postgres
import Runtime
import Synchronization
import TestSupport
import Testing

@testable import Scheduler

/// Work that is done once, whoever dies, freezes or fails in the middle of it.
struct JobWorkerTests {
    private struct Secret: Error { let text = "13800138000" }

    @Test func `two workers do each job once`() async throws {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            var ids: Set<Int64> = []
            for number in 0..<60 { ids.insert(try await scene.enqueue("program:\(number % 7)", key: "\(number)")) }
            let workers = (0..<2).map { _ in scene.worker([JobScene.plain()]) { $0.atOnce = 3 } }
            for worker in workers { worker.start() }
            for id in ids { try await scene.wait(id, for: .done) }
            for worker in workers { await worker.stop(grace: .seconds(1)) }
            let effects = try await scene.effects()
            #expect(effects.count == 60 && Set(effects) == ids)
        }
    }

    @Test func `jobs of a slot are taken in the order in which they are due, the older of two first`() async throws {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            let now = Clock().nowMicroseconds
            var expected: [(due: Int64, id: Int64)] = []
            for (number, due) in [5, 3, 3, 9, 1, 5].enumerated() {
                let dueAt = now - Int64(due) * 1_000_000
                expected.append((dueAt, try await scene.enqueue("program:1", key: "\(number)", dueAt: Timestamp(microseconds: dueAt))))
            }
            expected.sort { ($0.due, $0.id) < ($1.due, $1.id) }
            let worker = scene.worker([JobScene.plain()])
            worker.start()
            for job in expected { try await scene.wait(job.id, for: .done) }
            await worker.stop(grace: .seconds(1))
            #expect(try await scene.effects() == expected.map(\.id))
        }
    }

    @Test func `the later owner finishes, and whoever froze past the lease changes nothing`() async throws {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            let id = try await scene.enqueue("program:1")
            let (begun, thawed) = (Lock(), Lock())
            let zombie = scene.worker([
                QueuedJobHandler("trial") { lease in
                    begun.open()
                    await thawed.wait()
                    try await lease.complete { transaction in try await JobScene.effect(lease, in: transaction) }
                }
            ])
            let frozen = Task { try await zombie.runOne(id) }
            await begun.wait()
            try await scene.letLeasesRunOut()
            let later = scene.worker([JobScene.plain()])
            later.start()
            try await scene.wait(id, for: .done)
            let done = try await scene.job(id)
            thawed.open()
            await #expect(throws: JobLeaseLost.self) { try await frozen.value }
            await later.stop(grace: .seconds(1))
            #expect(try await scene.effects() == [id])
            let after = try await scene.job(id)
            #expect(after.state == .done && after.fence == 2 && after.finishedAt == done.finishedAt && after.failure == "lease_ran_out")
        }
    }

    @Test func `a lease that ran out while nobody took it still completes, and one with an older fence never does`() async throws {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            let id = try await scene.enqueue("program:1")
            try await scene.worker([
                QueuedJobHandler("trial") { lease in
                    try await scene.letLeasesRunOut()
                    try await lease.complete { transaction in try await JobScene.effect(lease, in: transaction) }
                }
            ]).runOne(id)
            #expect(try await scene.effects() == [id])

            // Taken by another, given back, and taken once more: the first one's fence is two behind.
            let second = try await scene.enqueue("program:2")
            let leases = scene.worker([]).leases()
            let slot = QueuedJobStore.slot(of: "program:2")
            let old = try #require(try await leases.take(second, slot, attemptsMax: 9))
            try await scene.letLeasesRunOut()
            let newer = try #require(try await leases.take(second, slot, attemptsMax: 9))
            #expect(try await leases.release(newer))
            let newest = try #require(try await leases.take(second, slot, attemptsMax: 9))
            #expect([old.fence, newer.fence, newest.fence] == [1, 2, 3])
            for stale in [old, newer] {
                #expect(try await leases.renew(stale, nil) == .lost)
                #expect(try await !leases.fail(stale, failure: "x", rest: nil))
                #expect(try await !leases.release(stale))
                #expect(try await !leases.cancel(stale))
                let lease = JobLease(stale, database: database, store: leases)
                await #expect(throws: JobLeaseLost.self) {
                    try await lease.complete { transaction in try await JobScene.effect(lease, in: transaction) }
                }
                await #expect(throws: JobLeaseLost.self) {
                    try await lease.step { transaction in try await JobScene.effect(lease, in: transaction) }
                }
            }
            #expect(try await leases.renew(newest, nil) == .held)
            #expect(try await scene.effects() == [id])
        }
    }

    @Test func `nobody takes a job from a transaction that is completing it`() async throws {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            let id = try await scene.enqueue("program:1")
            let leases = scene.worker([]).leases()
            let slot = QueuedJobStore.slot(of: "program:1")
            let lease = JobLease(try #require(try await leases.take(id, slot, attemptsMax: 5)), database: database, store: leases)
            try await lease.complete { transaction in
                try await scene.letLeaseRunOut(lease, in: transaction)
                #expect(try await leases.take(id, slot, attemptsMax: 5) == nil)
                #expect(try await leases.claim(slot, [JobScene.plain()]) == nil)
                // Its own heartbeat neither waits for the transaction nor takes it for a stranger's.
                #expect(try await lease.renew())
                try await JobScene.effect(lease, in: transaction)
            }
            #expect(try await scene.effects() == [id])
        }
    }

    @Test func `effect and end are one transaction: what the effect throws undoes both`() async throws {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            let id = try await scene.enqueue("program:1")
            let tries = Atomic(0)
            let worker = scene.worker([
                QueuedJobHandler("trial") { lease in
                    try await lease.complete { transaction in
                        try await JobScene.effect(lease, in: transaction)
                        if tries.add(1, ordering: .relaxed).newValue < 3 { throw Secret() }
                    }
                }
            ])
            worker.start()
            try await scene.wait(id, for: .done)
            await worker.stop(grace: .seconds(1))
            #expect(try await scene.effects() == [id])
            let job = try await scene.job(id)
            #expect(job.attempts == 3 && job.failure == "Secret", "the kind of the error, never its text")
        }
    }

    @Test func `a job that goes on failing rests ever longer, is dead after its last attempt, and a refusal is dead at once`() async throws
    {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            let (failing, refused) = (try await scene.enqueue("program:1"), try await scene.enqueue("program:2", kind: "refused"))
            let worker = scene.worker([
                QueuedJobHandler("trial", attemptsMax: 3) { _ in throw Secret() },
                QueuedJobHandler("refused") { _ in throw JobRefusal("program.no_applicants") },
            ])
            worker.start()
            try await scene.wait(failing, for: .dead)
            try await scene.wait(refused, for: .dead)
            await worker.stop(grace: .seconds(600))
            let (first, second) = (try await scene.job(failing), try await scene.job(refused))
            #expect(first.attempts == 3 && first.attemptsMax == 3 && first.failure == "Secret" && first.finishedAt != nil)
            #expect(second.attempts == 1 && second.failure == "program.no_applicants")
            // By the row: the rest before the next attempt is in the future.
            let third = try await scene.enqueue("program:3")
            let slow = scene.worker([QueuedJobHandler("trial") { _ in throw Secret() }]) { $0.backOff = .queued }
            await #expect(throws: Secret.self) { try await slow.runOne(third) }
            let rested = try await scene.job(third)
            let rest = rested.dueAt.microseconds - (try #require(rested.heartbeatAt)).microseconds
            #expect(rested.state == .queued && rest > 3_900_000 && rest < 30_000_000)
        }
    }

    @Test func `rests double, differ by chance and are capped`() {
        let backOff = JobBackOff(first: .seconds(5), longest: .seconds(3_600))
        #expect((1...4).map { backOff.rest(afterFailures: $0, chance: 0.5) } == [5, 10, 20, 40].map { .seconds($0) })
        #expect([0, 1].map { (backOff.rest(afterFailures: 1, chance: $0).secondsValue * 1_000).rounded() } == [4_000, 6_000])
        for failures in [11, 40, 1_000_000] { #expect(backOff.rest(afterFailures: failures, chance: 0.5) == .seconds(3_600)) }
    }

    @Test func `a job whose server died each time is dead in the end, and does not kill one server after the other`() async throws {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            let id = try await scene.enqueue("program:1")
            let leases = scene.worker([]).leases()
            let slot = QueuedJobStore.slot(of: "program:1")
            for attempt in 1...3 {
                #expect(try await leases.claim(slot, [JobScene.plain(attemptsMax: 3)])?.attempt == attempt)
                try await scene.letLeasesRunOut()
            }
            #expect(try await leases.claim(slot, [JobScene.plain(attemptsMax: 3)]) == nil)
            let job = try await scene.job(id)
            #expect(job.state == .dead && job.failure == "lease_ran_out")
        }
    }

    @Test func `progress is seen by all who look, and cancelling reaches a handler that runs`() async throws {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            let id = try await scene.enqueue("program:1")
            let worker = scene.worker([
                QueuedJobHandler("trial") { lease in
                    try await lease.progress(3, of: 8, phase: "sharing")
                    while true { try await lease.progress(4, of: 8, phase: "sharing") }
                }
            ])
            worker.start()
            while try await scene.job(id).progress == nil { await Task.yield() }
            let running = try await scene.job(id)
            #expect(running.progress?.total == 8 && running.progress?.phase == "sharing" && running.state == .running)
            #expect(running.leasedBy?.contains(":") == true)
            #expect(try await scene.queue.runNow(id) == .running)
            #expect(try await scene.queue.cancel(id) == .asked)
            try await scene.wait(id, for: .cancelled)
            await worker.stop(grace: .seconds(1))
            #expect(try await scene.effects().isEmpty)
            #expect(try await scene.job(id).leasedBy == nil)
        }
    }

    @Test func `a job that was to be cancelled does not complete any more`() async throws {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            let id = try await scene.enqueue("program:1")
            let worker = scene.worker([
                QueuedJobHandler("trial") { lease in
                    _ = try await scene.queue.cancel(lease.id)
                    try await lease.complete { transaction in try await JobScene.effect(lease, in: transaction) }
                }
            ])
            await #expect(throws: JobCancelled.self) { try await worker.runOne(id) }
            #expect(try await scene.effects().isEmpty)
            #expect(try await scene.job(id).state == .cancelled)
        }
    }

    @Test func `a heartbeat keeps the lease of a handler that computes, and tells it when it is lost`() async throws {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            let (id, told) = (try await scene.enqueue("program:1"), Lock())
            let worker = scene.worker([
                QueuedJobHandler("trial") { lease in
                    // Never a suspension: as code that computes.
                    do { while true { try lease.note(1, of: 2, phase: "sharing") } } catch {
                        told.open()
                        throw error
                    }
                }
            ]) { $0.lease = .milliseconds(300) }
            let running = Task { try await worker.runOne(id) }
            while try await scene.job(id).progress == nil { await Task.yield() }
            let first = try #require(try await scene.job(id).leasedUntil)
            while try #require(try await scene.job(id).leasedUntil) <= first { await Task.yield() }
            #expect(!told.isOpen)
            // Another's, all at once.
            _ = try await database.query("update queued_job set fence = fence + 1, leased_by = 'another' where queued_job_id = \(id)")
            await told.wait()
            await #expect(throws: (any Error).self) { try await running.value }
            #expect(try await scene.job(id).leasedBy == "another", "left alone")
        }
    }

    @Test func `a server that stops gives its job back, unfinished and uncounted, and another goes on at once`() async throws {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            let (id, begun) = (try await scene.enqueue("program:1"), Lock())
            let stopping = scene.worker([
                QueuedJobHandler("trial") { lease in
                    begun.open()
                    while true { try await lease.progress(1, of: 2, phase: "sharing") }
                }
            ])
            stopping.start()
            await begun.wait()
            await stopping.stop(grace: .seconds(60))
            let back = try await scene.job(id)
            #expect(back.state == .queued && back.attempts == 0 && back.leasedBy == nil)
            try await scene.worker([JobScene.plain()]).runOne(id)
            #expect(try await scene.effects() == [id])
        }
    }

    @Test func `a handler that does not hear the stop loses its job, and changes nothing afterwards`() async throws {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            let (id, begun, deaf, over) = (try await scene.enqueue("program:1"), Lock(), Lock(), Lock())
            let stopping = scene.worker([
                QueuedJobHandler("trial") { lease in
                    begun.open()
                    await deaf.wait()
                    defer { over.open() }
                    try await lease.complete { transaction in try await JobScene.effect(lease, in: transaction) }
                }
            ])
            stopping.start()
            await begun.wait()
            await stopping.stop(grace: .zero)
            try await scene.worker([JobScene.plain()]).runOne(id)
            deaf.open()
            await over.wait()
            #expect(try await scene.effects() == [id])
        }
    }

    @Test func `a server that stops while it takes a job gives it back before doing anything of it`() async throws {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            let (worker, id) = (scene.worker([JobScene.plain()]), try await scene.enqueue("program:1"))
            let stop = try await database.transaction { transaction in
                // Reads go through, taking a job waits.
                _ = try await transaction.query("lock table queued_job in share row exclusive mode")
                worker.start()
                let waits: SQL = "select from pg_locks where relation = 'queued_job'::regclass and not granted"
                while try await transaction.query(waits).isEmpty { await Task.yield() }
                let stop = Task { await worker.stop(grace: .seconds(600)) }
                while !worker.isStopping { await Task.yield() }
                return stop
            }
            await stop.value
            let back = try await scene.job(id)
            #expect(back.state == .queued && back.attempts == 0 && back.leasedBy == nil)
            #expect(try await scene.effects().isEmpty)
        }
    }

    @Test func `kinds that this program does not know wait for one that does`() async throws {
        try await withDatabase { database in
            let scene = try await JobScene(database)
            let (unknown, known) = (try await scene.enqueue("program:1", kind: "newer"), try await scene.enqueue("program:1"))
            let worker = scene.worker([JobScene.plain()])
            worker.start()
            try await scene.wait(known, for: .done)
            await worker.stop(grace: .seconds(1))
            #expect(try await scene.job(unknown).attempts == 0)
            await #expect(throws: JobUnavailable.unhandled(kind: "newer")) { try await worker.runOne(unknown) }
            await #expect(throws: JobUnavailable.unknown) { try await worker.runOne(4_711) }
        }
    }
}
