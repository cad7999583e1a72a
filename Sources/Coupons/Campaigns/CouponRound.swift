package import HTTP
package import Postgres
package import Programs
import Registry
package import Runtime

/// A drop of a fixed number of coupons (轮).
package struct CouponRound: Sendable {
    package let id: ID<CouponRound>
    package let campaignID: ID<CouponCampaign>
    /// 1 for the first.
    package let number: Int32
    package let state: State
    /// Grows with every change; the ETag.
    package let version: Int32
    package let facts: CouponRoundFacts
    package let faceFen: Int64
    /// SHA-256 of what was announced; nil in a draft.
    package let rulesHash: [UInt8]?
    /// SHA-256 by which the shuffle's secret was promised.
    package let commitment: [UInt8]?
    /// Of a draw: the program that shares out.
    package let programID: ID<UnionProgram>?
    package let announcedAt: Timestamp?
    package let shuffledAt: Timestamp?
    package let closedAt: Timestamp?
    package let cancelReason: String?
    package let pausedAt: Timestamp?
    package let pauseReason: String?
    package let soldOutAt: Timestamp?
    package let ledger: CouponLedger

    /// Whether anybody was told of it, and whether it is over; open it is by the clock.
    package enum State: String, Codable, CaseIterable, Sendable {
        case draft, announced, closed, cancelled
    }

    /// What can be given out now: what was given back counts once it is stock again.
    package var left: Int32 { facts.stock - ledger.issued + ledger.reissued }
}

/// Who gets a coupon when more want one than there are.
package enum FairnessMode: String, Codable, CaseIterable, Sendable {
    /// Who comes first.
    case race
    /// All claims of the first seconds are shuffled by the committed lottery; then a race.
    case equalStart = "equal_start"
    /// Claims are applications, shared out with floors and an explanation for each.
    case draw
}

/// What becomes of stock that is left when a round closes.
package enum LeftoverRule: String, Codable, CaseIterable, Sendable {
    /// The next round's that has not opened yet; without one it goes back.
    case carry
    /// Back to the budget.
    case `return`
}

/// What an organizer says of a round; frozen once it is announced.
package struct CouponRoundFacts: Hashable, Sendable {
    package var mode: FairnessMode
    package var opensAt: Timestamp
    package var closesAt: Timestamp
    package var stock: Int32
    /// Coupons that one person has of this round, 1 to 100.
    package var cap: Int32
    /// Of an equal start: how many seconds, 1 to 3,600.
    package var equalStartSeconds: Int32?
    package var leftover: LeftoverRule
    /// When stock kept for groups is everybody's; nil: never.
    package var reservesEndAt: Timestamp?
    /// Who may claim; groups, and as floors the stock kept for them.
    package var rules: ProgramRules

    package init(
        mode: FairnessMode = .race, opensAt: Timestamp, closesAt: Timestamp, stock: Int32, cap: Int32 = 1,
        equalStartSeconds: Int32? = nil, leftover: LeftoverRule = .return, reservesEndAt: Timestamp? = nil,
        rules: ProgramRules = ProgramRules()
    ) {
        self.mode = mode
        self.opensAt = opensAt
        self.closesAt = closesAt
        self.stock = stock
        self.cap = cap
        self.equalStartSeconds = equalStartSeconds
        self.leftover = leftover
        self.reservesEndAt = reservesEndAt
        self.rules = rules
    }

    /// What is wrong with it as a whole.
    package func faults(at pointer: String = "") -> [Violation] {
        var faults = rules.faults(quota: Int(stock), at: "\(pointer)/rules")
        func fault(_ code: String, _ field: String, zh: String, en: String) {
            faults.append(Violation(code, pointer: "\(pointer)/\(field)", zh: zh, en: en))
        }
        if closesAt <= opensAt { fault("coupon.closes_before_it_opens", "closesAt", zh: "结束须晚于开始", en: "It closes after it opens") }
        if (mode == .equalStart) != (equalStartSeconds != nil) {
            fault(
                "coupon.equal_start_invalid", "equalStartSeconds", zh: "公平起跑须给出秒数，其他方式不需要",
                en: "An equal start says how many seconds; other ways do not")
        }
        if mode != .draw, !rules.classes.isEmpty || !rules.points.isEmpty || rules.organizationCap != nil {
            fault(
                "coupon.rules_for_draws_only", "rules", zh: "优先类别、积分和单位上限只用于抽签",
                en: "Classes, points and caps of organizations are for draws")
        }
        if mode == .draw, cap != 1 { fault("coupon.draw_gives_one", "cap", zh: "抽签每人一张", en: "A draw gives one coupon each") }
        return faults
    }
}

/// Where the coupons of a round, a campaign or all are: issued = held + redeemed + expired + returned, at every instant.
package struct CouponLedger: Hashable, Sendable, Codable {
    package var issued: Int32
    package var held: Int32
    package var redeemed: Int32
    package var expired: Int32
    package var returned: Int32
    /// Of those returned, how many became stock again.
    package var reissued: Int32

    package var isBalanced: Bool { issued == held + redeemed + expired + returned }
}
