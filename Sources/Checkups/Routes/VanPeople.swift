import Postgres
import Registry
import Runtime

/// Looks up whom a van sees, masked.
struct VanPeople: Sendable {
    let members: MemberStore
    let organizations: OrganizationStore

    /// Those of the register, in the order of their numbers.
    func find(_ ids: [ID<Member>]) async throws(PostgresError) -> [VanMember] {
        var names: [ID<Organization>: String] = [:]
        var people: [VanMember] = []
        for member in try await members.members(ids, within: .everything) {
            if names[member.organizationID] == nil {
                names[member.organizationID] = try await organizations.organization(member.organizationID)?.name ?? ""
            }
            people.append(
                VanMember(
                    memberId: member.id, maskedName: member.person?.name.masked, maskedPhone: member.person?.phone?.masked,
                    workerKind: member.workerKind, organizationName: names[member.organizationID] ?? ""))
        }
        return people
    }
}
