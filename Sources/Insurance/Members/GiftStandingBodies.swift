import Crypto
import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// How it stands with a person in a batch.
struct OwnBatchAnswer: Codable, Sendable, APIType {
    struct Reason: Codable, Sendable {
        let code: String
        let text: String

        static let schema = Schema.object(
            "OwnBatchReason", "Why not",
            [
                .required("code", .oneOf(["not_active", "covered", "rules", "not_open", "no_place", "later"])),
                .required("text", .string(1...20_000), "In the language asked for"),
            ])
    }

    struct Draw: Codable, Sendable {
        let candidates: Int
        let policies: Int
        let number: ID<Member>
        let place: Int32
        let `class`: Int16
        let className: String?
        let groups: [String]
        let lastPlace: Int32?
        let way: String?
        let floorDecided: Bool

        static let schema = Schema.object(
            "OwnBatchDraw", "Where the run saw you",
            [
                .required("candidates", .integer(0...Int64(Int32.max)), "Those in the common order"),
                .required("policies", .integer(0...Int64(Int32.max)), "Those to be given"),
                .required("number", .id, "Yours, under which the lottery drew"),
                .required("place", .integer(1...Int64(Int32.max)), "In the common order"),
                .required("class", .integer(1...65_535), "1 goes first"), .optional("className", .string(1...100)),
                .required("groups", .array(of: .string(1...100), 0...8)),
                .optional("lastPlace", .integer(1...Int64(Int32.max)), "The last that got one without a floor"),
                .optional("way", .oneOf(["floor", "next"]), "How yours came: for a floor that was short, or as the next"),
                .required("floorDecided", .boolean, "Whether the order alone would have decided otherwise about you"),
            ])
    }

    struct Lottery: Codable, Sendable {
        let name: String
        let secret: String
        let commitment: String?
        let rulesHash: String?
        let inputsHash: String?

        private static let hash = Schema.string(64...64)

        static let schema = Schema.object(
            "OwnBatchLottery", "All that the draw can be made again with, given whom the run looked at",
            [
                .required("name", .string(1...100), "What was drawn for"), .required("secret", hash, "Public since the run was confirmed"),
                .optional("commitment", hash, "SHA-256 that bound the secret when the batch was announced"),
                .optional("rulesHash", hash), .optional("inputsHash", hash, "SHA-256 of whom the run looked at"),
            ])
    }

    let batchId: ID<InsuranceBatch>
    let title: String
    let donor: String
    let kind: InsuranceBatchFacts.Kind
    let state: InsuranceBatch.State
    let product: String
    let sumInsuredFen: Int64
    let coverFrom: String
    let coverTo: String
    let contributionFen: Int32
    let joinUntil: String?
    let standing: GiftStanding.Verdict
    let policyId: ID<Policy>?
    let policyState: PolicyState?
    let reasons: [Reason]
    let draw: Draw?
    let lottery: Lottery?
    let lines: [String]

    init(_ standing: GiftStanding, _ language: Language) {
        let batch = standing.batch
        let facts = standing.product.facts
        batchId = batch.id
        title = batch.facts.title
        donor = batch.facts.donor
        kind = batch.facts.kind
        state = batch.state
        product = language == .zh ? facts.name : facts.nameEn ?? facts.name
        sumInsuredFen = facts.sumInsuredFen
        coverFrom = batch.facts.coverFrom.description
        coverTo = CalendarDate(daysSince1970: batch.facts.coverUntil.daysSince1970 - 1).description
        contributionFen = batch.facts.contributionFen
        joinUntil = batch.facts.joinUntil?.description
        self.standing = standing.verdict
        policyId = standing.own?.id
        policyState = standing.own?.state
        reasons = standing.reasons.map { Reason(code: $0.code, text: $0.text[language]) }
        if let draw = standing.draw, let look = standing.look {
            self.draw = Draw(
                candidates: draw.candidates, policies: draw.quota, number: look.memberID, place: look.place, class: look.priority,
                className: standing.className, groups: standing.groupNames, lastPlace: draw.lastPlace, way: standing.own?.way,
                floorDecided: standing.isDecidedByFloor)
        } else {
            draw = nil
        }
        lottery = standing.draw.map { draw in
            Lottery(
                name: InsuranceBatch.lotteryName(batch.id), secret: Hex.encode(draw.secret),
                commitment: batch.commitment.map { Hex.encode($0) }, rulesHash: batch.rulesHash.map { Hex.encode($0) },
                inputsHash: batch.inputsHash.map { Hex.encode($0) })
        }
        lines = GiftStandingText(standing: standing, language: language).lines
    }

    static let schema = Schema.object(
        "OwnInsuranceBatch", "How it stands with you in a batch",
        [
            .required("batchId", .id), .required("title", .string(1...100)), .required("donor", .string(1...100)),
            .required("kind", .oneOf(InsuranceBatchFacts.Kind.allCases.map(\.rawValue))),
            .required("state", .oneOf(InsuranceBatch.State.allCases.map(\.rawValue))), .required("product", .string(1...100)),
            .required("sumInsuredFen", .integer(0...Int64.max)), .required("coverFrom", .date), .required("coverTo", .date),
            .required("contributionFen", .integer(0...Int64.max)), .optional("joinUntil", .dateTime),
            .required("standing", .oneOf(GiftStanding.Verdict.allCases.map(\.rawValue))), .optional("policyId", .id),
            .optional("policyState", .oneOf(PolicyState.allCases.map(\.rawValue))),
            .required("reasons", .array(of: Reason.schema, 0...50), "Why you have none"),
            .optional("draw", Draw.schema, "Of a gift whose run looked at you; in the view of one batch only"),
            .optional("lottery", Lottery.schema, "Of a gift; in the view of one batch only"),
            .required("lines", .array(of: .string(1...20_000), 0...100), "All of it in plain words, in the language asked for"),
        ])
}

struct OwnBatchList: Codable, Sendable, APIType {
    let items: [OwnBatchAnswer]
    let next: String?

    static let schema = Schema.object(
        "OwnInsuranceBatchList", "A page of batches", [.required("items", .array(of: OwnBatchAnswer.schema, 0...200)), PageCursor.next])
}
