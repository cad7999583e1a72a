import Postgres
import Registry
import Runtime

/// Rosters: every statement that makes and reads them. Policies are moved by `PolicyStore`.
struct RosterStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    private static let columns = """
        number, lines, again, content_hash, file_form::text, made_by, made_at, received_at, received_by
        """

    /// Policies of a batch that is held which wait to be sent, by rising number, from the one after `after`; whether an earlier roster had
    /// them. Who joined mutual aid and has not paid waits on, and nobody is sent who has left or was forgotten.
    func waiting(
        of batch: ID<InsuranceBatch>, after: ID<Policy>?, limit: Int, in querying: any Querying
    ) async throws(PostgresError) -> [(entry: RosterEntry, isAgain: Bool)] {
        var found: [(entry: RosterEntry, isAgain: Bool)] = []
        for row in try await querying.query(
            """
            select policy.policy_id, coalesce(person.member_id, member.member_id), policy.number, policy.roster_number is not null
            from policy
            join member using (member_id)
            left join member person on person.member_id = member.merged_into
            where policy.batch_id = \(batch) and policy.policy_id > \(after?.rawValue ?? 0) and policy.state = 'reserved'
                and (policy.source <> 'joined' or policy.contribution_paid_at is not null)
                and coalesce(person.status, member.status) <> 'left' and coalesce(person.erased_at, member.erased_at) is null
            order by policy.policy_id
            limit \(limit)
            """)
        {
            found.append(
                (
                    RosterEntry(policyID: try row.decode(0), personID: try row.decode(1), number: try row.decode(2)),
                    try row.decode(3)
                ))
        }
        return found
    }

    /// The lines of a roster, by rising number of their policies, from the one after `after`.
    func entries(
        of batch: ID<InsuranceBatch>, _ number: Int32, after: ID<Policy>?, limit: Int
    ) async throws(PostgresError) -> [RosterEntry] {
        var found: [RosterEntry] = []
        for row in try await database.query(
            """
            select line.policy_id, coalesce(member.merged_into, member.member_id), line.policy_number
            from insurance_roster_line line
            join member using (member_id)
            where line.batch_id = \(batch) and line.number = \(number) and line.policy_id > \(after?.rawValue ?? 0)
            order by line.policy_id
            limit \(limit)
            """)
        { found.append(RosterEntry(policyID: try row.decode(0), personID: try row.decode(1), number: try row.decode(2))) }
        return found
    }

    /// Writes a roster of a batch that is held; its lines follow, and then its policies are moved.
    func create(
        of batch: ID<InsuranceBatch>, _ product: InsuranceProduct, form: InsurerFileForm, lines: Int, again: Int, contentHash: [UInt8],
        by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> InsuranceRoster {
        try Self.roster(
            try await querying.query(
                """
                insert into insurance_roster (
                    batch_id, number, insurer_id, lines, again, content_hash, file_form, made_by, made_at)
                select \(batch), coalesce(max(number), 0) + 1, \(product.insurerID), \(Int32(lines)), \(Int32(again)), \(contentHash),
                    \(try InsuranceJSON.text(form))::jsonb, \(subject), \(fragment: instant)
                from insurance_roster
                where batch_id = \(batch)
                returning \(raw: Self.columns)
                """
            ).single)
    }

    func addLines(
        _ policies: [ID<Policy>], to roster: InsuranceRoster, of batch: ID<InsuranceBatch>, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            insert into insurance_roster_line (batch_id, number, policy_id, member_id, policy_number)
            select batch_id, \(roster.number), policy_id, member_id, policy.number
            from policy
            where batch_id = \(batch) and policy_id = any(\(policies))
            order by policy_id
            """)
    }

    func roster(
        _ number: Int32, of batch: ID<InsuranceBatch>, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> InsuranceRoster? {
        let rows = try await (querying ?? database).query(
            "select \(raw: Self.columns) from insurance_roster where batch_id = \(batch) and number = \(number)")
        return try rows.first.map { row throws(PostgresError) in try Self.roster(row) }
    }

    /// In the order in which they were made, from the one after `after`.
    func list(of batch: ID<InsuranceBatch>, after: Int32, limit: Int) async throws(PostgresError) -> [InsuranceRoster] {
        var rosters: [InsuranceRoster] = []
        for row in try await database.query(
            """
            select \(raw: Self.columns) from insurance_roster
            where batch_id = \(batch) and number > \(after)
            order by number
            limit \(limit)
            """)
        { rosters.append(try Self.roster(row)) }
        return rosters
    }

    /// Writes down that the insurer has it, the first time that somebody says so.
    /// - Returns: whether this was the first time; nil where there is no such roster.
    func received(
        _ number: Int32, of batch: ID<InsuranceBatch>, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> (roster: InsuranceRoster, isFirst: Bool)? {
        let rows = try await querying.query(
            """
            update insurance_roster set received_at = \(fragment: instant), received_by = \(subject)
            where batch_id = \(batch) and number = \(number) and received_at is null
            """)
        guard let roster = try await roster(number, of: batch, in: querying) else { return nil }
        return (roster, rows.affectedRows == 1)
    }

    private static func roster(_ row: Row) throws(PostgresError) -> InsuranceRoster {
        InsuranceRoster(
            number: try row.decode(0), lines: try row.decode(1), again: try row.decode(2), contentHash: try row.decode(3),
            form: try InsuranceJSON.value(try row.decode(4)), madeBy: try row.decode(5), madeAt: try row.decode(6),
            receivedAt: try row.decode(7), receivedBy: try row.decode(8))
    }
}
