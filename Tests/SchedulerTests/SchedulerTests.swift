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

    @Test func `a lease that ran out is taken, and its holder of before lets go`() async throws {
        try await withDatabase { database in
            let store = JobStore(database: database)
            #expect(try await store.lease("test.lease", by: "a", seconds: 60))
            #expect(try await !store.lease("test.lease", by: "b", seconds: 60))
            _ = try await database.query("update job set leased_until = clock_timestamp() - interval '1 second' where name = 'test.lease'")
            #expect(try await store.lease("test.lease", by: "b", seconds: 60))
            #expect(try await !store.renew("test.lease", by: "a", seconds: 60, runs: 1))
            #expect(try await store.renew("test.lease", by: "b", seconds: 60, runs: 1))
        }
    }

    @Test func `a job that fails is noted by the kind of its error and runs again`() async throws {
        struct Secret: Error { let text = "13800138000" }
        try await withDatabase { database in
            let scheduler = Scheduler(
                database,
                jobs: [
                    Job("test.fail", every: .milliseconds(1)) {
                        throw Secret()
                    }
                ], log: .silent)
            scheduler.start()
            while true {
                let rows = try await database.query("select failure from job where name = 'test.fail' and failures > 0")
                if let row = rows.first {
                    #expect(try row.decode(0, as: String?.self) == "Secret")
                    break
                }
                await Task.yield()
            }
            await scheduler.stop(grace: .seconds(1))
        }
    }
}
