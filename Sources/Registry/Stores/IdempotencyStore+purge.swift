package import Postgres

extension IdempotencyStore {
    /// Forgets answers older than 72 hours, at most `limit`, the oldest first.
    /// - Returns: how many it forgot.
    package func purge(limit: Int32 = 5_000) async throws(PostgresError) -> Int {
        try await database.query(
            """
            delete from idempotency_key
            where (principal, key) in (
                select principal, key from idempotency_key
                where created_at < clock_timestamp() - interval '72 hours'
                order by created_at, principal, key
                limit \(limit)
                for update skip locked)
            """
        ).affectedRows
    }
}
