import Crypto
package import Postgres

/// Queued jobs as those see them who ask for work, look at it, or call it off.
package struct QueuedJobStore: Sendable {
    /// Notified when there is something to do; `JobWorker.wake` is to be called then.
    package static let channel = "waystation_jobs"
    static let slotCount: Int32 = 16

    private let database: any Querying
    private let clockOffsetMicroseconds: Int64

    package init(_ database: Database, clockOffsetMicroseconds: Int64 = 0) {
        self.init(on: database, clockOffsetMicroseconds: clockOffsetMicroseconds)
    }

    init(on database: any Querying, clockOffsetMicroseconds: Int64 = 0) {
        self.database = database
        self.clockOffsetMicroseconds = clockOffsetMicroseconds
    }

    private var instant: SQL { "clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond'" }

    /// Which part of the queue work on a subject stands in.
    static func slot(of subject: String) -> Int32 {
        Int32(SHA256.hash(Array(subject.utf8))[0]) % slotCount
    }

    /// Asks for work in the transaction of the effect that needs it: nothing is queued if that rolls back.
    /// - Parameters:
    ///   - subject: what the work is about: `program:12`. Never personal data.
    ///   - key: names the work among those of its kind and subject. The same work is queued once, for ever.
    ///   - dueAt: not before this time of the service's clock; nil is now.
    ///   - actor: who asks: `account:1`, `job:programs`.
    /// - Returns: the job; that of before when the same work was asked for before.
    package func enqueue(
        _ kind: String, subject: String, key: String, dueAt: Timestamp? = nil, by actor: String, in querying: any Querying
    ) async throws(PostgresError) -> Int64 {
        let slot = Self.slot(of: subject)
        let made = try await querying.query(
            """
            insert into queued_job (slot, kind, subject, key, due_at, requested_by)
            values (\(slot), \(kind), \(subject), \(key), coalesce(\(dueAt), \(fragment: instant)), \(actor))
            on conflict on constraint queued_job_is_queued_once do nothing
            returning queued_job_id, pg_notify(\(Self.channel), '')
            """)
        if let row = made.first { return try row.decode(0) }
        let found = try await querying.query(
            "select queued_job_id from queued_job where slot = \(slot) and subject = \(subject) and kind = \(kind) and key = \(key)")
        guard let row = found.first else { throw .decoding("the job of before was expected") }
        return try row.decode(0)
    }

    /// The job; nil when there is none of this number.
    package func find(_ id: Int64, in querying: (any Querying)? = nil) async throws(PostgresError) -> QueuedJob? {
        try await (querying ?? database).query(
            "select \(raw: Self.columns) from queued_job where queued_job_id = \(id)"
        ).first.map { row throws(PostgresError) in try Self.job(row) }
    }

    /// Which jobs a list shows.
    package struct Filter: Sendable {
        package var state: QueuedJob.State?
        package var kind: String?
        package var subject: String?
        package var requestedBy: String?

        package init(state: QueuedJob.State? = nil, kind: String? = nil, subject: String? = nil, requestedBy: String? = nil) {
            self.state = state
            self.kind = kind
            self.subject = subject
            self.requestedBy = requestedBy
        }
    }

    /// The newest first, from the one before `id`.
    package func list(
        _ filter: Filter = Filter(), before id: Int64? = nil, limit: Int = 50, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> [QueuedJob] {
        var condition: SQL = "queued_job_id < \(id ?? .max)"
        if let state = filter.state { condition = "\(fragment: condition) and state = \(state.rawValue)" }
        if let kind = filter.kind { condition = "\(fragment: condition) and kind = \(kind)" }
        if let actor = filter.requestedBy { condition = "\(fragment: condition) and requested_by = \(actor)" }
        if let subject = filter.subject {
            condition = "\(fragment: condition) and slot = \(Self.slot(of: subject)) and subject = \(subject)"
        }
        let rows = try await (querying ?? database).query(
            """
            select \(raw: Self.columns)
            from queued_job
            where \(fragment: condition)
            order by queued_job_id desc
            limit \(limit)
            """)
        var jobs: [QueuedJob] = []
        for row in rows { jobs.append(try Self.job(row)) }
        return jobs
    }

    /// What came of asking to cancel a job.
    package enum Cancellation: Hashable, Sendable {
        /// It had not begun, and will not.
        case cancelled
        /// It runs; its owner hears of it with its next heartbeat, and it does not complete.
        case asked
        case over(QueuedJob.State)
        case unknown
    }

    package func cancel(_ id: Int64, in querying: (any Querying)? = nil) async throws(PostgresError) -> Cancellation {
        let changed = try await (querying ?? database).query(
            """
            update queued_job
            set
                cancel_asked = true,
                state = case when state = 'queued' then 'cancelled' else state end,
                finished_at = case when state = 'queued' then clock_timestamp() end
            where queued_job_id = \(id) and state in ('queued', 'running')
            returning state
            """)
        if let row = changed.first { return try row.decode(0, as: String.self) == "cancelled" ? .cancelled : .asked }
        guard let job = try await find(id, in: querying) else { return .unknown }
        return .over(job.state)
    }

    /// What came of asking for a job at once.
    package enum Start: Hashable, Sendable {
        /// It is due; what was dead or cancelled has all its attempts again.
        case due
        case running
        case done
        case unknown
    }

    /// Makes a job due, however long it would have rested; also one that is dead or cancelled.
    package func runNow(_ id: Int64, in querying: (any Querying)? = nil) async throws(PostgresError) -> Start {
        let changed = try await (querying ?? database).query(
            """
            update queued_job
            set
                due_at = least(due_at, \(fragment: instant)),
                attempts = case when state = 'queued' then attempts else 0 end,
                state = 'queued',
                cancel_asked = false,
                finished_at = null
            where queued_job_id = \(id) and state in ('queued', 'dead', 'cancelled')
            returning queued_job_id, pg_notify(\(Self.channel), '')
            """)
        if changed.affectedRows == 1 { return .due }
        guard let job = try await find(id, in: querying) else { return .unknown }
        return job.state == .done ? .done : .running
    }

    /// How the queue stands now.
    package func figures() async throws(PostgresError) -> QueuedJobFigures {
        let rows = try await database.query(
            """
            select
                (select count(*) from queued_job where state = 'queued'),
                (select count(*) from queued_job where state = 'running'),
                (select count(*) from queued_job where state = 'dead'),
                coalesce(extract(epoch from moment.now - (select min(due_at) from queued_job where state = 'queued')), 0)::float8
            from (select \(fragment: instant) as now) moment
            """)
        guard let row = rows.first else { throw .decoding("the queue's figures were expected") }
        return QueuedJobFigures(
            queued: try row.decode(0), running: try row.decode(1), dead: try row.decode(2),
            oldestDueSeconds: max(0, try row.decode(3)))
    }

    static let columns = """
        queued_job_id, slot, kind, subject, key, state, due_at, attempts, attempts_max, fence, leased_by, leased_until, heartbeat_at,
        progress_done, progress_total, progress_phase, failure, cancel_asked, requested_by, created_at, started_at, finished_at
        """

    static func job(_ row: Row) throws(PostgresError) -> QueuedJob {
        guard let state = QueuedJob.State(rawValue: try row.decode("state")) else { throw .decoding("an unknown state of a job") }
        var progress: JobProgress?
        if let done = try row.decode("progress_done", as: Int64?.self), let total = try row.decode("progress_total", as: Int64?.self) {
            progress = JobProgress(done, of: total, phase: try row.decode("progress_phase", as: String?.self) ?? "")
        }
        return QueuedJob(
            id: try row.decode("queued_job_id"), slot: try row.decode("slot"), kind: try row.decode("kind"),
            subject: try row.decode("subject"), key: try row.decode("key"), state: state, dueAt: try row.decode("due_at"),
            attempts: try row.decode("attempts"), attemptsMax: try row.decode("attempts_max"), fence: try row.decode("fence"),
            leasedBy: try row.decode("leased_by"), leasedUntil: try row.decode("leased_until"),
            heartbeatAt: try row.decode("heartbeat_at"), progress: progress, failure: try row.decode("failure"),
            isCancelAsked: try row.decode("cancel_asked"), requestedBy: try row.decode("requested_by"),
            createdAt: try row.decode("created_at"), startedAt: try row.decode("started_at"), finishedAt: try row.decode("finished_at"))
    }
}
