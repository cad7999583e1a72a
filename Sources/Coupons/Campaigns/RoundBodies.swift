import Crypto
import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// What an organizer writes of a round.
struct CouponRoundBody: Codable, Sendable, APIType {
    let mode: FairnessMode?
    let opensAt: String
    let closesAt: String
    let stock: Int32
    let cap: Int32?
    let equalStartSeconds: Int32?
    let leftover: LeftoverRule?
    let reservesEndAt: String?
    let rules: ProgramRules?

    var facts: CouponRoundFacts {
        func time(_ text: String) -> Timestamp {
            guard let time = Timestamp(dateTime: text) else { preconditionFailure("the schema lets only times through") }
            return time
        }
        return CouponRoundFacts(
            mode: mode ?? .race, opensAt: time(opensAt), closesAt: time(closesAt), stock: stock, cap: cap ?? 1,
            equalStartSeconds: equalStartSeconds, leftover: leftover ?? .return, reservesEndAt: reservesEndAt.map(time),
            rules: rules ?? ProgramRules())
    }

    static let schema = Schema.object(
        "CouponRoundBody", "A round to be made, or what a draft is to be",
        [
            .optional(
                "mode", .oneOf(FairnessMode.allCases.map(\.rawValue)),
                "race: who comes first; equal_start: all of the first seconds are shuffled, then a race; draw: shared out. race when absent"
            ),
            .required("opensAt", .dateTime), .required("closesAt", .dateTime), .required("stock", .integer(1...10_000_000)),
            .optional("cap", .integer(1...100), "Coupons that one person has of this round; 1 when absent"),
            .optional("equalStartSeconds", .integer(1...3_600), "Needed for equal_start, and only there"),
            .optional(
                "leftover", .oneOf(LeftoverRule.allCases.map(\.rawValue)),
                "carry: what is left is the next round's; return: goes back to the budget. return when absent"),
            .optional("reservesEndAt", .dateTime, "When stock kept for groups is everybody's; never when absent"),
            .optional("rules", ProgramRules.schema, "Who may claim; groups, and as floors the stock that is kept for them"),
        ])
}

/// A round as organizers see it.
struct CouponRoundAnswer: Codable, Sendable, APIType {
    let id: ID<CouponRound>
    let campaignId: ID<CouponCampaign>
    let number: Int32
    let state: CouponRound.State
    let mode: FairnessMode
    let opensAt: String
    let closesAt: String
    let stock: Int32
    let left: Int32
    let faceFen: Int64
    let cap: Int32
    let equalStartSeconds: Int32?
    let leftover: LeftoverRule
    let reservesEndAt: String?
    let rules: ProgramRules
    let rulesHash: String?
    let commitment: String?
    let programId: ID<UnionProgram>?
    let soldOutAt: String?
    let pausedAt: String?
    let pauseReason: String?
    let cancelReason: String?
    let coupons: LedgerAnswer
    let fen: LedgerAnswer

    init(_ round: CouponRound) {
        let facts = round.facts
        id = round.id
        campaignId = round.campaignID
        number = round.number
        state = round.state
        mode = facts.mode
        opensAt = facts.opensAt.description
        closesAt = facts.closesAt.description
        stock = facts.stock
        left = round.left
        faceFen = round.faceFen
        cap = facts.cap
        equalStartSeconds = facts.equalStartSeconds
        leftover = facts.leftover
        reservesEndAt = facts.reservesEndAt?.description
        rules = facts.rules
        rulesHash = round.rulesHash.map { Hex.encode($0) }
        commitment = round.commitment.map { Hex.encode($0) }
        programId = round.programID
        soldOutAt = round.soldOutAt?.description
        pausedAt = round.pausedAt?.description
        pauseReason = round.pauseReason
        cancelReason = round.cancelReason
        coupons = LedgerAnswer(round.ledger)
        fen = LedgerAnswer(round.ledger, times: round.faceFen)
    }

    static let schema = Schema.object(
        "CouponRound", "A round of a campaign",
        [
            .required("id", .id), .required("campaignId", .id), .required("number", .integer(1...1_000)),
            .required("state", .oneOf(CouponRound.State.allCases.map(\.rawValue)), "Open an announced one is by the clock"),
            .required("mode", .oneOf(FairnessMode.allCases.map(\.rawValue))), .required("opensAt", .dateTime),
            .required("closesAt", .dateTime), .required("stock", .integer(0...10_000_000)),
            .required("left", .integer(0...10_000_000), "What can be given out now"), .required("faceFen", .integer(1...10_000_000)),
            .required("cap", .integer(1...100)), .optional("equalStartSeconds", .integer(1...3_600)),
            .required("leftover", .oneOf(LeftoverRule.allCases.map(\.rawValue))), .optional("reservesEndAt", .dateTime),
            .required("rules", .json), .optional("rulesHash", .string(64...64), "SHA-256 of what was announced"),
            .optional("commitment", .string(64...64), "SHA-256 by which the shuffle's secret was promised"),
            .optional("programId", .id, "Of a draw: the program that shares out"), .optional("soldOutAt", .dateTime),
            .optional("pausedAt", .dateTime), .optional("pauseReason", .string(1...500)), .optional("cancelReason", .string(1...500)),
            .required("coupons", LedgerAnswer.schema), .required("fen", LedgerAnswer.schema),
        ])
}

struct CouponRoundList: Codable, Sendable, APIType {
    let items: [CouponRoundAnswer]
    let coupons: LedgerAnswer
    let fen: LedgerAnswer

    init(_ rounds: [CouponRound]) {
        items = rounds.map(CouponRoundAnswer.init)
        coupons = LedgerAnswer(sum: items.map(\.coupons))
        fen = LedgerAnswer(sum: items.map(\.fen))
    }

    static let schema = Schema.object(
        "CouponRoundList", "Every round of a campaign, with the ledger of all",
        [
            .required("items", .array(of: CouponRoundAnswer.schema, 0...1_000)), .required("coupons", LedgerAnswer.schema),
            .required("fen", LedgerAnswer.schema),
        ])
}
