import Postgres
import Programs
import Registry
import Runtime

/// Figures of batches, counted from the policies when they are asked for.
struct BatchFigureStore: Sendable {
    let database: Database

    /// What policies are counted by.
    enum Grouping: String, CaseIterable, Sendable {
        /// Floors and classes of the batch's rules; a policy may count for several floors.
        case floor, priorityClass = "class"
        /// Organizations right under the batch's own.
        case organization
        case workerKind = "worker_kind"
        /// How the policy came: the run, the waitlist, joined.
        case source
    }

    /// One line: policies by where they are.
    struct Line: Sendable {
        let key: String
        let name: String
        let states: [PolicyState: Int64]
    }

    private static let states = PolicyState.allCases
    private static let counts = states.map { "count(*) filter (where policy.state = '\($0.rawValue)')" }.joined(separator: ", ")

    func lines(of batch: InsuranceBatch, by grouping: Grouping) async throws(PostgresError) -> [Line] {
        let rows: QueryResult
        switch grouping {
        case .floor:
            let names = batch.facts.rules.groups.map(\.name)
            rows = try await database.query(
                """
                select part.number::text, part.name, \(raw: Self.counts)
                from unnest(\(names)) with ordinality as part (name, number)
                left join policy on policy.batch_id = \(batch.id) and (policy.groups >> (part.number - 1)::integer) & 1 = 1
                group by part.number, part.name
                order by part.number
                """)
        case .priorityClass:
            rows = try await database.query(
                """
                select
                    coalesce(class::text, ''), coalesce((\(batch.facts.rules.classes.map(\.name)))[class], ''), \(raw: Self.counts)
                from policy
                where batch_id = \(batch.id)
                group by class
                order by class
                """)
        case .organization:
            rows = try await database.query(
                """
                select organization.organization_id::text, organization.name, \(raw: Self.counts)
                from policy
                join member using (member_id)
                left join lateral (
                    select above.organization_id
                    from organization_ancestor
                    join organization above on above.organization_id = organization_ancestor.ancestor_id
                    where organization_ancestor.organization_id = member.organization_id
                        and (above.parent_id = \(batch.organizationID) or above.organization_id = \(batch.organizationID))
                    order by above.organization_id = \(batch.organizationID)
                    limit 1
                ) part on true
                -- Who has moved out since is counted for the batch's own.
                join organization on organization.organization_id = coalesce(part.organization_id, \(batch.organizationID))
                where policy.batch_id = \(batch.id)
                group by organization.organization_id
                order by organization.organization_id
                """)
        case .workerKind:
            rows = try await database.query(
                """
                select member.worker_kind, member.worker_kind, \(raw: Self.counts)
                from policy
                join member using (member_id)
                where policy.batch_id = \(batch.id)
                group by member.worker_kind
                order by member.worker_kind
                """)
        case .source:
            rows = try await database.query(
                """
                select source, source, \(raw: Self.counts)
                from policy
                where batch_id = \(batch.id)
                group by source
                order by source
                """)
        }
        var lines: [Line] = []
        for row in rows {
            var states: [PolicyState: Int64] = [:]
            for (index, state) in Self.states.enumerated() { states[state] = try row.decode(2 + index) }
            lines.append(Line(key: try row.decode(0), name: try row.decode(1), states: states))
        }
        return lines
    }
}
