import HTTP
import Postgres
import Registry
import Runtime

/// A policy as organizers see it: the person by number and masked.
struct PolicyAnswer: Codable, Sendable, APIType {
    let id: ID<Policy>
    let reference: String
    let memberId: ID<Member>
    let name: String?
    let state: PolicyState
    let source: Policy.Source
    let number: String?
    let coverFrom: String
    let coverTo: String
    let place: Int32?
    let reason: String?
    let acceptUntil: String?
    let changedAt: String

    init(_ policy: Policy, _ member: Member?) {
        id = policy.id
        reference = policy.reference.description
        memberId = policy.memberID
        name = member?.person?.name.masked
        state = policy.state
        source = policy.source
        number = policy.number
        coverFrom = policy.coverFrom.description
        coverTo = CalendarDate(daysSince1970: policy.coverUntil.daysSince1970 - 1).description
        place = policy.place
        reason = policy.reason
        acceptUntil = policy.acceptUntil?.description
        changedAt = policy.changedAt.description
    }

    static let schema = Schema.object(
        "InsurancePolicy", "A policy of a batch; the person is masked",
        [
            .required("id", .id), .required("reference", .string(1...45), "By which the insurer's files name it"),
            .required("memberId", .id), .optional("name", .string(1...50), "张*; absent once the person was forgotten"),
            .required("state", .oneOf(PolicyState.allCases.map(\.rawValue))),
            .required("source", .oneOf(Policy.Source.allCases.map(\.rawValue))),
            .optional("number", .string(1...40), "The insurer's"), .required("coverFrom", .date),
            .required("coverTo", .date, "The last day that is covered"),
            .optional("place", .integer(1...Int64(Int32.max)), "In the common order of the run"),
            .optional("reason", .string(1...500), "Why it was rejected, refused, returned or cancelled"),
            .optional("acceptUntil", .dateTime), .required("changedAt", .dateTime),
        ])
}

struct PolicyList: Codable, Sendable, APIType {
    let items: [PolicyAnswer]
    let next: String?

    static let schema = Schema.object(
        "InsurancePolicyList", "A page of policies", [.required("items", .array(of: PolicyAnswer.schema, 0...200)), PageCursor.next])
}

/// Which rejected policies were mended.
struct MendBody: Codable, Sendable, APIType {
    static let policiesMax = 10_000

    let policyIds: [ID<Policy>]?
    let reason: String?

    static let schema = Schema.object(
        "InsuranceMendBody", "Rejected policies that go out again: these, or all that were rejected for one reason",
        [
            .optional("policyIds", .array(of: .id, 1...policiesMax)),
            .optional("reason", .string(1...500), "As the policies have it, to the letter"),
        ])
}

/// What became of the mending of many.
struct MendAnswer: Codable, Sendable, APIType {
    struct Left: Codable, Sendable {
        let policyId: ID<Policy>
        let state: PolicyState?
    }

    let mended: Int
    let left: [Left]

    private static let leftSchema = Schema.object(
        "InsuranceMendLeft", "A policy that was not rejected",
        [
            .required("policyId", .id),
            .optional("state", .oneOf(PolicyState.allCases.map(\.rawValue)), "Absent where the batch has no such policy"),
        ])

    static let schema = Schema.object(
        "InsuranceMend", "What became of the mending",
        [
            .required("mended", .integer(0...Int64(InsuranceBatchFacts.sizeMax)), "They go out by the next roster"),
            .required("left", .array(of: leftSchema, 0...MendBody.policiesMax), "Those that stay as they are"),
        ])
}
