import Postgres
import Runtime

extension MemberStore {
    /// Whether an organization lies within `scope`.
    func reaches(_ id: ID<Organization>, _ scope: Scope, in querying: any Querying) async throws(PostgresError) -> Bool {
        try await OrganizationStore(database: database).isInside(id, scope, in: querying)
    }

    /// Members who gave this phone, by id: a family at most, so not more than 20. Those who were forgotten are not among them.
    func members(phoneIndex: [UInt8], in querying: any Querying) async throws(PostgresError) -> [Member] {
        let result = try await querying.query(
            """
            select \(raw: Self.columns)
            from member_phone_index i
            join \(raw: Self.tables) on m.member_id = i.member_id
            where i.phone_index = \(phoneIndex) and k.wrapped_key is not null
            order by m.member_id limit 20
            """)
        var members: [Member] = []
        for row in result { members.append(try member(row)) }
        return members
    }
}
