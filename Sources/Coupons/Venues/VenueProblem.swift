package import HTTP

/// The problems of venues, redemptions and settlements. A coupon that is not good is none of them: that is an answer, with its
/// `CouponReason`s.
package enum VenueProblem {
    package static let unknown = ProblemType("venue.unknown", 404, zh: "没有这个定点单位", en: "There is no such venue")
    package static let invalid = ProblemType("venue.invalid", 422, zh: "内容有误", en: "Something in it is not right")
    package static let closed = ProblemType("venue.closed", 409, zh: "此定点单位已停用", en: "The venue is closed")
    package static let deviceUnknown = ProblemType("venue.device_unknown", 404, zh: "没有这台设备", en: "There is no such device")
    package static let deviceProfile = ProblemType(
        "venue.device_profile", 422, zh: "只能绑定商户核销设备", en: "Only a device of the profile venue redeems coupons")
    package static let deviceUnbound = ProblemType(
        "venue.device_unbound", 409, zh: "本机尚未绑定定点单位，请联系工会", en: "The device is bound to no venue: ask the union")
    package static let deviceOnly = ProblemType("venue.device_only", 403, zh: "只能由核销设备操作", en: "Only a venue's device may do this")
    package static let campaignUnknown = CouponProblem.campaignUnknown
    package static let notInCampaign = ProblemType(
        "venue.not_in_campaign", 404, zh: "此活动没有这个定点单位", en: "The campaign has no such venue")
    package static let stockBelowSpokenFor = ProblemType(
        "venue.stock_below_spoken_for", 409, zh: "数量少于已被领取的数量", en: "More than that is picked up or claimed here already")
    package static let requestIDReused = CouponProblem.requestIDReused
    package static let redemptionUnknown = ProblemType(
        "coupon.redemption_unknown", 404, zh: "没有这笔核销", en: "There is no such redemption")
    package static let redemptionForeign = ProblemType(
        "coupon.redemption_foreign", 403, zh: "只能由核销的设备撤销", en: "Only the device that redeemed it may annul it")
    package static let annulmentTooLate = ProblemType(
        "coupon.annulment_too_late", 409, zh: "已超过15分钟，请联系工会办理退券", en: "More than 15 minutes have passed: ask the union for a refund")
    package static let notStanding = ProblemType(
        "coupon.redemption_not_standing", 409, zh: "这笔核销已被撤销、退回或未生效", en: "The redemption was undone otherwise, or took nothing")
    package static let couponUnknown = CouponProblem.couponUnknown
    package static let couponNotUsable = ProblemType(
        "coupon.own_not_usable", 409, zh: "此券已使用、过期或退回", en: "The coupon was used or given back, or has expired")
    package static let settlementUnknown = ProblemType(
        "coupon.settlement_unknown", 404, zh: "没有这份结算单", en: "There is no such settlement")
    package static let settlementOverlaps = ProblemType(
        "coupon.settlement_overlaps", 409, zh: "此期间已有部分结算", en: "Part of this period is settled already")
    package static let settlementTooEarly = ProblemType(
        "coupon.settlement_too_early", 409, zh: "期间结束15分钟后才能结算", en: "A period is settled 15 minutes after its end at the earliest")

    /// Those of its own; the campaigns' and the claims' stand in `CouponProblem`.
    package static let all: [ProblemType] = [
        unknown, invalid, closed, deviceUnknown, deviceProfile, deviceUnbound, deviceOnly, notInCampaign,
        stockBelowSpokenFor, redemptionUnknown, redemptionForeign, annulmentTooLate, notStanding,
        couponNotUsable, settlementUnknown, settlementOverlaps, settlementTooEarly,
    ]

    static func invalid(_ code: String, _ pointer: String, zh: String, en: String) -> Problem {
        Problem(Self.invalid, violations: [Violation(code, pointer: pointer, zh: zh, en: en)])
    }
}
