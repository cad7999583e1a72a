import Postgres
import Runtime

/// What happens to memberships, as the world outside is told.
enum MemberEvent: String, Sendable {
    case applied, joined, rejected, transferred, left, suspended

    /// What is told of a member who is given this status.
    init(reaching status: MemberStatus) {
        self =
            switch status {
            case .provisional: .applied
            case .active: .joined
            case .suspended: .suspended
            case .left: .left
            }
    }

    /// Thin: whoever may know more asks for it.
    struct Payload: Encodable, Sendable {
        let memberId: ID<Member>
        let organizationId: ID<Organization>
        var applicationId: ID<MemberApplication>?
        var transferId: ID<MemberTransfer>?
        var fromOrganizationId: ID<Organization>?
    }

    /// Emits the event in the transaction of what it tells.
    func emit(_ payload: Payload, to outbox: OutboxStore, in querying: any Querying) async throws(PostgresError) {
        try await outbox.emit(
            "member.\(rawValue)", subject: "member:\(payload.memberId)", organization: payload.organizationId, data: payload, in: querying)
    }
}
