import HTTP
import Postgres
import Registry
import Runtime

/// A place as its holder and organizers see it.
struct AwardAnswer: Codable, Sendable, APIType {
    let programId: ID<UnionProgram>
    let memberId: ID<Member>
    let number: Int32
    let state: AwardState
    let source: AwardSource
    let offeredUntil: String?
    let changedAt: String

    init(_ award: Award) {
        programId = award.programID
        memberId = award.memberID
        number = award.number
        state = award.state
        source = award.source
        offeredUntil = award.offeredUntil?.description
        changedAt = award.changedAt.description
    }

    static let schema = Schema.object(
        "Award", "A place that somebody was given, and where it stands",
        [
            .required("programId", .id), .required("memberId", .id), .required("number", .integer(1...65_535), "The session's"),
            .required("state", .oneOf(AwardState.allCases.map(\.rawValue))),
            .required("source", .oneOf(AwardSource.allCases.map(\.rawValue)), "What gave the place"),
            .optional("offeredUntil", .dateTime, "Until when it waits for its confirmation"), .required("changedAt", .dateTime),
        ])
}

struct AwardList: Codable, Sendable, APIType {
    let items: [AwardAnswer]
    let next: String?

    static let schema = Schema.object(
        "AwardList", "A page of places", [.required("items", .array(of: AwardAnswer.schema, 0...200)), PageCursor.next])
}

/// Why an organizer changes somebody's place.
struct AwardReasonBody: Codable, Sendable, APIType {
    let reason: String

    static let schema = Schema.object(
        "AwardReason", "Why; the person sees it", [.required("reason", .string(1...500), "In the history of the place")])
}

/// A place given by hand.
struct AwardPlaceBody: Codable, Sendable, APIType {
    let memberId: ID<Member>
    let number: Int32
    let reason: String

    static let schema = Schema.object(
        "AwardPlace", "A place to be given by hand, of those that are free",
        [
            .required("memberId", .id), .required("number", .integer(1...65_535), "The session's"),
            .required("reason", .string(1...500), "In the history of the place"),
        ])
}

/// A change of session.
struct AwardSwapBody: Codable, Sendable, APIType {
    let number: Int32
    let reason: String?

    static let schema = Schema.object(
        "AwardSwap", "Another session for a place",
        [.required("number", .integer(1...65_535), "The session to change to"), .optional("reason", .string(1...500))])
}
