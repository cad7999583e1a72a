package import Crypto
package import Postgres
import Runtime

/// Seals the audit's entries and reads the chain back: every statement about it.
package struct AuditChainStore: Sendable {
    let database: Database
    let key: SigningKey

    /// - Parameter key: see `AuditSeal.key`.
    package init(database: Database, key: SigningKey) {
        self.database = database
        self.key = key
    }

    /// Entries in one batch at most; a second's changes are fewer.
    static let batchMax = 5_000

    static let columns = """
        entry.entry_id, entry.chain_id, entry.transaction_id::text::bigint, entry.occurred_at, entry.actor, entry.action, entry.subject,
        entry.organization_id, entry.request_id, entry.details
        """

    /// Chains the entries of ended transactions, in the order of their transactions and numbers, and signs the end.
    ///
    /// The chain's row is locked, so of two servers that seal at once one waits and then finds the work done.
    /// - Returns: the seal, and whether the batch was full; nil when nothing waited.
    package func seal(_ chainID: Int16, batchMax: Int = Self.batchMax) async throws(PostgresError) -> (seal: AuditSeal, isFull: Bool)? {
        try await database.inTransaction { (transaction) async throws(PostgresError) in
            try await seal(chainID, batchMax, in: transaction)
        }
    }

    /// The same in a transaction of the caller's.
    func seal(
        _ chainID: Int16, _ batchMax: Int, in querying: any Querying
    ) async throws(PostgresError) -> (seal: AuditSeal, isFull: Bool)? {
        let locked = try await querying.query("select from audit_chain where chain_id = \(chainID) for update")
        guard !locked.isEmpty else { throw .decoding("the chain \(chainID) is unknown") }
        let head = try await querying.query(
            "select position, hash from audit_link where chain_id = \(chainID) order by position desc limit 1")
        var position: Int64 = try head.first?.decode(0) ?? 0
        var hash: [UInt8] = try head.first?.decode(1) ?? AuditEntry.origin(of: chainID)

        // A horizon or an entry from the future is one of another cluster, whose dump was restored here: such a horizon says nothing,
        // and such an entry's transaction has ended.
        let rows = try await querying.query(
            """
            with span as materialized (
                select
                    case when horizon > pg_snapshot_xmax(pg_current_snapshot()) then xid8 '0' else horizon end as first,
                    registry_settled_before(pg_current_snapshot()) as horizon,
                    pg_snapshot_xmax(pg_current_snapshot()) as future,
                    clock_timestamp() as sealed_at
                from audit_chain
                where chain_id = \(chainID)
            )
            select \(raw: Self.columns), span.horizon::text::bigint, span.sealed_at
            from span
            cross join audit_entry entry
            where entry.chain_id = \(chainID)
                and entry.transaction_id >= span.first
                and (entry.transaction_id < span.horizon or entry.transaction_id >= span.future)
                -- Looked up entry by entry: as "not exists" it became a join that read all links each second.
                and (select link.position from audit_link link where link.entry_id = entry.entry_id) is null
            order by entry.transaction_id, entry.entry_id
            limit \(batchMax)
            """)
        guard let last = rows.last else { return nil }
        let first = position + 1
        var positions: [Int64] = []
        var ids: [ID<AuditEntry>] = []
        var hashes: [[UInt8]] = []
        for row in rows {
            let entry = try Self.entry(row)
            position += 1
            hash = entry.hash(at: position, after: hash)
            positions.append(position)
            ids.append(entry.id)
            hashes.append(hash)
        }
        let isFull = rows.count == batchMax
        let (reached, horizon) = (try last.decode(2, as: Int64.self), try last.decode(10, as: Int64.self))
        let sealedAt: Timestamp = try last.decode(11)
        let seal = AuditSeal(
            chainID: chainID, firstPosition: first, lastPosition: position, lastHash: hash,
            // Of a transaction that a full batch cut in two, the rest comes with the next.
            horizon: isFull ? min(reached, horizon) : horizon, sealedAtMicroseconds: sealedAt.microseconds
        ).signed(by: key)
        try await insert(seal, positions, ids, hashes, in: querying)
        return (seal, isFull)
    }

    private func insert(
        _ seal: AuditSeal, _ positions: [Int64], _ ids: [ID<AuditEntry>], _ hashes: [[UInt8]], in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            insert into audit_link (chain_id, position, entry_id, hash)
            select \(seal.chainID), position, entry_id, hash
            from unnest(\(positions), \(ids), \(hashes)) as link (position, entry_id, hash)
            """)
        _ = try await querying.query(
            """
            insert into audit_seal (chain_id, first_position, last_position, last_hash, horizon, sealed_at, signature)
            values (\(seal.chainID), \(seal.firstPosition), \(seal.lastPosition), \(seal.lastHash), \(String(seal.horizon))::text::xid8,
                \(Timestamp(microseconds: seal.sealedAtMicroseconds)), \(seal.signature))
            """)
        _ = try await querying.query(
            "update audit_chain set horizon = \(String(seal.horizon))::text::xid8 where chain_id = \(seal.chainID)")
        // A third sink, for whoever asks for it by name.
        _ = try await querying.query(
            """
            insert into outbox_event (type, subject, data)
            select 'audit.sealed', \("audit_chain:\(seal.chainID)"), \("{\"checkpoint\":\"\(seal.line)\"}")
            where exists (
                select from webhook_endpoint where 'audit.sealed' = any(event_types) and deleted_at is null and state <> 'disabled'
            )
            """)
    }

    /// The chain's newest seal.
    package func newestSeal(_ chainID: Int16) async throws(PostgresError) -> AuditSeal? {
        try await seals(chainID, before: nil, limit: 1, in: database).first
    }

    /// Seals, the newest first.
    package func seals(
        _ chainID: Int16, before position: Int64?, limit: Int, in querying: any Querying
    ) async throws(PostgresError) -> [AuditSeal] {
        let rows = try await querying.query(
            """
            select \(raw: Self.sealColumns) from audit_seal seal
            where chain_id = \(chainID) and last_position < \(position ?? .max)
            order by last_position desc limit \(limit)
            """)
        var seals: [AuditSeal] = []
        for row in rows { seals.append(try Self.seal(row)) }
        return seals
    }

    static let sealColumns = """
        seal.chain_id, seal.first_position, seal.last_position, seal.last_hash, seal.horizon::text::bigint, seal.sealed_at, seal.signature
        """

    static func seal(_ row: Row, from column: Int = 0) throws(PostgresError) -> AuditSeal {
        AuditSeal(
            chainID: try row.decode(column), firstPosition: try row.decode(column + 1), lastPosition: try row.decode(column + 2),
            lastHash: try row.decode(column + 3), horizon: try row.decode(column + 4),
            sealedAtMicroseconds: try row.decode(column + 5, as: Timestamp.self).microseconds, signature: try row.decode(column + 6))
    }

    static func entry(_ row: Row, from column: Int = 0) throws(PostgresError) -> AuditEntry {
        AuditEntry(
            id: try row.decode(column), chainID: try row.decode(column + 1), transactionID: try row.decode(column + 2),
            occurredAt: try row.decode(column + 3), actor: try row.decode(column + 4), action: try row.decode(column + 5),
            subject: try row.decode(column + 6), organizationID: try row.decode(column + 7), requestID: try row.decode(column + 8),
            details: try row.decode(column + 9))
    }
}
