package import Postgres

/// How statements reached the rows of tables, by the server's own counts.
package struct TableReads: Sendable {
    /// Tables and partitions read from one end to the other.
    package var whole: Set<String> = []
    /// Tables in which a key was looked up, with the rows that were fetched by it.
    package var byKey: [String: Int] = [:]
}

/// Counts what `body` reads, in a transaction of its own with sequential scans made dear: what is still read whole has no key to go by.
///
/// - Parameter settings: more of the planner's settings, such as `set local enable_bitmapscan = off`.
package func tableReads(
    _ database: Database, settings: [String] = ["set local enable_seqscan = off"],
    _ body: (any Querying) async throws(PostgresError) -> Void
) async throws -> TableReads {
    try await database.transaction { (transaction) async throws(PostgresError) in
        for setting in settings { _ = try await transaction.query(SQL(raw: setting)) }
        // Those of earlier transactions on this connection may not have been passed on yet.
        let before = try await counts(transaction)
        try await body(transaction)
        var reads = TableReads()
        for (table, now) in try await counts(transaction) {
            let earlier = before[table] ?? [0, 0, 0]
            if now[0] > earlier[0] { reads.whole.insert(table) }
            if now[1] > earlier[1] { reads.byKey[table] = now[2] - earlier[2] }
        }
        return reads
    }
}

private func counts(_ querying: any Querying) async throws(PostgresError) -> [String: [Int]] {
    var counts: [String: [Int]] = [:]
    for row in try await querying.query(
        """
        select relname::text, seq_scan, coalesce(idx_scan, 0), coalesce(idx_tup_fetch, 0)
        from pg_stat_xact_user_tables
        """)
    {
        counts[try row.decode(0)] = [try row.decode(1), try row.decode(2), try row.decode(3)]
    }
    return counts
}
