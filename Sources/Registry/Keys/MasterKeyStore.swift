import Crypto
package import Postgres

/// Every statement about master keys: which there were, and what is sealed under which.
package struct MasterKeyStore: Sendable {
    let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    // MARK: Which there are

    /// Notes the keys of a file where none was noted before.
    func noteFirst(_ keys: Keys) async throws(PostgresError) {
        for (id, fingerprint) in keys.masterKeyFingerprints().sorted(by: { $0.key < $1.key }) {
            _ = try await database.query(
                """
                insert into master_key (master_key_id, fingerprint)
                select \(Int32(id)), \(fingerprint)
                where not exists (select from master_key)
                on conflict do nothing
                """)
        }
    }

    /// Notes a key that is new.
    /// - Returns: false when another key has its number.
    func note(_ id: UInt16, _ keys: Keys) async throws(PostgresError) -> Bool {
        guard let fingerprint = keys.masterKeyFingerprints()[id] else { return false }
        _ = try await database.query(
            "insert into master_key (master_key_id, fingerprint) values (\(Int32(id)), \(fingerprint)) on conflict do nothing")
        return try await !database.query(
            "select from master_key where master_key_id = \(Int32(id)) and fingerprint = \(fingerprint)"
        ).isEmpty
    }

    /// The number of a key in use that the file lacks, or has another of.
    func missing(from keys: Keys) async throws(PostgresError) -> UInt16? {
        let known = keys.masterKeyFingerprints()
        for row in try await database.query(
            "select master_key_id, fingerprint from master_key where destroyed_at is null order by master_key_id")
        {
            guard let id = UInt16(exactly: try row.decode(0, as: Int32.self)) else { continue }
            if try row.decode(1, as: [UInt8].self) != known[id] { return id }
        }
        return nil
    }

    /// Notes that these are gone.
    func noteDestroyed(_ ids: [UInt16]) async throws(PostgresError) {
        _ = try await database.query(
            """
            update master_key set destroyed_at = clock_timestamp()
            where master_key_id = any(\(ids.map(Int32.init))) and destroyed_at is null
            """)
    }

    /// How many others are connected to this database.
    package func otherConnections() async throws(PostgresError) -> Int {
        try await database.query(
            """
            select count(*) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
            """
        )[0].decode(0)
    }

    // MARK: What is sealed under which

    /// Every column whose values are sealed under a master key itself.
    static let columns = [
        ("member_data_key", "wrapped_key"), ("webhook_endpoint", "secret_sealed"), ("webhook_endpoint", "previous_secret_sealed"),
        ("idempotency_key", "answer_sealed"), ("outbox_event", "data_sealed"), ("program", "lottery_secret_sealed"),
        ("coupon_round", "lottery_secret_sealed"), ("insurance_batch", "lottery_secret_sealed"),
        ("school_draw", "lottery_secret_sealed"),
    ]

    private static func rule(_ column: (String, String)) -> String { "\(column.0)_\(column.1)_is_under_current_key" }

    /// Lets every key of the file be sealed under: before another one comes into force.
    func allowAll() async throws(TransactionError<PostgresError>) {
        try await database.transaction { (transaction) async throws(PostgresError) in
            _ = try await transaction.query("set local lock_timeout = '5s'")
            for column in Self.columns {
                _ = try await transaction.query(
                    "alter table \(raw: column.0) drop constraint if exists \(raw: Self.rule(column))")
            }
        }
    }

    /// Lets nothing be sealed but under this key: a server that was forgotten cannot write what nobody could read once the others are gone.
    /// What is there already is not looked at yet.
    func allowOnly(_ id: UInt16) async throws(TransactionError<PostgresError>) {
        let bytes = Hex.encode([UInt8(id >> 8), UInt8(id & 0xFF)])
        try await database.transaction { (transaction) async throws(PostgresError) in
            _ = try await transaction.query("set local lock_timeout = '5s'")
            for column in Self.columns {
                _ = try await transaction.query(
                    "alter table \(raw: column.0) drop constraint if exists \(raw: Self.rule(column))")
                _ = try await transaction.query(
                    """
                    alter table \(raw: column.0) add constraint \(raw: Self.rule(column))
                    check (substr(\(raw: column.1), 3, 2) = '\\x\(raw: bytes)') not valid
                    """)
            }
        }
    }

    /// Proves that nothing is sealed under another key than the one in force.
    /// - Throws: a violated constraint where something is.
    func proveOnly() async throws(PostgresError) {
        for column in Self.columns {
            _ = try await database.query("alter table \(raw: column.0) validate constraint \(raw: Self.rule(column))")
        }
    }
}
