import HTTP
import Postgres
import Runtime

struct DismissalBody: Codable, Sendable, APIType {
    let reason: String

    static let schema = Schema.object("DismissalBody", "Why", [.required("reason", .string(1...200), "Kept with the decision")])
}

struct MergeBody: Codable, Sendable, APIType {
    let duplicateId: ID<Member>
    let reason: String

    static let schema = Schema.object(
        "MergeBody", "Who is the same person",
        [.required("duplicateId", .id, "The member that ends"), .required("reason", .string(1...200), "Kept with the merge")])
}

struct DuplicateAnswer: Codable, Sendable, APIType {
    let id: ID<MemberDuplicate>
    let members: [MemberAnswer]
    let reasons: [MemberDuplicate.Reason]
    let state: MemberDuplicate.State
    let foundAt: String
    let decidedBy: String?
    let decidedAt: String?
    let decisionReason: String?

    init(_ pair: MemberDuplicate, _ known: [ID<Member>: Member]) {
        id = pair.id
        members = pair.memberIDs.compactMap { known[$0].map(MemberAnswer.init) }
        reasons = pair.reasons
        state = pair.state
        foundAt = pair.foundAt.description
        decidedBy = pair.decision?.decidedBy
        decidedAt = pair.decision?.decidedAt.description
        decisionReason = pair.decision?.reason
    }

    static let schema = Schema.object(
        "Duplicate", "Two members who may be one person",
        [
            .required("id", .id), .required("members", .array(of: MemberAnswer.schema, 0...2), "Masked"),
            .required("reasons", .array(of: .oneOf(MemberDuplicate.Reason.allCases.map(\.rawValue)), 1...2), "What they share"),
            .required("state", .oneOf(MemberDuplicate.State.allCases.map(\.rawValue))), .required("foundAt", .dateTime),
            .optional("decidedBy", .string(1...100)), .optional("decidedAt", .dateTime), .optional("decisionReason", .string(1...200)),
        ])
}

struct DuplicateList: Codable, Sendable, APIType {
    let items: [DuplicateAnswer]
    let next: String?

    static let schema = Schema.object(
        "DuplicateList", "A page of pairs", [.required("items", .array(of: DuplicateAnswer.schema, 0...200)), PageCursor.next])
}

struct MergeAnswer: Codable, Sendable, APIType {
    let mergedMemberId: ID<Member>
    let memberId: ID<Member>
    let statusBefore: String
    let reason: String
    let mergedBy: String
    let mergedAt: String

    init(_ merge: MemberMerge) {
        mergedMemberId = merge.mergedMemberID
        memberId = merge.memberID
        statusBefore = merge.statusBefore
        reason = merge.reason
        mergedBy = merge.mergedBy
        mergedAt = merge.mergedAt.description
    }

    static let schema = Schema.object(
        "Merge", "A member who was found to be another one",
        [
            .required("mergedMemberId", .id, "Ended"), .required("memberId", .id, "Went on"),
            .required("statusBefore", .oneOf(MemberStatus.allCases.map(\.rawValue)), "Of the one that ended"),
            .required("reason", .string(1...200)), .required("mergedBy", .string(1...100)), .required("mergedAt", .dateTime),
        ])
}

struct MergeList: Codable, Sendable, APIType {
    let items: [MergeAnswer]

    static let schema = Schema.object(
        "MergeList", "Merges, in the order of time", [.required("items", .array(of: MergeAnswer.schema, 0...10_000))])
}
