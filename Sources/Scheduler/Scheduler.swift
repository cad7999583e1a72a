import Crypto
package import Postgres
package import Runtime
import Synchronization

/// Runs jobs, each on one server at a time.
///
/// A server that holds a job's lease keeps it and runs the job at its interval, so that an idle service writes one row a job every
/// 20 seconds and not one a run. The others look every 10 seconds whether a lease ran out: after `kill -9` a job rests a minute at most.
package final class Scheduler: Service {
    package let name = "scheduler"

    private static let leaseSeconds: Int64 = 60
    private static let renewal = Duration.seconds(20)
    private static let look = Duration.seconds(10)
    private static let restAfterFailure = Duration.seconds(5)

    private let store: JobStore
    private let jobs: [Job]
    private let log: Log
    private let holder = SecureRandom.bytes(8).map { String($0, radix: 16) }.joined()
    private let tasks = Mutex<[Task<Void, Never>]>([])

    package init(_ database: Database, jobs: [Job], log: Log) {
        precondition(Set(jobs.map(\.name)).count == jobs.count, "jobs have names of their own")
        store = JobStore(database: database)
        self.jobs = jobs
        self.log = log
    }

    package func start() {
        tasks.withLock { tasks in
            tasks = jobs.map { job in Task { await self.keep(job) } }
        }
    }

    /// Ends the runs at their next suspension; what they began in a transaction is undone or done whole.
    package func stop(grace: Duration) async {
        let running = tasks.withLock { tasks in
            defer { tasks = [] }
            return tasks
        }
        for task in running { task.cancel() }
        for task in running { await task.value }
    }

    private func keep(_ job: Job) async {
        while !Task.isCancelled {
            var rest = Self.look
            do throws(PostgresError) {
                if try await store.lease(job.name, by: holder, seconds: Self.leaseSeconds) { await hold(job) }
            } catch {
                log.warning("job.lease_failed", ["job": .text(job.name), "error": .text(error.description)])
                rest = Self.restAfterFailure
            }
            guard await pause(rest) else { return }
        }
    }

    /// Runs the job until its lease is lost or the server stops.
    private func hold(_ job: Job) async {
        let runner = Runs()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.repeatedly(job, runner) }
            group.addTask { await self.renew(job, runner) }
            await group.next()
            group.cancelAll()
        }
        do throws(PostgresError) {
            try await store.release(job.name, by: holder)
        } catch {
            // It runs out by itself.
            log.warning("job.release_failed", ["job": .text(job.name), "error": .text(error.description)])
        }
    }

    private func repeatedly(_ job: Job, _ runs: Runs) async {
        while !Task.isCancelled {
            var rest = job.interval
            do {
                if try await job.run() == .more { rest = .zero }
                runs.count.add(1, ordering: .relaxed)
            } catch {
                if Task.isCancelled { return }
                rest = max(job.interval, Self.restAfterFailure)
                await note(error, job)
            }
            guard await pause(rest) else { return }
        }
    }

    private func renew(_ job: Job, _ runs: Runs) async {
        while await pause(Self.renewal) {
            do throws(PostgresError) {
                let count = runs.count.exchange(0, ordering: .relaxed)
                guard try await store.renew(job.name, by: holder, seconds: Self.leaseSeconds, runs: count) else { return }
            } catch {
                log.warning("job.lease_failed", ["job": .text(job.name), "error": .text(error.description)])
            }
        }
    }

    private func note(_ error: any Error, _ job: Job) async {
        // Of other errors the kind alone: their texts may hold what they failed on.
        let kind =
            (error as? PostgresError)?.description ?? (error as? SystemError)?.description ?? String(describing: type(of: error))
        log.error("job.failed", ["job": .text(job.name), "error": .text(kind)])
        do throws(PostgresError) {
            try await store.fail(job.name, by: holder, failure: kind)
        } catch {
            log.warning("job.failure_not_noted", ["job": .text(job.name), "error": .text(error.description)])
        }
    }

    /// - Returns: false when the task was cancelled meanwhile.
    private func pause(_ duration: Duration) async -> Bool {
        do {
            try await Task.sleep(for: duration)
            return !Task.isCancelled
        } catch {
            return false
        }
    }
}

/// How many runs ended since they were last written down.
private final class Runs: Sendable {
    let count = Atomic<Int64>(0)
}
