package import Postgres
import Runtime

/// Recurring jobs: their leases, how their runs went, and what operators ask of them.
package struct RecurringJobStore: Sendable {
    private let database: any Querying

    package init(_ database: Database) { self.database = database }

    init(on querying: any Querying) { database = querying }

    // MARK: For who runs them

    /// A job that is ours for a while.
    struct Held: Hashable, Sendable {
        let name: String
        let holder: String
        let fence: Int64
        /// How often in a row it has failed, whoever ran it.
        let failuresInRow: Int
    }

    /// Makes the rows of jobs that never ran.
    func register(_ jobs: [Job]) async throws(PostgresError) {
        _ = try await database.query(
            """
            insert into job as known (name, interval_ms)
            select given.name, given.interval_ms
            from unnest(\(jobs.map(\.name)), \(jobs.map { max(1, $0.interval.milliseconds) })) as given (name, interval_ms)
            order by given.name
            on conflict on constraint job_pkey do update
            set interval_ms = excluded.interval_ms
            where known.interval_ms is distinct from excluded.interval_ms
            """)
    }

    /// Takes the lease if nobody holds it, the job is not stopped, and it does not rest after a failure. A transaction of a holder of
    /// before that is still open is not waited for.
    func lease(_ name: String, by holder: String, _ lease: Duration) async throws(PostgresError) -> Held? {
        let rows = try await database.query(
            """
            with free as materialized (
                select name
                from job
                where name = \(name)
                    and state = 'active'
                    and (leased_until is null or leased_until < clock_timestamp())
                    and (due_at <= clock_timestamp() or asked_at is not null)
                for no key update skip locked
            )
            update job
            set
                leased_by = \(holder),
                leased_until = clock_timestamp() + \(lease.nanoseconds / 1_000) * interval '1 microsecond',
                fence = fence + 1,
                heartbeat_at = clock_timestamp(),
                started_at = clock_timestamp(),
                asked_at = null
            from free
            where job.name = free.name
            returning job.fence, job.failures_in_row
            """)
        guard let row = rows.first else { return nil }
        return Held(name: name, holder: holder, fence: try row.decode(0), failuresInRow: try row.decode(1))
    }

    private func condition(_ held: Held) -> SQL {
        "name = \(held.name) and leased_by = \(held.holder) and fence = \(held.fence)"
    }

    /// A heartbeat: holds on to the lease and notes the runs since the last one.
    /// - Returns: false when it is another's meanwhile, or an operator stopped the job.
    func renew(_ held: Held, _ lease: Duration, runs: Int64) async throws(PostgresError) -> Bool {
        let rows = try await database.query(
            """
            with free as materialized (
                select name from job where \(fragment: condition(held)) for no key update skip locked
            ),
            renewed as (
                update job
                set
                    leased_until = clock_timestamp() + \(lease.nanoseconds / 1_000) * interval '1 microsecond',
                    heartbeat_at = clock_timestamp(),
                    runs = runs + \(runs),
                    finished_at = case when \(runs) > 0 then clock_timestamp() else finished_at end
                from free
                where job.name = free.name
            )
            select state = 'active' from job where \(fragment: condition(held))
            """)
        return try rows.first?.decode(0) ?? false
    }

    /// Notes a run that failed, and that nobody is to begin the next one before it has rested.
    /// - Parameter failure: the kind of error; never its text, which may quote a row.
    func fail(_ held: Held, failure: String, rest: Duration) async throws(PostgresError) {
        _ = try await database.query(
            """
            update job
            set
                failed_at = clock_timestamp(), failure = \(failure), failures = failures + 1, failures_in_row = failures_in_row + 1,
                due_at = clock_timestamp() + \(rest.nanoseconds / 1_000) * interval '1 microsecond'
            where \(fragment: condition(held))
            """)
    }

    /// Notes the first run that went well again.
    func recover(_ held: Held) async throws(PostgresError) {
        _ = try await database.query("update job set failures_in_row = 0, due_at = '-infinity' where \(fragment: condition(held))")
    }

    func release(_ held: Held, runs: Int64) async throws(PostgresError) {
        _ = try await database.query(
            """
            update job
            set
                leased_by = null, leased_until = null, runs = runs + \(runs),
                finished_at = case when \(runs) > 0 then clock_timestamp() else finished_at end
            where \(fragment: condition(held))
            """)
    }

    /// Locks the row until the transaction ends, if the lease is still held: nobody else takes it meanwhile.
    static func hold(_ held: Held, _ lease: Duration, in querying: any Querying) async throws(PostgresError) -> Bool {
        let milliseconds = String(max(1, lease.milliseconds))
        let rows = try await querying.query(
            """
            select set_config('idle_in_transaction_session_timeout', \(milliseconds), true)
            from job
            where name = \(held.name) and leased_by = \(held.holder) and fence = \(held.fence)
            for no key update
            """)
        return !rows.isEmpty
    }

    /// What operators asked of these jobs, and whether this holder has the job.
    struct Wish: Sendable {
        let name: String
        let isStopped: Bool
        let isOurs: Bool
    }

    func wishes(_ names: [String], holder: String) async throws(PostgresError) -> [Wish] {
        let rows = try await database.query(
            """
            select name, state = 'stopped', coalesce(leased_by = \(holder), false)
            from job
            where name = any(\(names)) and (asked_at is not null or state = 'stopped')
            order by name
            """)
        var wishes: [Wish] = []
        for row in rows { wishes.append(Wish(name: try row.decode(0), isStopped: try row.decode(1), isOurs: try row.decode(2))) }
        return wishes
    }

    /// Takes on the run that was asked for.
    func answer(_ name: String, holder: String) async throws(PostgresError) -> Bool {
        try await database.query(
            "update job set asked_at = null where name = \(name) and leased_by = \(holder) and asked_at is not null"
        ).affectedRows == 1
    }

    // MARK: For operators

    /// All that ever ran, by name.
    package func list() async throws(PostgresError) -> [RecurringJob] {
        var jobs: [RecurringJob] = []
        for row in try await database.query("select \(raw: Self.columns) from job order by name") { jobs.append(try Self.job(row)) }
        return jobs
    }

    package func find(_ name: String) async throws(PostgresError) -> RecurringJob? {
        try await database.query("select \(raw: Self.columns) from job where name = \(name)").first.map { row throws(PostgresError) in
            try Self.job(row)
        }
    }

    /// Asks for a run at once: the server that has the job begins it within seconds, and if none has it, the first that comes.
    /// - Returns: false when there is no such job or it is stopped.
    package func runNow(_ name: String, in querying: (any Querying)? = nil) async throws(PostgresError) -> Bool {
        try await (querying ?? database).query(
            "update job set asked_at = clock_timestamp() where name = \(name) and state = 'active'"
        ).affectedRows == 1
    }

    /// No server runs it until `start`; a run under way ends at its next step.
    /// - Returns: false when there is no such job.
    package func stop(_ name: String, in querying: (any Querying)? = nil) async throws(PostgresError) -> Bool {
        try await (querying ?? database).query(
            "update job set state = 'stopped', asked_at = null where name = \(name)"
        ).affectedRows == 1
    }

    /// Runs it again, at once.
    /// - Returns: false when there is no such job.
    package func start(_ name: String, in querying: (any Querying)? = nil) async throws(PostgresError) -> Bool {
        try await (querying ?? database).query(
            "update job set state = 'active', asked_at = clock_timestamp() where name = \(name)"
        ).affectedRows == 1
    }

    private static let columns = """
        name, interval_ms, state, asked_at is not null as is_asked, leased_by, leased_until, heartbeat_at, started_at, finished_at,
        failed_at, failure, runs, failures, failures_in_row, case when due_at > clock_timestamp() then due_at end as rests_until
        """

    private static func job(_ row: Row) throws(PostgresError) -> RecurringJob {
        RecurringJob(
            name: try row.decode("name"), interval: try row.decode("interval_ms", as: Int64?.self).map { .milliseconds($0) },
            isStopped: try row.decode("state", as: String.self) == "stopped", isAsked: try row.decode("is_asked"),
            leasedBy: try row.decode("leased_by"), leasedUntil: try row.decode("leased_until"),
            heartbeatAt: try row.decode("heartbeat_at"), startedAt: try row.decode("started_at"),
            finishedAt: try row.decode("finished_at"), failedAt: try row.decode("failed_at"), failure: try row.decode("failure"),
            runs: try row.decode("runs"), failures: try row.decode("failures"), failuresInRow: try row.decode("failures_in_row"),
            restsUntil: try row.decode("rests_until"))
    }
}
