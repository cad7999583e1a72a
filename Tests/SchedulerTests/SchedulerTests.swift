import Postgres
import Runtime
import Synchronization
import TestSupport
import Testing

@testable import Scheduler

struct SchedulerTests {
    @Test func `a job runs on one of two servers at a time and on the other after it`() async throws {
        try await withDatabase { database in
            let running = Atomic(0)
            let runs = Atomic(0)
            let overlaps = Atomic(0)
            func job(_ counter: @escaping @Sendable () -> Void) -> Job {
                Job("test.count", every: .milliseconds(1)) {
                    if running.add(1, ordering: .sequentiallyConsistent).newValue > 1 {
                        overlaps.add(1, ordering: .relaxed)
                    }
                    _ = try await database.query("select 1")
                    counter()
                    running.subtract(1, ordering: .sequentiallyConsistent)
                    return .idle
                }
            }
            let first = Scheduler(database, jobs: [job { runs.add(1, ordering: .relaxed) }], log: .silent)
            let second = Scheduler(database, jobs: [job { runs.add(1_000_000, ordering: .relaxed) }], log: .silent)
            first.start()
            while runs.load(ordering: .relaxed) < 3 { await Task.yield() }
            second.start()
            while runs.load(ordering: .relaxed) < 20 { await Task.yield() }
            #expect(runs.load(ordering: .relaxed) < 1_000_000, "the lease is the first one's")
            await first.stop(grace: .seconds(1))
            await second.stop(grace: .seconds(1))
            #expect(overlaps.load(ordering: .relaxed) == 0)

            // The lease was given back, so the next server need not wait for its end.
            let third = Scheduler(database, jobs: [job { runs.add(1_000_000, ordering: .relaxed) }], log: .silent)
            third.start()
            while runs.load(ordering: .relaxed) < 1_000_000 { await Task.yield() }
            await third.stop(grace: .seconds(1))
        }
    }

    @Test func `a lease that ran out is taken, and its holder of before can change nothing any more`() async throws {
        try await withDatabase { database in
            let store = RecurringJobStore(database)
            let minute = Duration.seconds(60)
            try await store.register([Job("test.lease", every: .seconds(1)) { .idle }])
            let first = try #require(try await store.lease("test.lease", by: "a", minute))
            #expect(try await store.lease("test.lease", by: "b", minute) == nil)
            try await Self.letLeaseRunOut("test.lease", database)
            let second = try #require(try await store.lease("test.lease", by: "b", minute))
            #expect(second.fence == first.fence + 1)
            #expect(try await !store.renew(first, minute, runs: 1))
            #expect(try await store.renew(second, minute, runs: 1))
            try await store.fail(first, failure: "x", rest: minute)
            try await store.release(first, runs: 9)
            let job = try #require(try await store.find("test.lease"))
            #expect(job.leasedBy == "b" && job.runs == 1 && job.failures == 0 && job.interval == .seconds(1))
            // The same server again, under a new lease: what its old one still says counts as little.
            try await Self.letLeaseRunOut("test.lease", database)
            _ = try #require(try await store.lease("test.lease", by: "b", minute))
            #expect(try await !store.renew(second, minute, runs: 1))
        }
    }

    @Test func `a transaction that asks the fence happens only while its server has the job`() async throws {
        try await withDatabase { database in
            let store = RecurringJobStore(database)
            let minute = Duration.seconds(60)
            try await store.register([Job("test.fence", every: .seconds(1)) { .idle }])
            _ = try await database.query("create table trial (who text)")
            let job = Job("test.fence", every: .seconds(1)) { fence in
                try await database.transaction { (transaction) async throws(any Error) in
                    try await fence.hold(in: transaction)
                    try await Self.letLeaseRunOut("test.fence", transaction)
                    // Nobody takes it from an open transaction.
                    #expect(try await store.lease("test.fence", by: "c", minute) == nil)
                    _ = try await transaction.query("insert into trial values ('x')")
                }
                return .idle
            }
            let first = try #require(try await store.lease("test.fence", by: "a", minute))
            try await job.run(JobFence(first, minute))
            let second = try #require(try await store.lease("test.fence", by: "b", minute))
            await #expect(throws: (any Error).self) { try await job.run(JobFence(first, minute)) }
            try await job.run(JobFence(second, minute))
            #expect(try await database.query("select count(*) from trial")[0].decode(0) == 2)
        }
    }

    private static func letLeaseRunOut(_ name: String, _ querying: any Querying) async throws {
        _ = try await querying.query("update job set leased_until = clock_timestamp() - interval '1 second' where name = \(name)")
    }

    private struct Secret: Error { let text = "13800138000" }

    private static func quick(_ backOff: JobBackOff = JobBackOff(first: .milliseconds(1), longest: .milliseconds(5))) -> Scheduler.Settings
    {
        var settings = Scheduler.Settings()
        (settings.look, settings.wishes, settings.backOff) = (.milliseconds(5), .milliseconds(5), backOff)
        return settings
    }

    private func find(
        _ name: String, _ database: Database, until condition: (RecurringJob) -> Bool
    ) async throws -> RecurringJob {
        let store = RecurringJobStore(database)
        while true {
            if let job = try await store.find(name), condition(job) { return job }
            await Task.yield()
        }
    }

    @Test func `a job that fails is noted by the kind of its error, rests ever longer and is well again after one good run`() async throws {
        try await withDatabase { database in
            let isWell = Atomic(false)
            let job = Job("test.fail", every: .milliseconds(1)) {
                if !isWell.load(ordering: .relaxed) { throw Secret() }
                return .idle
            }
            let scheduler = Scheduler(database, jobs: [job], log: .silent, settings: Self.quick())
            scheduler.start()
            let failing = try await find("test.fail", database) { $0.failuresInRow >= 3 }
            #expect(failing.failure == "Secret" && failing.failures >= 3)
            isWell.store(true, ordering: .relaxed)
            let well = try await find("test.fail", database) { $0.failuresInRow == 0 }
            #expect(well.failures >= 3 && well.failure == "Secret" && well.restsUntil == nil)
            await scheduler.stop(grace: .seconds(1))
        }
    }

    @Test func `a rest after failures holds for every server, until an operator asks for a run`() async throws {
        try await withDatabase { database in
            let job = Job("test.rest", every: .milliseconds(1)) { throw Secret() }
            let first = Scheduler(
                database, jobs: [job], log: .silent, settings: Self.quick(JobBackOff(first: .seconds(3_600), longest: .seconds(3_600))))
            first.start()
            let failed = try await find("test.rest", database) { $0.failures == 1 }
            #expect(failed.restsUntil != nil)
            await first.stop(grace: .seconds(1))

            let ran = Atomic(0)
            let counting = Job("test.rest", every: .seconds(3_600)) {
                ran.add(1, ordering: .relaxed)
                return .idle
            }
            let marker = Job("test.marker", every: .milliseconds(1)) { .idle }
            let second = Scheduler(database, jobs: [counting, marker], log: .silent, settings: Self.quick())
            second.start()
            _ = try await find("test.marker", database) { $0.leasedBy != nil }
            let resting = try await find("test.rest", database) { $0.failures == 1 }
            #expect(resting.leasedBy == nil, "it rests")
            #expect(try await RecurringJobStore(database).runNow("test.rest"))
            while ran.load(ordering: .relaxed) < 1 { await Task.yield() }
            // And of a job that is held and sleeps for an hour.
            _ = try await find("test.rest", database) { !$0.isAsked && $0.failuresInRow == 0 }
            let before = ran.load(ordering: .relaxed)
            #expect(try await RecurringJobStore(database).runNow("test.rest"))
            while ran.load(ordering: .relaxed) <= before { await Task.yield() }
            #expect(try await !RecurringJobStore(database).runNow("test.unknown"))
            await second.stop(grace: .seconds(1))
        }
    }

    @Test func `a job that an operator stopped is let go and runs nowhere until it is started again`() async throws {
        try await withDatabase { database in
            let runs = Atomic(0)
            let job = Job("test.stop", every: .milliseconds(1)) {
                runs.add(1, ordering: .relaxed)
                return .idle
            }
            let store = RecurringJobStore(database)
            let scheduler = Scheduler(database, jobs: [job], log: .silent, settings: Self.quick())
            scheduler.start()
            while runs.load(ordering: .relaxed) < 2 { await Task.yield() }
            #expect(try await store.stop("test.stop"))
            let stopped = try await find("test.stop", database) { $0.leasedBy == nil }
            #expect(stopped.isStopped && stopped.runs >= 2)
            #expect(try await !store.runNow("test.stop"), "it is stopped")
            let before = runs.load(ordering: .relaxed)
            #expect(try await store.lease("test.stop", by: "another", .seconds(60)) == nil)
            #expect(runs.load(ordering: .relaxed) == before)
            #expect(try await store.start("test.stop"))
            while runs.load(ordering: .relaxed) == before { await Task.yield() }
            #expect(try await !store.stop("test.unknown"))
            #expect(try await !store.start("test.unknown"))
            await scheduler.stop(grace: .seconds(1))
        }
    }
}
