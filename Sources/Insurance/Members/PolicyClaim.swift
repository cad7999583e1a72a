import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime

/// A claim as it was handed to the insurer (报案), and what became of it. Never what happened to the body.
struct PolicyClaim: Sendable {
    let id: ID<PolicyClaim>
    let memberID: ID<Member>
    let policyID: ID<Policy>
    let batchID: ID<InsuranceBatch>
    let requestID: UUID
    let state: State
    let kind: Kind
    let happenedOn: CalendarDate
    let paidFen: Int64?
    let reason: String?
    let filedAt: Timestamp
    let changedAt: Timestamp
    let version: Int32

    enum State: String, Codable, CaseIterable, Sendable {
        case filed, accepted, paid, refused
    }

    enum Kind: String, Codable, CaseIterable, Sendable {
        case injury, disability, death, illness, hospital, other
    }
}

/// A claim that is to be filed.
struct ClaimBody: Codable, Sendable, APIType {
    let requestId: String
    let kind: PolicyClaim.Kind
    let happenedOn: String

    static let schema = Schema.object(
        "PolicyClaimBody", "A claim to be handed to the insurer: what kind of thing, and when. No medical details",
        [
            .required("requestId", .uuid, "Yours: repeated it gives the first answer"),
            .required("kind", .oneOf(PolicyClaim.Kind.allCases.map(\.rawValue))),
            .required("happenedOn", .date, "Not after today, and a day that the policy covers"),
        ])
}

/// A claim as its holder sees it, with how to go on.
struct OwnClaimAnswer: Codable, Sendable, APIType {
    let id: ID<PolicyClaim>
    let policyId: ID<Policy>
    let requestId: String
    let state: PolicyClaim.State
    let kind: PolicyClaim.Kind
    let happenedOn: String
    let paidFen: Int64?
    let reason: String?
    let filedAt: String
    let changedAt: String
    let insurer: String
    let hotline: String
    let number: String?
    let advice: String

    init(_ claim: PolicyClaim, of own: OwnPolicy, _ language: Language) {
        id = claim.id
        policyId = claim.policyID
        requestId = claim.requestID.uuidString.lowercased()
        state = claim.state
        kind = claim.kind
        happenedOn = claim.happenedOn.description
        paidFen = claim.paidFen
        reason = claim.reason
        filedAt = claim.filedAt.description
        changedAt = claim.changedAt.description
        insurer = own.insurer
        hotline = own.hotline
        number = own.number
        advice = language == .zh ? own.claimAdvice : own.claimAdviceEn ?? own.claimAdvice
    }

    static let schema = Schema.object(
        "OwnPolicyClaim", "A claim of yours: its number, and how to go on with the insurer",
        [.required("id", .id, "Name it when you call"), .required("policyId", .id), .required("requestId", .uuid)] + PolicyClaim.fields + [
            .required("insurer", .string(1...100)), .required("hotline", .string(1...40)),
            .optional("number", .string(1...40), "The insurer's number of the policy"), .required("advice", .string(1...2_000)),
        ])
}

struct OwnClaimList: Codable, Sendable, APIType {
    let items: [OwnClaimAnswer]

    static let schema = Schema.object(
        "OwnPolicyClaimList", "Claims under a policy, the newest first", [.required("items", .array(of: OwnClaimAnswer.schema, 0...200))])
}

/// A claim as organizers see it.
struct ClaimAnswer: Codable, Sendable, APIType {
    let id: ID<PolicyClaim>
    let policyId: ID<Policy>
    let batchId: ID<InsuranceBatch>
    let memberId: ID<Member>
    let state: PolicyClaim.State
    let kind: PolicyClaim.Kind
    let happenedOn: String
    let paidFen: Int64?
    let reason: String?
    let filedAt: String
    let changedAt: String
    let version: Int32

    init(_ claim: PolicyClaim) {
        id = claim.id
        policyId = claim.policyID
        batchId = claim.batchID
        memberId = claim.memberID
        state = claim.state
        kind = claim.kind
        happenedOn = claim.happenedOn.description
        paidFen = claim.paidFen
        reason = claim.reason
        filedAt = claim.filedAt.description
        changedAt = claim.changedAt.description
        version = claim.version
    }

    static let schema = Schema.object(
        "PolicyClaim", "A claim under a policy of a batch",
        [.required("id", .id), .required("policyId", .id), .required("batchId", .id), .required("memberId", .id)] + PolicyClaim.fields
            + [.required("version", .integer(1...Int64(Int32.max)))])
}

struct ClaimList: Codable, Sendable, APIType {
    let items: [ClaimAnswer]
    let next: String?

    static let schema = Schema.object(
        "PolicyClaimList", "A page of claims", [.required("items", .array(of: ClaimAnswer.schema, 0...200)), PageCursor.next])
}

/// What the insurer decided about a claim, as organizers write it down.
struct ClaimDecisionBody: Codable, Sendable, APIType {
    enum Decision: String, Codable, CaseIterable, Sendable {
        case accepted, paid, refused
    }

    let state: Decision
    let paidFen: Int64?
    let reason: String?

    static let schema = Schema.object(
        "PolicyClaimDecision", "What became of a claim",
        [
            .required("state", .oneOf(Decision.allCases.map(\.rawValue))),
            .optional("paidFen", .integer(1...100_000_000_000), "Needed of paid ones, and of no others"),
            .optional("reason", .string(1...500), "Needed of refused ones. No medical details, no personal data"),
        ])

    /// - Throws: `insurance.invalid`.
    func check() throws(Problem) {
        var faults: [Violation] = []
        if (state == .paid) != (paidFen != nil) {
            faults.append(
                Violation(
                    "insurance.paid_fen_invalid", pointer: "/paidFen", zh: "已赔付须填金额，其他结果不填",
                    en: "An amount is told of paid claims only"))
        }
        if state == .refused, reason == nil {
            faults.append(Violation("request.missing_field", pointer: "/reason", zh: "请说明原因", en: "Say why it was refused"))
        }
        guard faults.isEmpty else { throw InsuranceProblem.invalid(faults) }
    }
}

extension PolicyClaim {
    static let fields: [Schema.Field] = [
        .required("state", .oneOf(State.allCases.map(\.rawValue))), .required("kind", .oneOf(Kind.allCases.map(\.rawValue))),
        .required("happenedOn", .date), .optional("paidFen", .integer(1...100_000_000_000)), .optional("reason", .string(1...500)),
        .required("filedAt", .dateTime), .required("changedAt", .dateTime),
    ]
}
