package import Postgres
package import Runtime
import Synchronization

/// Runs jobs, each on one server at a time.
///
/// A server that holds a job's lease keeps it and runs the job at its interval, so that an idle service writes one row a job every
/// 20 seconds and not one a run. The others look every 10 seconds whether a lease ran out: after `kill -9` a job rests a minute at most.
/// A run that fails is followed by a rest that doubles with each failure in a row, for every server.
package final class Scheduler: Service {
    package struct Settings: Sendable {
        /// A heartbeat comes every third of it.
        package var lease = Duration.seconds(60)
        /// From one look to the next whether a job of another server came free.
        package var look = Duration.seconds(10)
        /// From one look to the next at what operators asked.
        package var wishes = Duration.seconds(2)
        package var backOff = JobBackOff.recurring

        package init() {}
    }

    package let name = "scheduler"

    /// What can end a job's waits.
    private struct Bells {
        let run: Bell
        let stop: Bell
    }

    private let store: RecurringJobStore
    private let jobs: [Job]
    private let settings: Settings
    private let log: Log
    private let holder = jobHolder()
    private let loop: EventLoop
    private let bells: [String: Bells]
    private let tasks = Mutex<[Task<Void, Never>]>([])

    package init(_ database: Database, jobs: [Job], log: Log, settings: Settings = Settings()) {
        precondition(Set(jobs.map(\.name)).count == jobs.count, "jobs have names of their own")
        store = RecurringJobStore(database)
        self.jobs = jobs
        self.settings = settings
        self.log = log
        let loop = database.loops[0]
        self.loop = loop
        bells = Dictionary(uniqueKeysWithValues: jobs.map { ($0.name, Bells(run: Bell(loop), stop: Bell(loop))) })
    }

    package func start() {
        tasks.withLock { tasks in
            tasks = jobs.map { job in Task { await self.keep(job) } } + [Task(executorPreference: loop) { await self.hear() }]
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

    // MARK: Operators

    private func hear() async {
        let (pause, names) = (Bell(loop), jobs.map(\.name))
        while !Task.isCancelled {
            do throws(PostgresError) {
                for wish in try await store.wishes(names, holder: holder) { try await hear(wish) }
            } catch {
                log.warning("job.wishes_not_heard", ["error": .text(error.description)])
            }
            await pause.wait(settings.wishes)
        }
    }

    private func hear(_ wish: RecurringJobStore.Wish) async throws(PostgresError) {
        guard let bells = bells[wish.name] else { return }
        if wish.isStopped {
            if wish.isOurs { bells.stop.ring() }
            return
        }
        // Who has the job runs it; whoever waits for it tries to take it.
        if wish.isOurs, try await !store.answer(wish.name, holder: holder) { return }
        bells.run.ring()
    }

    // MARK: Runs

    private func keep(_ job: Job) async {
        guard let bells = bells[job.name] else { return }
        var isKnown = false
        while !Task.isCancelled {
            let rings = bells.run.rings
            var rest = settings.look
            do throws(PostgresError) {
                if !isKnown { try await store.register([job]) }
                isKnown = true
                let until = MonotonicTime.current + settings.lease
                if let held = try await store.lease(job.name, by: holder, settings.lease) { await hold(job, held, until, bells) }
            } catch {
                log.warning("job.lease_failed", ["job": .text(job.name), "error": .text(error.description)])
                rest = settings.backOff.rest(afterFailures: 1)
            }
            if !Task.isCancelled { await bells.run.wait(rest * .random(in: 0.8...1), unlessRungSince: rings) }
        }
    }

    /// Runs the job until its lease is lost, an operator stops it or the server stops.
    private func hold(_ job: Job, _ held: RecurringJobStore.Held, _ until: MonotonicTime, _ bells: Bells) async {
        let runs = Runs(until: until)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.repeatedly(job, held, runs, bells) }
            group.addTask(executorPreference: loop) { await self.renew(held, runs, bells) }
            await group.next()
            group.cancelAll()
        }
        do throws(PostgresError) {
            try await store.release(held, runs: runs.takeCount())
        } catch {
            // It runs out by itself.
            log.warning("job.release_failed", ["job": .text(job.name), "error": .text(error.description)])
        }
    }

    private func repeatedly(_ job: Job, _ held: RecurringJobStore.Held, _ runs: Runs, _ bells: Bells) async {
        var failures = held.failuresInRow
        // A server that was frozen wakes up here or there with a lease of long ago: it begins nothing.
        while !Task.isCancelled, runs.isWithinLease {
            let rings = bells.run.rings
            var rest = job.interval
            do {
                if try await job.run(JobFence(held, settings.lease)) == .more { rest = .zero }
                runs.add()
                if failures > 0 {
                    failures = 0
                    try await store.recover(held)
                }
            } catch {
                if Task.isCancelled || error is JobLeaseLost { return }
                rest = await note(error, job, held, &failures)
            }
            if rest > .zero { await bells.run.wait(rest, unlessRungSince: rings) }
        }
    }

    private func renew(_ held: RecurringJobStore.Held, _ runs: Runs, _ bells: Bells) async {
        while !Task.isCancelled {
            let rings = bells.stop.rings
            await bells.stop.wait(settings.lease / 3, unlessRungSince: rings)
            if Task.isCancelled || bells.stop.rings != rings { return }
            let count = runs.takeCount()
            let until = MonotonicTime.current + settings.lease
            do throws(PostgresError) {
                guard try await store.renew(held, settings.lease, runs: count) else { return }
                runs.extend(until: until)
            } catch {
                runs.add(count)
                log.warning("job.lease_failed", ["job": .text(held.name), "error": .text(error.description)])
                if !runs.isWithinLease { return }
            }
        }
    }

    /// - Returns: how long it is to rest.
    private func note(_ error: any Error, _ job: Job, _ held: RecurringJobStore.Held, _ failures: inout Int) async -> Duration {
        let kind = failureKind(error)
        log.error("job.failed", ["job": .text(job.name), "error": .text(kind)])
        // A database that is away is no fault of the job's: it goes on as soon as it is back.
        if isOutage(error) { return max(job.interval, settings.backOff.rest(afterFailures: 1)) }
        failures += 1
        let rest = max(job.interval, settings.backOff.rest(afterFailures: failures))
        do throws(PostgresError) {
            try await store.fail(held, failure: kind, rest: rest)
        } catch {
            log.warning("job.failure_not_noted", ["job": .text(job.name), "error": .text(error.description)])
        }
        return rest
    }
}

/// How many runs ended since they were last written down, and how long the lease is ours for sure.
private final class Runs: Sendable {
    private let state: Mutex<(count: Int64, until: MonotonicTime)>

    init(until: MonotonicTime) { state = Mutex((0, until)) }

    var isWithinLease: Bool { state.withLock { MonotonicTime.current < $0.until } }
    func add(_ count: Int64 = 1) { state.withLock { $0.count += count } }
    func extend(until: MonotonicTime) { state.withLock { $0.until = until } }

    func takeCount() -> Int64 {
        state.withLock { state in
            defer { state.count = 0 }
            return state.count
        }
    }
}
