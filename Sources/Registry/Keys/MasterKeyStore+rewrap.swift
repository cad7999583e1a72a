import Crypto
import Postgres

// What is sealed under a master key, sealed anew under the one in force: a bounded number of rows in a transaction, each as often as asked.
extension MasterKeyStore {
    /// Which rows a batch begins after, and how many it did.
    struct Progress<Cursor: Sendable>: Sendable {
        let last: Cursor
        let count: Int
    }

    /// A condition that is true of what is sealed under another key than `id`.
    private static func isOther(_ column: String, _ id: UInt16) -> SQL {
        "substr(\(raw: column), 3, 2) <> \([UInt8(id >> 8), UInt8(id & 0xFF)])"
    }

    /// Wraps data keys of members after `cursor` anew, at most `limit`.
    /// - Returns: nil when there is none left.
    func rewrapDataKeys(
        after cursor: Int64, limit: Int, under id: UInt16, _ vault: PersonalDataVault
    ) async throws(TransactionError<PostgresError>) -> Progress<Int64>? {
        try await reseal("member_data_key", "member_id", "wrapped_key", after: cursor, limit: limit, under: id) {
            (member, wrapped) throws(CryptoError) in try vault.rewrap(wrapped, memberID: member)
        }
    }

    /// The same for a column whose envelopes are bound to the number in its table's key.
    func reseal(
        _ table: String, _ key: String, _ column: String, as sealed: SealedColumn, after cursor: Int64, limit: Int, under id: UInt16,
        _ sealer: Sealer
    ) async throws(TransactionError<PostgresError>) -> Progress<Int64>? {
        try await reseal(table, key, column, after: cursor, limit: limit, under: id) { (row, envelope) throws(CryptoError) in
            sealer.seal(try sealer.open(envelope, in: sealed, row: row), in: sealed, row: row)
        }
    }

    private func reseal(
        _ table: String, _ key: String, _ column: String, after cursor: Int64, limit: Int, under id: UInt16,
        _ change: (Int64, [UInt8]) throws(CryptoError) -> [UInt8]
    ) async throws(TransactionError<PostgresError>) -> Progress<Int64>? {
        try await database.transaction { (transaction) async throws(PostgresError) in
            let rows = try await transaction.query(
                """
                select \(raw: key), \(raw: column) from \(raw: table)
                where \(raw: key) > \(cursor) and \(fragment: Self.isOther(column, id))
                order by \(raw: key) limit \(limit)
                for update
                """)
            var keys: [Int64] = []
            var envelopes: [[UInt8]] = []
            for row in rows {
                let number: Int64 = try row.decode(0)
                let envelope: [UInt8] = try row.decode(1)
                keys.append(number)
                envelopes.append(try Self.opening { () throws(CryptoError) in try change(number, envelope) })
            }
            guard let last = keys.last else { return nil }
            _ = try await transaction.query(
                """
                update \(raw: table) set \(raw: column) = given.envelope
                from unnest(\(keys), \(envelopes)) as given (number, envelope)
                where \(raw: table).\(raw: key) = given.number
                """)
            return Progress(last: last, count: keys.count)
        }
    }

    /// Receivers' secrets, the present one of each together with the one of before: a row is written under one key or not at all.
    func resealSecrets(limit: Int, under id: UInt16, _ sealer: Sealer) async throws(TransactionError<PostgresError>) -> Int {
        try await database.transaction { (transaction) async throws(PostgresError) in
            let rows = try await transaction.query(
                """
                select endpoint_id, secret_sealed, previous_secret_sealed from webhook_endpoint
                where \(fragment: Self.isOther("secret_sealed", id)) or \(fragment: Self.isOther("previous_secret_sealed", id))
                order by endpoint_id limit \(limit)
                for update
                """)
            let column = WebhookEndpointStore.secretColumn
            for row in rows {
                let number: Int64 = try row.decode(0)
                var sealed: [[UInt8]?] = []
                for envelope in [try row.decode(1, as: [UInt8]?.self), try row.decode(2, as: [UInt8]?.self)] {
                    guard let envelope else {
                        sealed.append(nil)
                        continue
                    }
                    sealed.append(
                        try Self.opening { () throws(CryptoError) in
                            sealer.seal(try sealer.open(envelope, in: column, row: number), in: column, row: number)
                        })
                }
                _ = try await transaction.query(
                    """
                    update webhook_endpoint set secret_sealed = \(sealed[0]), previous_secret_sealed = \(sealed[1])
                    where endpoint_id = \(number)
                    """)
            }
            return rows.count
        }
    }

    /// Kept answers, whose rows are known by texts.
    func resealAnswers(limit: Int, under id: UInt16, _ sealer: Sealer) async throws(TransactionError<PostgresError>) -> Int {
        try await database.transaction { (transaction) async throws(PostgresError) in
            let rows = try await transaction.query(
                """
                select principal, key, answer_sealed from idempotency_key
                where \(fragment: Self.isOther("answer_sealed", id))
                order by principal, key limit \(limit)
                for update
                """)
            let column = IdempotencyStore.answerColumn
            for row in rows {
                let (principal, key): (String, String) = (try row.decode(0), try row.decode(1))
                let envelope: [UInt8] = try row.decode(2)
                let number = IdempotencyStore.row(principal, key)
                let sealed = try Self.opening { () throws(CryptoError) in
                    sealer.seal(try sealer.open(envelope, in: column, row: number), in: column, row: number)
                }
                _ = try await transaction.query(
                    "update idempotency_key set answer_sealed = \(sealed) where principal = \(principal) and key = \(key)")
            }
            return rows.count
        }
    }

    private static func opening(_ body: () throws(CryptoError) -> [UInt8]) throws(PostgresError) -> [UInt8] {
        do {
            return try body()
        } catch {
            throw .decoding("a row is sealed under a key that the key file lacks, or is damaged")
        }
    }
}
