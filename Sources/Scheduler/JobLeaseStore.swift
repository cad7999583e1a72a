import Postgres
import Runtime

/// Queued jobs as their workers see them: taken, kept, ended. Every statement carries the slot and, once the job is taken, the fence.
struct JobLeaseStore: Sendable {
    let database: any Querying
    let holder: String
    let clockOffsetMicroseconds: Int64
    let leaseMicroseconds: Int64

    /// A job that is ours.
    struct Taken: Sendable {
        let slot: Int32
        let id: Int64
        let kind: String
        let subject: String
        let key: String
        let attempt: Int
        let attemptsMax: Int
        let fence: Int64
    }

    /// The slots in which something is due or a lease ran out, that with the oldest first.
    func slotsWithWork(_ kinds: [String]) async throws(PostgresError) -> [Int32] {
        let rows = try await database.query(
            """
            select slot.number
            from (
                select clock_timestamp() as machine_now,
                    clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond' as service_now
            ) moment
            cross join generate_series(0, \(QueuedJobStore.slotCount - 1)) as slot (number)
            cross join lateral (
                (
                    select job.due_at
                    from queued_job job
                    where job.slot = slot.number and job.state = 'queued' and job.due_at <= moment.service_now and job.kind = any(\(kinds))
                    order by job.due_at
                    limit 1
                )
                union all
                (
                    select job.leased_until
                    from queued_job job
                    where job.slot = slot.number and job.state = 'running' and job.leased_until < moment.machine_now
                    order by job.leased_until
                    limit 1
                )
            ) waiting
            group by slot.number
            order by min(waiting.due_at), slot.number
            """)
        var slots: [Int32] = []
        for row in rows { slots.append(try row.decode(0)) }
        return slots
    }

    /// Takes the slot's next job.
    func claim(_ slot: Int32, _ handlers: [QueuedJobHandler]) async throws(PostgresError) -> Taken? {
        let rows = try await database.query(
            """
            select queued_job_id, kind, subject, key, attempt, attempts_max, fence
            from jobs_claim(
                \(slot), \(handlers.map(\.kind)), \(handlers.map { Int32(clamping: $0.attemptsMax) }), \(holder), \(leaseMicroseconds),
                \(clockOffsetMicroseconds))
            """)
        return try Self.taken(slot, rows)
    }

    /// Takes a certain job, due or not.
    func take(_ id: Int64, _ slot: Int32, attemptsMax: Int) async throws(PostgresError) -> Taken? {
        _ = try await database.query("select jobs_run_out(\(slot))")
        let rows = try await database.query(
            """
            select queued_job_id, kind, subject, key, attempt, attempts_max, fence
            from jobs_take(\(slot), \(id), \(Int32(clamping: attemptsMax)), \(holder), \(leaseMicroseconds))
            """)
        return try Self.taken(slot, rows)
    }

    private static func taken(_ slot: Int32, _ rows: QueryResult) throws(PostgresError) -> Taken? {
        guard let row = rows.first else { return nil }
        return Taken(
            slot: slot, id: try row.decode(0), kind: try row.decode(1), subject: try row.decode(2), key: try row.decode(3),
            attempt: try row.decode(4), attemptsMax: try row.decode(5), fence: try row.decode(6))
    }

    private func condition(_ job: Taken) -> SQL {
        "slot = \(job.slot) and queued_job_id = \(job.id) and fence = \(job.fence) and state = 'running'"
    }

    /// What a look at one's own job shows.
    enum Standing: Sendable { case held, cancelAsked, lost }

    /// Keeps the job for another lease and shows how far it is. A transaction of ours that holds the row, completing, is not waited for.
    func renew(_ job: Taken, _ progress: JobProgress?) async throws(PostgresError) -> Standing {
        let rows = try await database.query(
            """
            with held as materialized (
                select queued_job_id from queued_job where \(fragment: condition(job)) for no key update skip locked
            ),
            renewed as (
                update queued_job
                set
                    leased_until = clock_timestamp() + \(leaseMicroseconds) * interval '1 microsecond',
                    heartbeat_at = clock_timestamp(),
                    progress_done = coalesce(\(progress?.done), progress_done),
                    progress_total = coalesce(\(progress?.total), progress_total),
                    progress_phase = coalesce(\(progress?.phase), progress_phase)
                from held
                where queued_job.slot = \(job.slot) and queued_job.queued_job_id = held.queued_job_id
            )
            select cancel_asked from queued_job where \(fragment: condition(job))
            """)
        return try Self.standing(rows)
    }

    /// Locks the job's row until the transaction ends, so that nobody else takes it meanwhile.
    ///
    /// A transaction in which nothing is said for a lease's length is ended by the server: its owner is frozen, and the row must come free.
    func hold(_ job: Taken, in transaction: Transaction) async throws(PostgresError) -> Standing {
        let milliseconds = String(max(1, leaseMicroseconds / 1_000))
        let rows = try await transaction.query(
            """
            select cancel_asked, set_config('idle_in_transaction_session_timeout', \(milliseconds), true)
            from queued_job
            where \(fragment: condition(job))
            for no key update
            """)
        return try Self.standing(rows)
    }

    private static func standing(_ rows: QueryResult) throws(PostgresError) -> Standing {
        guard let row = rows.first else { return .lost }
        return try row.decode(0, as: Bool.self) ? .cancelAsked : .held
    }

    /// Ends a job whose row `hold` has locked.
    func finish(_ job: Taken, _ progress: JobProgress?, in transaction: Transaction) async throws(PostgresError) {
        _ = try await transaction.query(
            """
            update queued_job
            set
                state = 'done', finished_at = clock_timestamp(), leased_by = null, leased_until = null,
                progress_done = coalesce(\(progress?.total), progress_total),
                progress_total = coalesce(\(progress?.total), progress_total),
                progress_phase = coalesce(\(progress?.phase), progress_phase)
            where \(fragment: condition(job))
            """)
    }

    /// Notes an attempt that failed.
    /// - Parameter rest: until the next one; nil when there is none: the job is dead.
    /// - Returns: false when the job is no longer ours, and nothing was noted.
    func fail(_ job: Taken, failure: String, rest: Duration?) async throws(PostgresError) -> Bool {
        let microseconds = (rest ?? .zero).nanoseconds / 1_000 + clockOffsetMicroseconds
        return try await database.query(
            """
            update queued_job
            set
                state = case when cancel_asked then 'cancelled' when \(rest == nil) then 'dead' else 'queued' end,
                finished_at = case when cancel_asked or \(rest == nil) then clock_timestamp() end,
                due_at = case when \(rest == nil) then due_at else clock_timestamp() + \(microseconds) * interval '1 microsecond' end,
                failure = \(failure),
                leased_by = null,
                leased_until = null
            where \(fragment: condition(job))
            """
        ).affectedRows == 1
    }

    /// Ends a job that was to be cancelled.
    func cancel(_ job: Taken) async throws(PostgresError) -> Bool {
        try await database.query(
            """
            update queued_job
            set state = 'cancelled', finished_at = clock_timestamp(), leased_by = null, leased_until = null
            where \(fragment: condition(job)) and cancel_asked
            """
        ).affectedRows == 1
    }

    /// Gives a job back as if it had not been taken: this server stops.
    func release(_ job: Taken) async throws(PostgresError) -> Bool {
        try await database.query(
            """
            update queued_job
            set
                state = case when cancel_asked then 'cancelled' else 'queued' end,
                finished_at = case when cancel_asked then clock_timestamp() end,
                attempts = attempts - 1,
                leased_by = null,
                leased_until = null
            where \(fragment: condition(job))
            returning pg_notify(\(QueuedJobStore.channel), '')
            """
        ).affectedRows == 1
    }
}
