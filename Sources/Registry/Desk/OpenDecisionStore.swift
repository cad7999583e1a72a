import HTTP
import Postgres
import Runtime

/// Counts what waits: one statement for all kinds.
struct OpenDecisionStore: Sendable {
    let database: Database

    /// Counting ends here: whoever has so many waiting does not need the number.
    static let countMax: Int64 = 1_000

    struct Count: Sendable {
        let kind: String
        let count: Int64
        let oldestAt: Timestamp
    }

    /// Those of which there are any.
    func counts(
        _ asked: [(OpenDecision, OpenDecision.Caller)], in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> [Count] {
        var statement: SQL = ""
        for (index, (decision, caller)) in asked.enumerated() {
            let rows: SQL = """
                (select \(decision.kind) as kind, sum(waiting.number)::bigint as number, min(waiting.since_at) as since_at
                from (select listed.* from (\(fragment: decision.rows(caller))) as listed (since_at, number) limit \(Self.countMax + 1)) waiting)
                """
            statement = index == 0 ? rows : "\(fragment: statement) union all \(fragment: rows)"
        }
        guard !asked.isEmpty else { return [] }
        var counts: [Count] = []
        for row in try await (querying ?? database).query(statement) {
            guard let number = try row.decode(1, as: Int64?.self), number > 0, let oldest = try row.decode(2, as: Timestamp?.self) else {
                continue
            }
            counts.append(Count(kind: try row.decode(0), count: number, oldestAt: oldest))
        }
        return counts
    }
}
