package import HTTP
import Postgres
package import Registry
import Runtime

/// What a guard sees of whoever stands at the gate: enough to compare with a face and a card, masked.
package struct ScanMember: Codable, Sendable, APIType {
    package let maskedName: String?
    package let maskedPhone: String?
    package let workerKind: WorkerKind
    package let organizationName: String
    package let status: MemberStatus

    package static let schema = Schema.object(
        "ScanMember", "Whose credential it was, masked",
        [
            .optional("maskedName", .string(1...10), "张*; absent once the person was forgotten"),
            .optional("maskedPhone", .string(11...11), "138****5678"),
            .required("workerKind", .oneOf(WorkerKind.allCases.map(\.rawValue))),
            .required("organizationName", .string(1...100)),
            .required("status", .oneOf(MemberStatus.allCases.map(\.rawValue))),
        ])
}

/// Looks up what guards see.
struct ScanMembers: Sendable {
    let members: MemberStore
    let organizations: OrganizationStore

    /// Nil when the register has no such member.
    func find(_ id: ID<Member>) async throws(PostgresError) -> ScanMember? {
        guard let member = try await members.member(id),
            let organization = try await organizations.organization(member.organizationID)
        else { return nil }
        return ScanMember(
            maskedName: member.person?.name.masked, maskedPhone: member.person?.phone?.masked, workerKind: member.workerKind,
            organizationName: organization.name, status: member.status)
    }
}
