package import FoundationEssentials
package import HTTP
package import Postgres
package import Registry
package import Runtime

/// A claim on a coupon of a round, on its way to the decision.
package struct CouponClaim: Sendable {
    package let memberID: ID<Member>
    package let roundID: ID<CouponRound>
    /// Made by the member's phone: the same again gets the first answer, for ever, where something was given.
    package let requestID: UUID
    /// Of goods: where they are to be picked up.
    package let venueID: ID<Venue>?

    package init(memberID: ID<Member>, roundID: ID<CouponRound>, requestID: UUID, venueID: ID<Venue>? = nil) {
        self.memberID = memberID
        self.roundID = roundID
        self.requestID = requestID
        self.venueID = venueID
    }

    /// What was decided.
    package enum Outcome: Sendable {
        case won(ID<Coupon>, at: Timestamp)
        /// Waits for the shuffle of an equal start, or for the draw.
        case pending(since: Timestamp)
        /// Final: nothing was written, and nothing has to be waited for.
        case refused([Violation])
        case roundUnknown
        case memberUnknown
        /// The request id was used for another round or place.
        case conflict
    }

    /// An outcome with what it says of the round.
    package struct Decision: Sendable {
        package let outcome: Outcome
        /// What the round had issued, where nothing is left for anybody.
        let issuedWhenNoneLeft: Int32?
    }
}

/// How a claim went, in one word: what stands first among the reasons names it.
package enum ClaimResult: String, Codable, CaseIterable, Sendable {
    case won, pending
    case soldOut = "sold_out"
    case limitReached = "limit_reached"
    case notEligible = "not_eligible"
    case notOpen = "not_open"
    case ended, paused
    /// Of goods: none left at that place, or it is none of this campaign's.
    case placeUnavailable = "place_unavailable"

    /// What the reasons come to: what the round's time says goes before what is wrong with the person.
    init(_ reasons: [Violation]) {
        let codes = Set(reasons.map(\.code))
        let order: [(ClaimReason, ClaimResult)] = [
            (.cancelled, .ended), (.ended, .ended), (.notOpen, .notOpen), (.paused, .paused), (.memberNotActive, .notEligible),
            (.notEligible, .notEligible), (.limitReached, .limitReached), (.venueUnknown, .placeUnavailable),
            (.venueOutOfStock, .placeUnavailable),
        ]
        self = order.first { codes.contains($0.0.rawValue) }?.1 ?? .soldOut
    }
}

/// Why a claim gets nothing. Every reason that applies is given; the codes never change.
package enum ClaimReason: String, CaseIterable, Sendable {
    case cancelled = "coupon.cancelled"
    case ended = "coupon.ended"
    case notOpen = "coupon.not_open"
    case paused = "coupon.paused"
    case memberNotActive = "coupon.member_not_active"
    case notEligible = "coupon.not_eligible"
    case limitReached = "coupon.limit_reached"
    case venueUnknown = "coupon.venue_unknown"
    case venueOutOfStock = "coupon.venue_out_of_stock"
    case soldOut = "coupon.sold_out"

    /// What it comes to and what helps.
    package var text: Localized {
        switch self {
        case .cancelled: Localized(zh: "本轮已取消", en: "This round was cancelled")
        case .ended: Localized(zh: "本轮已结束，请关注下一轮", en: "This round is over: watch for the next")
        case .notOpen: Localized(zh: "本轮尚未开始，以服务器时间为准", en: "This round has not begun, by the server's clock")
        case .paused: Localized(zh: "本轮暂停，恢复后再试", en: "This round is paused: try again when it goes on")
        case .memberNotActive: Localized(zh: "会籍未处于有效状态，请联系所在工会", en: "The membership is not active: ask your union")
        case .notEligible: Localized(zh: "不符合条件", en: "This does not hold")
        case .limitReached: Localized(zh: "已达到每人可领数量", en: "You have as many as one person may have")
        case .venueUnknown: Localized(zh: "请选择本活动的领取点", en: "Choose one of the places where these are picked up")
        case .venueOutOfStock: Localized(zh: "该领取点已无库存，请换一个领取点", en: "Nothing is left at this place: choose another")
        case .soldOut: Localized(zh: "本轮已抢完，感谢参与", en: "Everything of this round is given out")
        }
    }

    package var violation: Violation { Violation(rawValue, zh: text.zh, en: text.en) }

    static func notEligible(_ condition: Localized) -> Violation {
        Violation(notEligible.rawValue, zh: "不符合条件：\(condition.zh)", en: "This does not hold: \(condition.en)")
    }
}
