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

    // MARK: A phone that waits

    /// A phone that is to be the member's once that is decided, sealed by the member's data key.
    func seal(wanted phone: PhoneNumber, for id: ID<Member>, in querying: any Querying) async throws(PostgresError) -> [UInt8] {
        let wrapped = try await wrappedKey(of: id, in: querying)
        do { return try vault.seal(wanted: phone, memberID: id.rawValue, wrappedKey: wrapped) } catch { throw Self.unreadable }
    }

    /// The same in clear; nil when it is no phone any more.
    func open(wanted sealed: [UInt8], for id: ID<Member>, in querying: any Querying) async throws(PostgresError) -> PhoneNumber? {
        let wrapped = try await wrappedKey(of: id, in: querying)
        do { return try vault.open(wanted: sealed, memberID: id.rawValue, wrappedKey: wrapped) } catch { throw Self.unreadable }
    }

    private static var unreadable: PostgresError { .decoding("personal data that these keys do not open") }

    private func wrappedKey(of id: ID<Member>, in querying: any Querying) async throws(PostgresError) -> [UInt8] {
        guard let row = try await querying.query("select wrapped_key from member_data_key where member_id = \(id)").first else {
            throw .decoding("a member without a data key")
        }
        return try row.decode(0)
    }
}
