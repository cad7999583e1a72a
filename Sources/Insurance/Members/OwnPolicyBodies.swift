import HTTP
import Postgres
import Registry
import Runtime

/// A policy as its holder sees it.
struct OwnPolicyAnswer: Codable, Sendable, APIType {
    struct Cover: Codable, Sendable {
        let name: String
        let fen: Int64

        static let schema = Schema.object(
            "OwnPolicyCover", "What is paid for what", [.required("name", .string(1...100)), .required("fen", .integer(0...Int64.max))])
    }

    let id: ID<Policy>
    let batchId: ID<InsuranceBatch>
    let title: String
    let donor: String
    let kind: InsuranceBatchFacts.Kind
    let state: PolicyState
    let text: String
    let covered: Bool
    let product: String
    let sumInsuredFen: Int64
    let covers: [Cover]
    let coverFrom: String
    let coverTo: String
    let number: String?
    let insurer: String
    let hotline: String
    let claimAdvice: String
    let acceptUntil: String?
    let beneficiaryKind: InsuranceProductFacts.Beneficiary
    let beneficiary: Beneficiary?
    let contributionFen: Int32
    let contributionPaidAt: String?
    let reason: String?
    let actions: [OwnPolicy.Action]
    let version: Int32
    let changedAt: String

    /// - Parameter isWhole: with the whole number and the beneficiary, as one's own view of one policy shows them.
    init(_ own: OwnPolicy, _ language: Language, isWhole: Bool = false, beneficiary: Beneficiary? = nil) {
        let policy = own.policy
        let isChinese = language == .zh
        id = policy.id
        batchId = policy.batchID
        title = own.title
        donor = own.donor
        kind = own.kind
        state = policy.state
        text = PolicyText(own, language).text
        covered = own.coversNow
        product = isChinese ? own.productName : own.productNameEn ?? own.productName
        sumInsuredFen = own.sumInsuredFen
        covers = own.covers.map { Cover(name: isChinese ? $0.name : $0.nameEn ?? $0.name, fen: $0.fen) }
        coverFrom = policy.coverFrom.description
        coverTo = own.lastDay.description
        number = isWhole ? own.number : own.maskedNumber
        insurer = own.insurer
        hotline = own.hotline
        claimAdvice = isChinese ? own.claimAdvice : own.claimAdviceEn ?? own.claimAdvice
        acceptUntil = policy.acceptUntil?.description
        beneficiaryKind = own.beneficiary
        self.beneficiary = isWhole ? beneficiary : nil
        contributionFen = own.contributionFen
        contributionPaidAt = policy.contributionPaidAt?.description
        reason = policy.reason
        actions = own.actions
        version = policy.version
        changedAt = policy.changedAt.description
    }

    private static let money = Schema.integer(0...Int64.max)

    static let schema = Schema.object(
        "OwnPolicy", "A policy of yours",
        [
            .required("id", .id), .required("batchId", .id), .required("title", .string(1...100), "The batch's"),
            .required("donor", .string(1...100), "Who pays"),
            .required("kind", .oneOf(InsuranceBatchFacts.Kind.allCases.map(\.rawValue))),
            .required("state", .oneOf(PolicyState.allCases.map(\.rawValue))),
            .required("text", .string(1...2_000), "The state in plain words, in the language asked for"),
            .required("covered", .boolean, "Whether you are covered today"), .required("product", .string(1...100)),
            .required("sumInsuredFen", money), .required("covers", .array(of: Cover.schema, 0...100)),
            .required("coverFrom", .date, "The first day that is covered"), .required("coverTo", .date, "The last one"),
            .optional("number", .string(1...40), "The insurer's, once it is issued; its last characters in lists"),
            .required("insurer", .string(1...100)), .required("hotline", .string(1...40), "Where to ask and to claim"),
            .required("claimAdvice", .string(1...2_000)), .optional("acceptUntil", .dateTime, "After it an issued policy goes back"),
            .required("beneficiaryKind", .oneOf(InsuranceProductFacts.Beneficiary.allCases.map(\.rawValue))),
            .optional("beneficiary", Beneficiary.schema, "Whom you named; in the view of one policy only"),
            .required("contributionFen", money, "Of mutual aid; 0 for gifts"), .optional("contributionPaidAt", .dateTime),
            .optional("reason", .string(1...500), "Why it was rejected, refused, returned or cancelled"),
            .required("actions", .array(of: .oneOf(OwnPolicy.Action.allCases.map(\.rawValue)), 0...8), "What you can do next"),
            .required("version", .integer(1...Int64(Int32.max))), .required("changedAt", .dateTime),
        ])
}

struct OwnPolicyList: Codable, Sendable, APIType {
    let items: [OwnPolicyAnswer]

    static let schema = Schema.object(
        "OwnPolicyList", "Your policies, the newest first", [.required("items", .array(of: OwnPolicyAnswer.schema, 0...200))])
}

/// That a policy is accepted.
struct AcceptPolicyBody: Codable, Sendable, APIType {
    let beneficiary: Beneficiary?

    static let schema = Schema.object(
        "AcceptPolicy", "That you accept a policy",
        [.optional("beneficiary", Beneficiary.schema, "Needed where the product has one named, else refused")])
}

/// That a policy is not wanted.
struct RefusePolicyBody: Codable, Sendable, APIType {
    enum Reason: String, Codable, CaseIterable, Sendable {
        case notNeeded = "not_needed"
        case insuredElsewhere = "insured_elsewhere"
        case dataWrong = "data_wrong"
        case other
    }

    let reason: Reason?

    static let schema = Schema.object(
        "RefusePolicy", "That you do not want a policy: somebody else gets its place",
        [.optional("reason", .oneOf(Reason.allCases.map(\.rawValue)), "other when absent")])
}

/// What everybody is told of a policy whose certificate they hold.
struct PolicyCheckAnswer: Codable, Sendable, APIType {
    enum State: String, Codable, CaseIterable, Sendable {
        case covers
        /// The insurer has issued it; its days are to come, or it is not accepted yet.
        case notYet = "not_yet"
        case ended
        case cancelled
        case notCovered = "not_covered"
    }

    let valid: Bool
    let state: State?
    let product: String?
    let name: String?
    let number: String?
    let coverFrom: String?
    let coverTo: String?

    /// Of a code that was not made here.
    static let forged = PolicyCheckAnswer(
        valid: false, state: nil, product: nil, name: nil, number: nil, coverFrom: nil, coverTo: nil)

    static let schema = Schema.object(
        "PolicyCheck", "Whether a policy covers today; of a code that was not made here nothing but that it is not valid",
        [
            .required("valid", .boolean, "Whether the code was made here and the policy covers today"),
            .optional("state", .oneOf(State.allCases.map(\.rawValue)), "As it is now"), .optional("product", .string(1...100)),
            .optional("name", .string(1...60), "Masked"), .optional("number", .string(1...60), "The insurer's, masked"),
            .optional("coverFrom", .date), .optional("coverTo", .date, "The last day that is covered"),
        ])
}

extension PolicyCheckAnswer.State {
    init(_ own: OwnPolicy) {
        switch own.state {
        case .active, .claimed: self = own.coversNow ? .covers : own.hasEnded ? .ended : .notYet
        case .expired: self = .ended
        case .issued, .accepted: self = own.hasEnded ? .ended : .notYet
        case .cancelled: self = .cancelled
        case .reserved, .sent, .rejected, .refused, .returned: self = .notCovered
        }
    }
}
