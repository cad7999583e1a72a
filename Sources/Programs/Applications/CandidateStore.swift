import FoundationEssentials
package import Postgres
package import Registry
package import Runtime

/// What the register knows of members, as rules look at it: every statement that reads candidates.
package struct CandidateStore: Sendable {
    let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    /// A candidate and where they belong.
    package struct Found: Sendable {
        package let memberID: ID<Member>
        package let organizationID: ID<Organization>
        package let candidate: Candidate
    }

    /// What is known of each; nil for a number that no member has. In the order of `ids`.
    package func find(_ ids: [ID<Member>], in querying: (any Querying)? = nil) async throws(PostgresError) -> [Found?] {
        if ids.isEmpty { return [] }
        var found = [Found?](repeating: nil, count: ids.count)
        for row in try await (querying ?? database).query(Self.statement(ids)) {
            let position = Int(try row.decode(0, as: Int32.self)) - 1
            guard found.indices.contains(position) else { throw .decoding("an answer to no request") }
            found[position] = try Self.candidate(row)
        }
        return found
    }

    static func statement(_ ids: [ID<Member>]) -> SQL { "select * from programs_candidates(\(ids))" }

    private static func candidate(_ row: Row) throws(PostgresError) -> Found {
        guard let status = MemberStatus(rawValue: try row.decode(3)), let sex = Sex(rawValue: try row.decode(5)) else {
            throw .decoding("a member of an unknown kind")
        }
        let names: [String] = try row.decode(12)
        let values: [String] = try row.decode(13)
        let evidences: [String] = try row.decode(14)
        let days: [CalendarDate] = try row.decode(15)
        var attributes: [MemberAttribute: Candidate.Known] = [
            .workerKind: .init(try row.decode(7), .selfDeclared), .employmentForm: .init(try row.decode(8), .selfDeclared),
            .hardshipPost: .init(String(try row.decode(9, as: Bool.self)), .selfDeclared),
            .employerCheckup: .init(String(try row.decode(10, as: Bool.self)), .selfDeclared),
        ]
        for (index, name) in names.enumerated() {
            // A claim of an attribute that a newer program knows is not known to this one.
            guard let attribute = MemberAttribute(rawValue: name) else { continue }
            guard let evidence = AttributeEvidence(rawValue: evidences[index]) else { throw .decoding("an unknown evidence") }
            attributes[attribute] = Candidate.Known(values[index], evidence, on: days[index])
        }
        return Found(
            memberID: try row.decode(1), organizationID: try row.decode(2),
            candidate: Candidate(
                birthOn: try row.decode(4), sex: sex, organizations: try row.decode(11), memberSince: try row.decode(6),
                attributes: attributes, benefits: Set(try row.decode(16, as: [String].self)), status: status))
    }
}
