import Postgres

/// The jobs' leases: every statement about them.
struct JobStore: Sendable {
    let database: Database

    /// Takes the lease if nobody holds it.
    func lease(_ name: String, by holder: String, seconds: Int64) async throws(PostgresError) -> Bool {
        let result = try await database.query(
            """
            insert into job (name, leased_by, leased_until, started_at)
            values (\(name), \(holder), clock_timestamp() + \(seconds) * interval '1 second', clock_timestamp())
            on conflict on constraint job_pkey do update
            set leased_by = excluded.leased_by, leased_until = excluded.leased_until, started_at = excluded.started_at
            where job.leased_until is null or job.leased_until < clock_timestamp()
            """)
        return result.affectedRows == 1
    }

    /// Holds on to the lease and notes the runs since the last time.
    /// - Returns: false when it is another's meanwhile.
    func renew(_ name: String, by holder: String, seconds: Int64, runs: Int64) async throws(PostgresError) -> Bool {
        let result = try await database.query(
            """
            update job
            set leased_until = clock_timestamp() + \(seconds) * interval '1 second', runs = runs + \(runs), finished_at = clock_timestamp()
            where name = \(name) and leased_by = \(holder)
            """)
        return result.affectedRows == 1
    }

    /// - Parameter failure: the kind of error; never its text, which may quote a row.
    func fail(_ name: String, by holder: String, failure: String) async throws(PostgresError) {
        _ = try await database.query(
            """
            update job set failed_at = clock_timestamp(), failure = \(failure), failures = failures + 1
            where name = \(name) and leased_by = \(holder)
            """)
    }

    func release(_ name: String, by holder: String) async throws(PostgresError) {
        _ = try await database.query(
            "update job set leased_by = null, leased_until = null where name = \(name) and leased_by = \(holder)")
    }
}
