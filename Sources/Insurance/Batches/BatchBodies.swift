import Crypto
import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// What an organizer writes of a batch.
struct BatchBody: Codable, Sendable, APIType {
    let organizationId: ID<Organization>
    let productId: ID<InsuranceProduct>
    let kind: InsuranceBatchFacts.Kind?
    let title: String
    let donor: String
    let size: Int32
    let premiumFen: Int32
    let contributionFen: Int32?
    let coverFrom: String
    let coverTo: String
    let joinUntil: String?
    let rules: ProgramRules?
    let renewDays: Int16?

    /// - Throws: `insurance.invalid`.
    func facts() throws -> InsuranceBatchFacts {
        guard let from = CalendarDate(text: coverFrom), let to = CalendarDate(text: coverTo) else {
            preconditionFailure("the schema lets only days through")
        }
        let facts = InsuranceBatchFacts(
            kind: kind ?? .gift, title: title, donor: donor, size: size, premiumFen: premiumFen, contributionFen: contributionFen ?? 0,
            coverFrom: from, coverUntil: CalendarDate(daysSince1970: to.daysSince1970 + 1),
            joinUntil: joinUntil.flatMap { Timestamp(dateTime: $0) }, rules: rules ?? ProgramRules(), renewDays: renewDays)
        let faults = facts.faults()
        guard faults.isEmpty else { throw InsuranceProblem.invalid(faults) }
        return facts
    }

    static let schema = Schema.object(
        "InsuranceBatchBody", "A batch to be made, or what a draft is to be",
        [
            .required("organizationId", .id, "Whose members it is for, those of its subtree"), .required("productId", .id),
            .optional("kind", .oneOf(InsuranceBatchFacts.Kind.allCases.map(\.rawValue)), "gift when absent"),
            .required("title", .string(1...100)), .required("donor", .string(1...100), "Who pays"),
            .required("size", .integer(1...Int64(InsuranceBatchFacts.sizeMax)), "Policies"),
            .required("premiumFen", .integer(0...100_000_000), "Of one policy"),
            .optional("contributionFen", .integer(0...100_000_000), "What a member pays to join mutual aid; 0 for gifts"),
            .required("coverFrom", .date, "The first day that is covered"), .required("coverTo", .date, "The last one"),
            .optional("joinUntil", .dateTime, "Of mutual aid"),
            .optional("rules", ProgramRules.schema, "Whom the policies are for, who goes first, which floors are kept"),
            .optional("renewDays", .integer(1...366), "So many days before the cover ends a draft for the time after it is made"),
        ])
}

/// Where a batch's policies are.
struct PlacesAnswer: Codable, Sendable {
    private static let count = Schema.integer(0...Int64(InsuranceBatchFacts.sizeMax))

    static let schema = Schema.object(
        "InsurancePlaces", "Where the batch's policies are: together always its size",
        ["free", "reserved", "sent", "rejected", "issued", "accepted", "active", "claimed", "expired", "cancelled"].map {
            .required($0, count)
        })
}

/// A batch as organizers see it.
struct BatchAnswer: Codable, Sendable, APIType {
    let id: ID<InsuranceBatch>
    let organizationId: ID<Organization>
    let productId: ID<InsuranceProduct>
    let kind: InsuranceBatchFacts.Kind
    let title: String
    let donor: String
    let state: InsuranceBatch.State
    let size: Int32
    let premiumFen: Int32
    let contributionFen: Int32
    let coverFrom: String
    let coverTo: String
    let joinUntil: String?
    let rules: ProgramRules
    let places: InsuranceBatch.Places
    let rulesHash: String?
    let lotteryCommitment: String?
    let inputsHash: String?
    let runBy: String?
    let runAt: String?
    let reviewedBy: String?
    let reviewedAt: String?
    let cancelReason: String?
    let renewDays: Int16?
    let renewsBatchId: ID<InsuranceBatch>?

    init(_ batch: InsuranceBatch) {
        let facts = batch.facts
        id = batch.id
        organizationId = batch.organizationID
        productId = batch.productID
        kind = facts.kind
        title = facts.title
        donor = facts.donor
        state = batch.state
        size = facts.size
        premiumFen = facts.premiumFen
        contributionFen = facts.contributionFen
        coverFrom = facts.coverFrom.description
        coverTo = CalendarDate(daysSince1970: facts.coverUntil.daysSince1970 - 1).description
        joinUntil = facts.joinUntil?.description
        rules = facts.rules
        places = batch.places
        rulesHash = batch.rulesHash.map { Hex.encode($0) }
        lotteryCommitment = batch.commitment.map { Hex.encode($0) }
        inputsHash = batch.inputsHash.map { Hex.encode($0) }
        runBy = batch.runBy
        runAt = batch.runAt?.description
        reviewedBy = batch.reviewedBy
        reviewedAt = batch.reviewedAt?.description
        cancelReason = batch.cancelReason
        renewDays = facts.renewDays
        renewsBatchId = batch.renewsBatchID
    }

    private static let hash = Schema.string(64...64)

    static let schema = Schema.object(
        "InsuranceBatch", "A batch of policies",
        [
            .required("id", .id), .required("organizationId", .id), .required("productId", .id),
            .required("kind", .oneOf(InsuranceBatchFacts.Kind.allCases.map(\.rawValue))), .required("title", .string(1...100)),
            .required("donor", .string(1...100)), .required("state", .oneOf(InsuranceBatch.State.allCases.map(\.rawValue))),
            .required("size", .integer(1...Int64(InsuranceBatchFacts.sizeMax))), .required("premiumFen", .integer(0...100_000_000)),
            .required("contributionFen", .integer(0...100_000_000)), .required("coverFrom", .date), .required("coverTo", .date),
            .optional("joinUntil", .dateTime), .required("rules", ProgramRules.schema), .required("places", PlacesAnswer.schema),
            .optional("rulesHash", hash, "SHA-256 of what was announced"),
            .optional("lotteryCommitment", hash, "SHA-256 that binds the lottery's secret, which is told once the run is confirmed"),
            .optional("inputsHash", hash, "SHA-256 of whom the run looked at"), .optional("runBy", .string(1...100)),
            .optional("runAt", .dateTime), .optional("reviewedBy", .string(1...100)), .optional("reviewedAt", .dateTime),
            .optional("cancelReason", .string(1...500)), .optional("renewDays", .integer(1...366)),
            .optional("renewsBatchId", .id, "The batch whose time it follows"),
        ])
}

struct BatchList: Codable, Sendable, APIType {
    let items: [BatchAnswer]
    let next: String?

    static let schema = Schema.object(
        "InsuranceBatchList", "A page of batches", [.required("items", .array(of: BatchAnswer.schema, 0...200)), PageCursor.next])
}

/// A run that was asked for.
struct GiftRunAnswer: Codable, Sendable, APIType {
    let job: Int64

    static let schema = Schema.object(
        "InsuranceRun", "A run that was asked for: GET /v1/jobs/{job} shows how far it is", [.required("job", .integer(1...Int64.max))])
}

/// What a second organizer says of a run.
struct BatchReviewBody: Codable, Sendable, APIType {
    let confirm: Bool
    let reason: String?

    static let schema = Schema.object(
        "InsuranceReviewBody", "What came of looking at a run",
        [
            .required("confirm", .boolean, "false gives everything back, for another run"),
            .optional("reason", .string(1...500), "Needed where it is not confirmed"),
        ])
}

/// Why.
struct BatchReasonBody: Codable, Sendable, APIType {
    let reason: String

    static let schema = Schema.object("InsuranceReasonBody", "Why", [.required("reason", .string(1...500), "No personal data")])
}
