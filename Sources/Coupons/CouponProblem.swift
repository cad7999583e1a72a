package import HTTP

/// The problems of campaigns, rounds and claims. A claim that gets nothing is none of them: that is an answer, with its `ClaimReason`s.
package enum CouponProblem {
    package static let campaignUnknown = ProblemType("coupon.campaign_unknown", 404, zh: "没有这个消费券活动", en: "There is no such campaign")
    package static let roundUnknown = ProblemType("coupon.round_unknown", 404, zh: "没有这一轮", en: "There is no such round")
    package static let couponUnknown = ProblemType("coupon.unknown", 404, zh: "没有这张券", en: "There is no such coupon")
    package static let claimUnknown = ProblemType(
        "coupon.claim_unknown", 404, zh: "没有这次领取记录", en: "No claim of this request id got anything or waits")
    package static let organizationUnknown = ProblemType(
        "coupon.organization_unknown", 422, zh: "没有这个组织", en: "There is no such organization")
    package static let invalid = ProblemType("coupon.invalid", 422, zh: "内容有误", en: "Something in it is not right")
    package static let beyondBudget = ProblemType(
        "coupon.beyond_budget", 409, zh: "超出活动预算", en: "The rounds together would be worth more than the budget")
    package static let frozen = ProblemType(
        "coupon.round_frozen", 409, zh: "已公布的轮次不能修改", en: "What was announced of a round is not changed any more")
    package static let changed = ProblemType(
        "coupon.changed", 412, zh: "内容已被他人修改，请刷新", en: "Somebody else has changed it: read it again")
    package static let wrongState = ProblemType("coupon.wrong_state", 409, zh: "当前状态不能这样做", en: "Not in its present state")
    package static let requestIDReused = ProblemType(
        "coupon.request_id_reused", 409, zh: "此请求编号已用于别的请求", en: "The request id was used for something else")
    package static let tooManyClaims = ProblemType(
        "coupon.too_many_claims", 429, zh: "请求过于频繁，请稍候", en: "Too many claims from here: wait a moment", retryable: true)
    package static let notReturnable = ProblemType(
        "coupon.not_returnable", 409, zh: "已使用或已过期的券不能退回", en: "A coupon that was used or has expired is not given back")

    package static let all: [ProblemType] = [
        campaignUnknown, roundUnknown, couponUnknown, claimUnknown, organizationUnknown, invalid, beyondBudget, frozen, changed,
        wrongState, requestIDReused, tooManyClaims, notReturnable,
    ]

    static func invalid(_ faults: [Violation]) -> Problem { Problem(invalid, violations: faults) }
}
