package import Postgres
import Runtime

/// What members are found by, each through its blind index.
package enum MemberSearch: Sendable {
    case nationalID(NationalID)
    case phone(PhoneNumber)
    case name(PersonName, birthOn: CalendarDate)
}

extension MemberStore {
    /// More are not asked for: a phone or a name that many share says nothing about one person.
    private static let foundMax = 50

    /// Who is found within the scope, in the order of their numbers. Whoever was merged is found as the one who goes on.
    package func search(
        _ search: MemberSearch, within scope: Scope, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> [Member] {
        try await found(
            """
            m.member_id in (\(fragment: entries(search))) and \(fragment: scope.condition("m.organization_id"))
            """, limit: Self.foundMax, in: querying)
    }

    private func entries(_ search: MemberSearch) -> SQL {
        switch search {
        case .nationalID(let id): "select member_id from national_id_directory where national_id_index = \(vault.index(of: id))"
        case .phone(let phone): "select member_id from member_phone_index where phone_index = \(vault.index(of: phone))"
        case .name(let name, let day):
            "select member_id from member_name_index where name_index = \(vault.index(of: name, birthOn: day))"
        }
    }
}
