import HTTP
import Postgres
import Runtime

/// Where a member wants to go, by what stands on the poster there.
struct OwnTransferBody: Codable, Sendable, APIType {
    let joinCode: String

    static let schema = Schema.object(
        "OwnTransferBody", "Where to", [.required("joinCode", .string(1...40), "The short code, or the text of the QR")])
}

struct TransferBody: Codable, Sendable, APIType {
    let organizationId: ID<Organization>

    static let schema = Schema.object("TransferBody", "Where to", [.required("organizationId", .id, "The organization to go to")])
}

struct TransferAnswer: Codable, Sendable, APIType {
    let id: ID<MemberTransfer>
    let memberId: ID<Member>
    let fromOrganizationId: ID<Organization>
    let toOrganizationId: ID<Organization>
    let fromOrganizationName: String
    let fromOrganizationNameEn: String?
    let toOrganizationName: String
    let toOrganizationNameEn: String?
    let state: MemberTransfer.State
    let releasingAgreed: Bool
    let receivingAgreed: Bool
    let askedAt: String
    let deadlineAt: String
    let endedAt: String?
    let endCause: MemberTransfer.EndCause?
    let refuseReason: String?

    init(_ transfer: MemberTransfer) {
        id = transfer.id
        memberId = transfer.memberID
        fromOrganizationId = transfer.from
        toOrganizationId = transfer.to
        fromOrganizationName = transfer.fromNames.name
        fromOrganizationNameEn = transfer.fromNames.nameEn
        toOrganizationName = transfer.toNames.name
        toOrganizationNameEn = transfer.toNames.nameEn
        state = transfer.state
        releasingAgreed = transfer.consents.contains(.releasing)
        receivingAgreed = transfer.consents.contains(.receiving)
        askedAt = transfer.askedAt.description
        deadlineAt = transfer.deadlineAt.description
        endedAt = transfer.endedAt?.description
        endCause = transfer.endCause
        refuseReason = transfer.refuseReason
    }

    static let schema = Schema.object(
        "Transfer", "The move of a membership",
        [
            .required("id", .id), .required("memberId", .id), .required("fromOrganizationId", .id), .required("toOrganizationId", .id),
            .required("fromOrganizationName", .string(1...100)), .optional("fromOrganizationNameEn", .string(1...100)),
            .required("toOrganizationName", .string(1...100)), .optional("toOrganizationNameEn", .string(1...100)),
            .required("state", .oneOf(MemberTransfer.State.allCases.map(\.rawValue))), .required("releasingAgreed", .boolean),
            .required("receivingAgreed", .boolean), .required("askedAt", .dateTime),
            .required("deadlineAt", .dateTime, "Who has not objected until then has agreed"), .optional("endedAt", .dateTime),
            .optional("endCause", .oneOf(MemberTransfer.EndCause.allCases.map(\.rawValue))), .optional("refuseReason", .string(1...500)),
        ])
}

struct TransferList: Codable, Sendable, APIType {
    let items: [TransferAnswer]
    let next: String?

    static let schema = Schema.object(
        "TransferList", "A page of transfers", [.required("items", .array(of: TransferAnswer.schema, 0...200)), PageCursor.next])
}

struct MembershipAnswer: Codable, Sendable, APIType {
    let organizationId: ID<Organization>
    let organizationName: String
    let organizationNameEn: String?
    let startedAt: String
    let endedAt: String?
    let cause: String?

    init(_ membership: Membership) {
        organizationId = membership.organizationID
        organizationName = membership.organization.name
        organizationNameEn = membership.organization.nameEn
        startedAt = membership.startedAt.description
        endedAt = membership.endedAt?.description
        cause = membership.cause
    }

    static let schema = Schema.object(
        "Membership", "Where a member belonged",
        [
            .required("organizationId", .id), .required("organizationName", .string(1...100)),
            .optional("organizationNameEn", .string(1...100)), .required("startedAt", .dateTime),
            .optional("endedAt", .dateTime, "Absent of the present one"),
            .optional("cause", .oneOf(["transferred", "left", "rejected", "imported", "merged"]), "Why it ended"),
        ])
}

struct MembershipList: Codable, Sendable, APIType {
    let items: [MembershipAnswer]

    static let schema = Schema.object(
        "MembershipList", "The present membership first, then those before it",
        [.required("items", .array(of: MembershipAnswer.schema, 0...201))])
}

struct RejoinBody: Codable, Sendable, APIType {
    let reason: String
    let organizationId: ID<Organization>?

    static let schema = Schema.object(
        "RejoinBody", "Why, and where to",
        [.required("reason", .string(1...500), "Kept in the history"), .optional("organizationId", .id, "Absent: where the member was")])
}
