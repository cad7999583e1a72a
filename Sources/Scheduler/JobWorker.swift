package import Postgres
package import Runtime
import Synchronization

/// Does queued jobs, some at a time, beside those of the other servers.
///
/// It looks each second, and whenever `wake` is called, for what is due, and takes one job after the other. A job is leased for half a
/// minute and kept by a heartbeat; a server that dies or freezes leaves it to the others, and its fence keeps it from ending the job
/// afterwards. Handlers run on the global executor; claims and heartbeats on an event loop, which no handler can keep busy.
package final class JobWorker: Service {
    package struct Settings: Sendable {
        /// Jobs at once in this process; 0 does none but by `runOne`.
        package var atOnce = 1
        /// A heartbeat comes every third of it.
        package var lease = Duration.seconds(30)
        /// From one look at the queue to the next.
        package var look = Duration.seconds(1)
        package var backOff = JobBackOff.queued

        package init() {}
    }

    package let name = "job-worker"

    private struct State {
        var tasks: [Task<Void, Never>] = []
        var running: [ObjectIdentifier: JobLease] = [:]
        /// Looks at the queue under way: each may come back with a job.
        var claiming = 0
        var isStopping = false
        var figures = QueuedJobFigures()
    }

    private static let figuresInterval = Duration.seconds(10)

    let database: Database
    private let queue: QueuedJobStore
    private let store: JobLeaseStore
    private let handlers: [QueuedJobHandler]
    private let settings: Settings
    private let log: Log
    private let loop: EventLoop
    private let bell: Bell
    private let state = Mutex(State())

    package init(
        _ database: Database, handlers: [QueuedJobHandler], log: Log, clockOffsetMicroseconds: Int64 = 0, settings: Settings = Settings()
    ) {
        precondition(Set(handlers.map(\.kind)).count == handlers.count, "a kind of job has one handler")
        self.database = database
        queue = QueuedJobStore(database, clockOffsetMicroseconds: clockOffsetMicroseconds)
        store = JobLeaseStore(
            database: database, holder: jobHolder(), clockOffsetMicroseconds: clockOffsetMicroseconds,
            leaseMicroseconds: max(1_000, settings.lease.nanoseconds / 1_000))
        self.handlers = handlers
        self.settings = settings
        self.log = log
        loop = database.loops[0]
        bell = Bell(loop)
    }

    package func start() {
        let works = (0..<(handlers.isEmpty ? 0 : settings.atOnce)).map { _ in Task(executorPreference: loop) { await self.work() } }
        let measuring = Task(executorPreference: loop) { await self.measure() }
        state.withLock { $0.tasks = works + [measuring] }
    }

    /// Something may be due.
    package func wake() { bell.ring() }

    /// How the queue stood at the last look, some ten seconds ago at most.
    package var figures: QueuedJobFigures { state.withLock { $0.figures } }

    /// Gives back what runs: handlers are told at their next `progress`. What is not over within `grace` is given back all the same, and
    /// can no longer complete. A job that a look under way still brings is given back before anything of it is done.
    package func stop(grace: Duration) async {
        let tasks = state.withLock { state in
            state.isStopping = true
            defer { state.tasks = [] }
            return state.tasks
        }
        for task in tasks { task.cancel() }
        let deadline = MonotonicTime.current + grace
        while isBusy, MonotonicTime.current < deadline { await bell.wait(.milliseconds(20)) }
        for lease in running { await giveBack(lease) }
    }

    var isStopping: Bool { state.withLock { $0.isStopping } }
    private var isBusy: Bool { state.withLock { !$0.running.isEmpty || $0.claiming > 0 } }
    private var running: [JobLease] { state.withLock { $0.running.values.sorted { $0.id < $1.id } } }

    /// Does just this job in this process, due or not: for the command line and for tests.
    /// - Throws: `JobUnavailable` when it cannot be had; what the handler throws, after it was noted.
    package func runOne(_ id: Int64) async throws {
        guard let job = try await queue.find(id) else { throw JobUnavailable.unknown }
        guard let handler = handler(of: job.kind) else { throw JobUnavailable.unhandled(kind: job.kind) }
        guard let taken = try await store.take(id, job.slot, attemptsMax: handler.attemptsMax) else {
            guard let now = try await queue.find(id) else { throw JobUnavailable.unknown }
            throw now.state.isOver ? JobUnavailable.over(now.state) : JobUnavailable.running
        }
        try await run(taken, handler).get()
    }

    private func handler(of kind: String) -> QueuedJobHandler? { handlers.first { $0.kind == kind } }

    // MARK: Taking

    private func work() async {
        while !Task.isCancelled {
            let rings = bell.rings
            do throws(PostgresError) {
                if let taken = try await claim(), let handler = handler(of: taken.kind) {
                    _ = await run(taken, handler)
                    continue
                }
            } catch {
                log.warning("job.claim_failed", ["error": .text(error.description)])
            }
            // Not in step with the other servers.
            await bell.wait(settings.look * .random(in: 0.8...1.2), unlessRungSince: rings)
        }
    }

    private func isClaimBegun() -> Bool {
        state.withLock { state in
            if !state.isStopping { state.claiming += 1 }
            return !state.isStopping
        }
    }

    private func claim() async throws(PostgresError) -> JobLeaseStore.Taken? {
        guard isClaimBegun() else { return nil }
        defer { state.withLock { $0.claiming -= 1 } }
        for slot in try await store.slotsWithWork(handlers.map(\.kind)) {
            guard let taken = try await store.claim(slot, handlers) else { continue }
            guard isStopping else { return taken }
            await giveBack(JobLease(taken, database: database, store: store))
            return nil
        }
        return nil
    }

    private func measure() async {
        while !Task.isCancelled {
            do throws(PostgresError) {
                let figures = try await queue.figures()
                state.withLock { $0.figures = figures }
            } catch {
                log.warning("job.figures_failed", ["error": .text(error.description)])
            }
            await bell.wait(Self.figuresInterval)
        }
    }

    // MARK: Doing

    private func run(_ taken: JobLeaseStore.Taken, _ handler: QueuedJobHandler) async -> Result<Void, any Error> {
        let lease = JobLease(taken, database: database, store: store)
        state.withLock { $0.running[ObjectIdentifier(lease)] = lease }
        log.info("job.started", about(lease))
        // Detached: on the global executor, whoever asks.
        let body = Task.detached { [handler] in
            try await handler.body(lease)
            if !lease.isDone { try await lease.complete { _ in } }
        }
        let heartbeat = Task(executorPreference: loop) { await self.beat(lease, for: body) }
        let result = await withTaskCancellationHandler {
            await body.result
        } onCancel: {
            body.cancel()
        }
        heartbeat.cancel()
        await heartbeat.value
        await settle(lease, result)
        state.withLock { $0.running[ObjectIdentifier(lease)] = nil }
        return result
    }

    /// Keeps the lease, and ends the body once it is no longer wanted.
    private func beat(_ lease: JobLease, for body: Task<Void, any Error>) async {
        while true {
            await bell.wait(settings.lease / 3)
            if Task.isCancelled { return }
            do {
                guard try await lease.renew() else { return body.cancel() }
            } catch {
                log.warning("job.heartbeat_failed", about(lease, error))
            }
        }
    }

    private func settle(_ lease: JobLease, _ result: Result<Void, any Error>) async {
        if lease.isDone {
            if case .failure(let error) = result { log.warning("job.failed_after_its_end", about(lease, error)) }
            return log.info("job.done", about(lease))
        }
        guard case .failure(let error) = result else { return }
        do throws(PostgresError) {
            switch error {
            case is JobLeaseLost: log.warning("job.lease_lost", about(lease))
            case is JobCancelled: try await noteCancelled(lease)
            case is JobRefusal: try await noteFailed(lease, error, rest: nil)
            default:
                // Its errors may only come of being told to stop.
                if lease.ended == .lost { return log.warning("job.lease_lost", about(lease, error)) }
                if lease.ended == .cancelled { return try await noteCancelled(lease) }
                if error is CancellationError || isStopping { return await giveBack(lease) }
                let isLast = lease.attempt >= lease.job.attemptsMax
                try await noteFailed(lease, error, rest: isLast ? nil : settings.backOff.rest(afterFailures: lease.attempt))
            }
        } catch {
            // The lease runs out by itself; an unknown outcome of a completion shows in the row.
            log.warning("job.outcome_not_noted", about(lease, error))
        }
    }

    private func noteCancelled(_ lease: JobLease) async throws(PostgresError) {
        if try await store.cancel(lease.job) { log.notice("job.cancelled", about(lease)) }
    }

    private func noteFailed(_ lease: JobLease, _ error: any Error, rest: Duration?) async throws(PostgresError) {
        guard try await store.fail(lease.job, failure: failureKind(error), rest: rest) else { return }
        if rest == nil { log.error("job.dead", about(lease, error)) } else { log.warning("job.failed", about(lease, error)) }
    }

    private func giveBack(_ lease: JobLease) async {
        do throws(PostgresError) {
            if try await store.release(lease.job) { log.notice("job.given_back", about(lease)) }
        } catch {
            log.warning("job.outcome_not_noted", about(lease, error))
        }
    }

    private func about(_ lease: JobLease, _ error: (any Error)? = nil) -> KeyValuePairs<String, LogValue> {
        let attempt = LogValue.integer(Int64(lease.attempt))
        guard let error else {
            return ["job": .integer(lease.id), "kind": .text(lease.kind), "subject": .text(lease.subject), "attempt": attempt]
        }
        return [
            "job": .integer(lease.id), "kind": .text(lease.kind), "subject": .text(lease.subject), "attempt": attempt,
            "error": .text(failureKind(error)),
        ]
    }
}
