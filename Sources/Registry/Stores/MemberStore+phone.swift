import Postgres
import Runtime

extension MemberStore {
    /// Whether an organization lies within `scope`.
    func reaches(_ id: ID<Organization>, _ scope: Scope, in querying: any Querying) async throws(PostgresError) -> Bool {
        try await OrganizationStore(database: database).isInside(id, scope, in: querying)
    }

    /// Members who gave this phone, by id: a family at most, so not more than 20. Those who were forgotten are not among them.
    func members(phoneIndex: [UInt8], in querying: any Querying) async throws(PostgresError) -> [Member] {
        try await found(
            """
            m.member_id in (select member_id from member_phone_index where phone_index = \(phoneIndex))
                and k.wrapped_key is not null and m.merged_into is null and m.erased_at is null
            """, limit: 20, in: querying)
    }
}
