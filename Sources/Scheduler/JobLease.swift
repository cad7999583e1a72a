package import Postgres
import Runtime
import Synchronization

/// The right to do one job, for a while; a heartbeat beside the handler keeps it.
///
/// Others may come to hold the job: when this server froze past its lease, or lost the database for as long. Then `progress`, `step` and
/// `complete` throw `JobLeaseLost`, and nothing that they were given happens.
package final class JobLease: Sendable {
    /// The job's number; with `fence`, a name for this attempt that nothing else ever has.
    package let id: Int64
    package let kind: String
    package let subject: String
    package let key: String
    /// 1 for the first.
    package let attempt: Int
    /// Grows with every lease of the job.
    package let fence: Int64

    let job: JobLeaseStore.Taken
    private let database: Database
    private let store: JobLeaseStore
    private let state = Mutex(State())

    enum End: Sendable { case lost, cancelled }

    private struct State {
        var progress: JobProgress?
        /// What the row shows, and since when.
        var shown: JobProgress?
        var shownAt: MonotonicTime?
        var isCompleting = false
        var isDone = false
        var end: End?
    }

    /// Progress is written no more often than this, but when the phase changes.
    private static let progressInterval = Duration.milliseconds(250)

    init(_ job: JobLeaseStore.Taken, database: Database, store: JobLeaseStore) {
        (id, kind, subject, key, attempt, fence) = (job.id, job.kind, job.subject, job.key, job.attempt, job.fence)
        self.job = job
        self.database = database
        self.store = store
    }

    /// Shows how far the work is, for all who look at the job. Cheap to call often: it writes four times a second at most.
    /// - Throws: `JobLeaseLost`, `JobCancelled`: stop, nothing more of it counts. A database that is away for a moment is no reason.
    package func progress(_ done: Int64, of total: Int64, phase: String) async throws {
        try note(done, of: total, phase: phase)
        let mustWrite = state.withLock { state in
            guard let shownAt = state.shownAt, state.shown?.phase == phase else { return true }
            return MonotonicTime.current - shownAt >= Self.progressInterval
        }
        if mustWrite { try await renew() }
        try check()
    }

    /// The same without a wait, for code that computes: the next heartbeat writes it.
    /// - Throws: `JobLeaseLost`, `JobCancelled`, as the last heartbeat heard.
    package func note(_ done: Int64, of total: Int64, phase: String) throws {
        state.withLock { $0.progress = JobProgress(done, of: total, phase: phase) }
        try check()
    }

    /// - Throws: `JobLeaseLost`, `JobCancelled`, as the last heartbeat heard; `CancellationError` when this server stops.
    package func check() throws {
        switch state.withLock({ $0.end }) {
        case .lost: throw JobLeaseLost()
        case .cancelled: throw JobCancelled()
        case nil: try Task.checkCancellation()
        }
    }

    /// The effect and the job's end, in one transaction: both happen or neither. First the fence is checked and the job's row locked.
    ///
    /// Compute before and write here: a transaction that is silent for a lease's length is taken for that of a frozen server and ended.
    /// - Parameter effect: may be run again from its start after a deadlock. What it throws undoes everything and is thrown on.
    /// - Throws: `JobLeaseLost`, `JobCancelled`: nothing happened. `PostgresError.connectionLost`: it may have happened; if not, another
    ///   attempt follows.
    package func complete<Failure: Error>(_ effect: (Transaction) async throws(Failure) -> Void) async throws {
        let progress = state.withLock { state in
            precondition(!state.isDone, "a job completes once")
            state.isCompleting = true
            return state.progress
        }
        defer { state.withLock { $0.isCompleting = false } }
        try await fenced { transaction in
            try await effect(transaction)
            try await store.finish(job, progress, in: transaction)
        }
        state.withLock { $0.isDone = true }
    }

    /// Part of a long effect in a transaction of its own, fenced like the whole, which goes on after it. The next attempt must find by the
    /// rows what was done.
    package func step<Failure: Error>(_ effect: (Transaction) async throws(Failure) -> Void) async throws {
        try await fenced { transaction in try await effect(transaction) }
    }

    private func fenced(_ body: (Transaction) async throws -> Void) async throws {
        try await database.inTransaction { transaction in
            switch try await store.hold(job, in: transaction) {
            case .lost: throw end(.lost, JobLeaseLost())
            case .cancelAsked: throw end(.cancelled, JobCancelled())
            case .held: try await body(transaction)
            }
        }
    }

    private func end(_ end: End, _ error: any Error) -> any Error {
        state.withLock { $0.end = end }
        return error
    }

    // MARK: What the worker asks

    var isDone: Bool { state.withLock { $0.isDone } }
    var ended: End? { state.withLock { $0.end } }

    /// One heartbeat. An outage of the database is passed over: if it lasts, the lease runs out, and the fence decides.
    /// - Returns: false when the work is no longer wanted.
    @discardableResult
    func renew() async throws -> Bool {
        let progress = state.withLock { state in
            state.shownAt = .current
            return state.progress
        }
        let standing: JobLeaseStore.Standing
        do throws(PostgresError) {
            standing = try await store.renew(job, progress)
        } catch {
            if error.isOutage { return true }
            throw error
        }
        return state.withLock { state in
            state.shown = progress
            // Its own completion may have ended the job, and the answer not have come yet.
            if state.isCompleting || state.isDone { return true }
            switch standing {
            case .held: return true
            case .cancelAsked: state.end = .cancelled
            case .lost: state.end = .lost
            }
            return false
        }
    }
}
