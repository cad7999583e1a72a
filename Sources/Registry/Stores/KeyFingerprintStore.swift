package import Crypto
package import Postgres

/// Ties a database to the key file that its personal data is sealed with.
package struct KeyFingerprintStore: Sendable {
    private let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    /// Whether some key file has been used with this database.
    package func exists() async throws(PostgresError) -> Bool {
        try await !database.query("select 1 from key_fingerprint").isEmpty
    }

    /// What a key file is to a database.
    package enum Verdict: Hashable, Sendable {
        case accepted
        /// It is another database's.
        case foreign
        /// The file lacks this master key, or has another one of its number: it was copied before the keys were rotated.
        case outdated(masterKey: UInt16)
    }

    /// Whether `keys` are those of this database, and all of them; the first keys it ever sees are.
    package func check(_ keys: Keys) async throws(PostgresError) -> Verdict {
        guard try await accepts(keys) else { return .foreign }
        let masterKeys = MasterKeyStore(database)
        try await masterKeys.noteFirst(keys)
        return try await masterKeys.missing(from: keys).map { .outdated(masterKey: $0) } ?? .accepted
    }

    /// Whether `keys` are those of this database; the first keys it ever sees are.
    package func accepts(_ keys: Keys) async throws(PostgresError) -> Bool {
        let fingerprint = HMACKey(keys.blindIndexSecret).authenticate(Array("waystation key fingerprint".utf8))
        _ = try await database.query("insert into key_fingerprint (fingerprint) values (\(fingerprint)) on conflict do nothing")
        return try await !database.query("select 1 from key_fingerprint where fingerprint = \(fingerprint)").isEmpty
    }
}
