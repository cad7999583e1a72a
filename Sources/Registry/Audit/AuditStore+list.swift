import Postgres
import Runtime

extension AuditStore {
    /// Which entries are asked for; nil asks for all.
    struct Filter: Sendable {
        var subject: String?
        var actor: String?
        var action: String?
        var from: Timestamp?
        var until: Timestamp?
    }

    /// An entry and its place in the chain.
    struct Found: Sendable {
        let entry: AuditEntry
        /// Nil while it waits for its seal.
        let link: (position: Int64, hash: [UInt8])?
        /// Of the batch it stands in; asked for with one entry only.
        let seal: AuditSeal?
    }

    /// Entries of the scope, the newest first, older than `before`.
    static func list(
        _ filter: Filter, scope: Scope, before: ID<AuditEntry>?, limit: Int, in querying: any Querying
    ) async throws(PostgresError) -> [Found] {
        var conditions: SQL = "\(fragment: scope.condition("entry.organization_id")) and entry.entry_id < \(before ?? ID(.max))"
        if let subject = filter.subject { conditions = "\(fragment: conditions) and entry.subject = \(subject)" }
        if let actor = filter.actor { conditions = "\(fragment: conditions) and entry.actor = \(actor)" }
        if let action = filter.action { conditions = "\(fragment: conditions) and entry.action = \(action)" }
        if let from = filter.from { conditions = "\(fragment: conditions) and entry.occurred_at >= \(from)" }
        if let until = filter.until { conditions = "\(fragment: conditions) and entry.occurred_at < \(until)" }
        let rows = try await querying.query(
            """
            select \(raw: AuditChainStore.columns), link.position, link.hash
            from audit_entry entry
            left join audit_link link on link.entry_id = entry.entry_id
            where \(fragment: conditions)
            order by entry.entry_id desc
            limit \(limit)
            """)
        var found: [Found] = []
        for row in rows { found.append(try Self.found(row, seal: nil)) }
        return found
    }

    /// One entry of the scope with its seal.
    static func find(
        _ id: ID<AuditEntry>, scope: Scope, in querying: any Querying
    ) async throws(PostgresError) -> Found? {
        let rows = try await querying.query(
            """
            select \(raw: AuditChainStore.columns), link.position, link.hash
            from audit_entry entry
            left join audit_link link on link.entry_id = entry.entry_id
            where entry.entry_id = \(id) and \(fragment: scope.condition("entry.organization_id"))
            """)
        guard let row = rows.first else { return nil }
        guard let position = try row.decode(10, as: Int64?.self) else { return try found(row, seal: nil) }
        let seals = try await querying.query(
            """
            select \(raw: AuditChainStore.sealColumns) from audit_seal seal
            where seal.chain_id = \(try row.decode(1, as: Int16.self)) and seal.last_position >= \(position)
            order by seal.last_position limit 1
            """)
        return try found(row, seal: try seals.first.map { row throws(PostgresError) in try AuditChainStore.seal(row) })
    }

    private static func found(_ row: Row, seal: AuditSeal?) throws(PostgresError) -> Found {
        let position: Int64? = try row.decode(10)
        let hash: [UInt8]? = try row.decode(11)
        var link: (position: Int64, hash: [UInt8])?
        if let position, let hash { link = (position, hash) }
        return Found(entry: try AuditChainStore.entry(row), link: link, seal: seal)
    }
}
