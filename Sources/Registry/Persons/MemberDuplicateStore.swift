import Crypto
package import Postgres
package import Runtime

/// Who may be whom, and who was found to be: every statement about duplicates and merges.
package struct MemberDuplicateStore: Sendable {
    let database: Database
    let members: MemberStore

    package enum MergeOutcome: String, Sendable {
        case merged
        case survivorUnknown = "survivor_unknown"
        case duplicateUnknown = "duplicate_unknown"
        case survivorMerged = "survivor_merged"
        case duplicateMerged = "duplicate_merged"
        case erased
    }

    private static let columns = """
        pair.duplicate_id, pair.member_id, pair.other_member_id, pair.same_phone, pair.same_name_and_birth, pair.state, pair.found_at,
        pair.decided_by, pair.decided_at, pair.decision_reason
        """

    /// Pairs of members who both lie within the scope, by number, from the one after `after` on, at most `limit`.
    package func list(
        _ state: MemberDuplicate.State, within scope: Scope, after: ID<MemberDuplicate>?, limit: Int
    ) async throws(PostgresError) -> [MemberDuplicate] {
        // In the text, for the index of those suspected serves only a state that the planner sees.
        let result = try await database.query(
            """
            select \(raw: Self.columns)
            from member_duplicate pair
            join member one on one.member_id = pair.member_id
            join member other on other.member_id = pair.other_member_id
            where
                pair.state = '\(raw: state.rawValue)'
                and pair.duplicate_id > \(after?.rawValue ?? 0)
                and \(fragment: scope.condition("one.organization_id"))
                and \(fragment: scope.condition("other.organization_id"))
            order by pair.duplicate_id limit \(limit)
            """)
        var pairs: [MemberDuplicate] = []
        for row in result { pairs.append(try duplicate(row)) }
        return pairs
    }

    /// The pair, if both members lie within the scope.
    /// - Parameter locks: until the transaction ends.
    package func duplicate(
        _ id: ID<MemberDuplicate>, within scope: Scope, locks: Bool = false, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> MemberDuplicate? {
        let result = try await (querying ?? database).query(
            """
            select \(raw: Self.columns)
            from member_duplicate pair
            join member one on one.member_id = pair.member_id
            join member other on other.member_id = pair.other_member_id
            where
                pair.duplicate_id = \(id)
                and \(fragment: scope.condition("one.organization_id"))
                and \(fragment: scope.condition("other.organization_id"))
            \(raw: locks ? "for no key update of pair" : "")
            """)
        return try result.first.map { row throws(PostgresError) in try duplicate(row) }
    }

    /// Notes that the two are two.
    /// - Returns: false when the pair was decided already.
    package func dismiss(
        _ id: ID<MemberDuplicate>, reason: String, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> Bool {
        let result = try await querying.query(
            """
            update member_duplicate
            set state = 'dismissed', decided_by = \(subject), decided_at = now(), decision_reason = \(reason)
            where duplicate_id = \(id) and state = 'suspected'
            """)
        return result.affectedRows == 1
    }

    /// Merges `duplicate` into the member `id`.
    package func merge(
        _ duplicate: Member, into id: ID<Member>, reason: String, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> MergeOutcome {
        guard let person = duplicate.person else { return .erased }
        let result = try await querying.query(
            """
            select member_merge(\(id), \(duplicate.id), \(members.vault.index(of: person.nationalID)), \(reason), \(subject)),
                pg_notify(\(DeviceStore.accessChannel), '')
            """)
        guard let row = result.first, let outcome = MergeOutcome(rawValue: try row.decode(0)) else {
            throw .decoding("an unknown outcome of a merge")
        }
        return outcome
    }

    /// The merges that this member took part in, in the order of time.
    package func merges(of id: ID<Member>, in querying: (any Querying)? = nil) async throws(PostgresError) -> [MemberMerge] {
        try await merges(
            """
            member_id = \(id)
            or merged_member_id = \(id)
            or merged_member_id in (select member_id from member where merged_into = \(id))
            """, in: querying)
    }

    /// The merges in which these ended.
    func merges(ending ids: [ID<Member>], in querying: any Querying) async throws(PostgresError) -> [MemberMerge] {
        try await merges("merged_member_id = any(\(ids))", in: querying)
    }

    private func merges(_ condition: SQL, in querying: (any Querying)?) async throws(PostgresError) -> [MemberMerge] {
        let result = try await (querying ?? database).query(
            """
            select merged_member_id, member_id, status_before, reason, merged_by, merged_at
            from member_merge
            where \(fragment: condition)
            order by merged_at, merged_member_id
            """)
        var merges: [MemberMerge] = []
        for row in result {
            merges.append(
                MemberMerge(
                    mergedMemberID: try row.decode(0), memberID: try row.decode(1), statusBefore: try row.decode(2),
                    reason: try row.decode(3), mergedBy: try row.decode(4), mergedAt: try row.decode(5)))
        }
        return merges
    }

    private func duplicate(_ row: Row) throws(PostgresError) -> MemberDuplicate {
        guard let state = MemberDuplicate.State(rawValue: try row.decode("state")) else { throw .decoding("an unknown state of a pair") }
        var reasons: [MemberDuplicate.Reason] = []
        if try row.decode("same_phone") { reasons.append(.phone) }
        if try row.decode("same_name_and_birth") { reasons.append(.nameAndBirth) }
        var decision: MemberDuplicate.Decision?
        if let decidedBy = try row.decode("decided_by", as: String?.self) {
            decision = MemberDuplicate.Decision(
                decidedBy: decidedBy, decidedAt: try row.decode("decided_at"), reason: try row.decode("decision_reason"))
        }
        return MemberDuplicate(
            id: try row.decode("duplicate_id"), memberIDs: [try row.decode("member_id"), try row.decode("other_member_id")],
            reasons: reasons, state: state, foundAt: try row.decode("found_at"), decision: decision)
    }
}
