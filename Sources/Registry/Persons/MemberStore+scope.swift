import HTTP
package import Postgres
package import Runtime

extension MemberStore {
    /// The member, if its organization lies within `scope`.
    package func member(
        _ id: ID<Member>, within scope: Scope, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> Member? {
        try await members([id], within: scope, in: querying).first
    }

    /// Of these members those within `scope`, in the order of their numbers.
    package func members(
        _ ids: [ID<Member>], within scope: Scope, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> [Member] {
        try await found("m.member_id = any(\(ids)) and \(fragment: scope.condition("m.organization_id"))", in: querying)
    }

    /// Of these numbers those of members within `scope`.
    func inside(_ ids: [ID<Member>], _ scope: Scope, in querying: any Querying) async throws(PostgresError) -> [ID<Member>] {
        let result = try await querying.query(
            "select m.member_id from member m where m.member_id = any(\(ids)) and \(fragment: scope.condition("m.organization_id"))")
        var inside: [ID<Member>] = []
        for row in result { inside.append(try row.decode(0)) }
        return inside
    }

    /// Active members within `scope` with the organizations they belong to, in the order of their numbers.
    package func active(_ scope: Scope) async throws(PostgresError) -> [(id: ID<Member>, organizationID: ID<Organization>)] {
        let rows = try await database.query(
            """
            select m.member_id, m.organization_id from member m
            where m.status = 'active' and \(fragment: scope.condition("m.organization_id"))
            order by m.member_id
            """)
        var active: [(id: ID<Member>, organizationID: ID<Organization>)] = []
        active.reserveCapacity(rows.count)
        for row in rows { active.append((try row.decode(0), try row.decode(1))) }
        return active
    }

    /// Lets a request go on only with a member within `scope`.
    /// - Throws: `registry.member_not_found`, for what lies outside and for what does not exist alike.
    package func required(_ id: ID<Member>, within scope: Scope, in querying: (any Querying)? = nil) async throws -> Member {
        guard let member = try await member(id, within: scope, in: querying) else { throw Problem(RegistryProblem.memberNotFound) }
        return member
    }

    /// The numbers under which this person is known: the member's own, and those of members merged into it. Events stay with the number
    /// they were made for; who shows a person's history asks for all of them.
    package func numbers(of id: ID<Member>, in querying: (any Querying)? = nil) async throws(PostgresError) -> [ID<Member>] {
        let result = try await (querying ?? database).query(
            "select member_id from member where member_id = \(id) or merged_into = \(id) order by member_id")
        var numbers: [ID<Member>] = []
        for row in result { numbers.append(try row.decode(0)) }
        return numbers
    }
}
