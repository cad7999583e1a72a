package import Postgres
package import Runtime

/// What is known of members with its evidence: every statement about claims.
package struct MemberAttributeStore: Sendable {
    let database: Database

    package enum ClaimOutcome: String, Sendable {
        case recorded
        /// The same was told with this evidence last time.
        case unchanged
        /// No such member, or one that was merged or erased.
        case memberUnknown = "member_unknown"
    }

    private static let columns = "attribute, claim_id, value, evidence, evidenced_on, source, recorded_by, recorded_at"

    /// Records claims; one outcome for each, in order.
    /// - Parameter drafts: no member and attribute twice.
    package func claim(
        _ drafts: [AttributeClaimDraft], by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> [ClaimOutcome] {
        if drafts.isEmpty { return [] }
        let result = try await querying.query(
            """
            select outcome
            from member_attributes_claim(
                \(drafts.map(\.memberID)), \(drafts.map(\.attribute.rawValue)), \(drafts.map(\.value)),
                \(drafts.map(\.evidence.rawValue)), \(drafts.map(\.evidencedOn)), \(drafts.map(\.source)), \(subject))
            """)
        var outcomes: [ClaimOutcome] = []
        for row in result {
            guard let outcome = ClaimOutcome(rawValue: try row.decode(0)) else { throw .decoding("an unknown outcome of a claim") }
            outcomes.append(outcome)
        }
        guard outcomes.count == drafts.count else { throw .decoding("one outcome for each claim was expected") }
        return outcomes
    }

    /// Everything ever told of a member, in the order of time. What stands in a column is no claim before somebody told it.
    package func claims(
        of id: ID<Member>, _ attribute: MemberAttribute? = nil, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> [AttributeClaim] {
        let only: SQL = "and attribute = \(attribute?.rawValue)"
        let result = try await (querying ?? database).query(
            """
            select \(raw: Self.columns) from member_attribute
            where member_id = \(id) \(fragment: attribute == nil ? "" : only)
            order by claim_id
            """)
        var claims: [AttributeClaim] = []
        for row in result {
            // A claim of an attribute that a newer program knows is not shown by this one.
            guard let attribute = MemberAttribute(rawValue: try row.decode("attribute")) else { continue }
            guard let evidence = AttributeEvidence(rawValue: try row.decode("evidence")) else { throw .decoding("an unknown evidence") }
            claims.append(
                AttributeClaim(
                    number: try row.decode("claim_id"), attribute: attribute, value: try row.decode("value"), evidence: evidence,
                    evidencedOn: try row.decode("evidenced_on"), source: try row.decode("source"),
                    recordedBy: try row.decode("recorded_by"), recordedAt: try row.decode("recorded_at")))
        }
        return claims
    }

    /// What is known of a member: each attribute with the claim that holds, in the order of the catalogue.
    package func states(of member: Member, in querying: (any Querying)? = nil) async throws(PostgresError) -> [AttributeState] {
        let claims = Dictionary(grouping: try await claims(of: member.id, in: querying), by: \.attribute)
        return MemberAttribute.allCases.compactMap { attribute in
            AttributeState(claims[attribute] ?? member.columnClaim(attribute).map { [$0] } ?? [])
        }
    }
}

extension Member {
    /// What a column says before anybody told it otherwise: declared on entering.
    func columnClaim(_ attribute: MemberAttribute) -> AttributeClaim? {
        let value: String
        switch attribute {
        case .workerKind: value = workerKind.rawValue
        case .employmentForm: value = employmentForm.rawValue
        case .hardshipPost: value = String(hardshipPost)
        case .employerCheckup: value = String(employerCheckup)
        default: return nil
        }
        let day = CalendarDate.inChina(createdAt)
        return AttributeClaim(
            number: 0, attribute: attribute, value: value, evidence: .selfDeclared, evidencedOn: day, source: nil, recordedBy: "registry",
            recordedAt: createdAt)
    }
}
