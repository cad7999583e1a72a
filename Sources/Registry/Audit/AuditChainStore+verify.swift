import Crypto
package import Postgres
import Runtime

/// What a verification found.
package struct AuditVerdict: Sendable {
    /// Links that were right, up to the first fault.
    package var links: Int64 = 0
    /// Entries that wait for their seal.
    package var waiting: Int64 = 0
    /// Of the chain it was found in; nil when all is sound.
    package var fault: AuditFault?
}

extension AuditChainStore {
    private static let pageRows = 10_000

    /// Checks every chain against its seals and the checkpoints, in one read-only snapshot: what is written meanwhile plays no part.
    package func verify(
        checkpoints: [AuditSeal], onProgress: @Sendable (_ links: Int64) -> Void = { _ in }
    ) async throws(PostgresError) -> AuditVerdict {
        try await database.inTransaction { (transaction) async throws(PostgresError) in
            _ = try await transaction.query("set transaction isolation level repeatable read, read only")
            return try await verify(checkpoints: checkpoints, onProgress: onProgress, in: transaction)
        }
    }

    /// The same in a transaction that is open already.
    func verify(
        checkpoints: [AuditSeal], onProgress: (Int64) -> Void = { _ in }, in querying: any Querying
    ) async throws(PostgresError) -> AuditVerdict {
        var verdict = AuditVerdict()
        for (chainID, isKnown) in try await chains(checkpoints, in: querying) {
            let own = checkpoints.filter { $0.chainID == chainID }
            try await verify(chainID, isKnown: isKnown, own, &verdict, onProgress, in: querying)
            if verdict.fault != nil { break }
        }
        return verdict
    }

    /// Every chain that anything speaks of, and whether it is one that is sealed here.
    private func chains(
        _ checkpoints: [AuditSeal], in querying: any Querying
    ) async throws(PostgresError) -> [(id: Int16, isKnown: Bool)] {
        let rows = try await querying.query(
            """
            with spoken_of as (
                select unnest(\(Set(checkpoints.map(\.chainID)).sorted())) as chain_id
                union select chain_id from audit_chain
                union select chain_id from audit_seal
                union select chain_id from audit_link
                union select chain_id from audit_entry
            )
            select chain_id, exists (select from audit_chain where audit_chain.chain_id = spoken_of.chain_id)
            from spoken_of
            order by chain_id
            """)
        var chains: [(id: Int16, isKnown: Bool)] = []
        for row in rows { chains.append((try row.decode(0), try row.decode(1))) }
        return chains
    }

    private func verify(
        _ chainID: Int16, isKnown: Bool, _ checkpoints: [AuditSeal], _ verdict: inout AuditVerdict, _ onProgress: (Int64) -> Void,
        in querying: any Querying
    ) async throws(PostgresError) {
        var seals: [AuditSeal] = []
        let sealRows = try await querying.query(
            "select \(raw: Self.sealColumns) from audit_seal seal where chain_id = \(chainID) order by last_position")
        for row in sealRows { seals.append(try Self.seal(row)) }
        var chain = AuditChain(chainID, key: key.publicKey, seals: seals, checkpoints: checkpoints)
        let before = verdict.links
        var last: Int64? = .min
        while let position = last, verdict.fault == nil {
            let page = try await links(chainID, after: position, in: querying)
            verdict.fault = AuditFault.first { () throws(AuditFault) in for row in page { try chain.check(row) } }
            verdict.links = before + chain.count
            onProgress(verdict.links)
            last = page.last?.position
        }
        if verdict.fault != nil { return }
        let unlinked = try await unlinked(chainID, in: querying)
        verdict.waiting += Int64(unlinked.count)
        verdict.fault = AuditFault.first { () throws(AuditFault) in
            for entry in unlinked { try chain.checkUnlinked(entry, isSealedHere: isKnown) }
            try chain.finish()
        }
    }

    private func links(
        _ chainID: Int16, after position: Int64, in querying: any Querying
    ) async throws(PostgresError) -> [AuditChain.Row] {
        let rows = try await querying.query(
            """
            select link.position, link.entry_id, link.hash, entry.entry_id is not null, \(raw: Self.columns)
            from audit_link link
            left join audit_entry entry on entry.entry_id = link.entry_id
            where link.chain_id = \(chainID) and link.position > \(position)
            order by link.position
            limit \(Self.pageRows)
            """)
        var links: [AuditChain.Row] = []
        links.reserveCapacity(rows.count)
        for row in rows {
            let isThere: Bool = try row.decode(3)
            links.append(
                AuditChain.Row(
                    position: try row.decode(0), entryID: try row.decode(1), hash: try row.decode(2),
                    entry: isThere ? try Self.entry(row, from: 4) : nil))
        }
        return links
    }

    /// Entries in no link, oldest transaction first; a second's worth while the service runs.
    private func unlinked(_ chainID: Int16, in querying: any Querying) async throws(PostgresError) -> [AuditEntry] {
        let rows = try await querying.query(
            """
            select \(raw: Self.columns)
            from audit_entry entry
            where entry.chain_id = \(chainID) and not exists (select from audit_link link where link.entry_id = entry.entry_id)
            order by entry.transaction_id, entry.entry_id
            limit \(Self.pageRows)
            """)
        var entries: [AuditEntry] = []
        for row in rows { entries.append(try Self.entry(row)) }
        return entries
    }
}
