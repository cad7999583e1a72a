package import HTTP
import Registry

/// Why a coupon is not good at a venue, or is good and yet the venue's own. Every reason that applies is given; the codes never change.
package enum CouponReason: String, CaseIterable, Sendable {
    case codeMalformed = "coupon.code_malformed"
    case codeUnknownKey = "coupon.code_unknown_key"
    case codeForged = "coupon.code_forged"
    case codeExpired = "coupon.code_expired"
    case codeFromFuture = "coupon.code_from_future"
    case codeUnknown = "coupon.code_unknown"
    case tooManyCodes = "coupon.too_many_codes"
    case cardUnknown = "coupon.card_unknown"
    case cardRevoked = "coupon.card_revoked"
    case cardExpired = "coupon.card_expired"
    case numberUnknown = "coupon.number_unknown"
    case pinLocked = "coupon.pin_locked"
    case pinMissing = "coupon.pin_missing"
    case pinWrong = "coupon.pin_wrong"
    case memberUnknown = "coupon.member_unknown"
    case venueClosed = "coupon.venue_closed"
    case occurredInFuture = "coupon.occurred_in_future"
    case unknown = "coupon.unknown"
    case noneHere = "coupon.none_here"
    case notTakenHere = "coupon.not_taken_here"
    case otherPickUpPlace = "coupon.other_pick_up_place"
    case alreadyRedeemed = "coupon.already_redeemed"
    case returned = "coupon.returned"
    case redeemingPaused = "coupon.redeeming_paused"
    case belowMinimumSpend = "coupon.below_minimum_spend"
    case notYetValid = "coupon.not_yet_valid"
    case expired = "coupon.expired"
    case otherWeekday = "coupon.other_weekday"
    case otherHour = "coupon.other_hour"
    case annulledBefore = "coupon.annulled_before"
    case offlineAllowanceUsed = "coupon.offline_allowance_used"

    /// What happened and what helps, for the person at the counter.
    package var text: Localized {
        switch self {
        case .codeMalformed: Localized(zh: "这不是会员码或券码，请出示会员码", en: "This is no member code or coupon code: show your member code")
        case .codeUnknownKey: CredentialText.codeUnknownKey
        case .codeForged: CredentialText.codeForged
        case .codeExpired: Localized(zh: "码已过期，请刷新后再出示", en: "The code has expired: refresh it")
        case .codeFromFuture: CredentialText.codeFromFuture
        case .codeUnknown: Localized(zh: "没有这个券码或已用过，请重新生成", en: "There is no such coupon code, or it was used: make a new one")
        case .tooManyCodes:
            Localized(zh: "本机输错券码次数过多，请扫会员码或一小时后再试", en: "Too many wrong coupon codes here: scan the member code, or wait an hour")
        case .cardUnknown: CredentialText.cardUnknown
        case .cardRevoked: CredentialText.cardRevoked
        case .cardExpired: CredentialText.cardExpired
        case .numberUnknown: CredentialText.numberUnknown
        case .pinLocked: CredentialText.pinLocked
        case .pinMissing: CredentialText.pinMissing
        case .pinWrong: CredentialText.pinWrong
        case .memberUnknown: CredentialText.memberUnknown
        case .venueClosed: Localized(zh: "此商户已停止核销，请到其他定点单位使用", en: "This venue takes no coupons any more: use it at another one")
        case .occurredInFuture: Localized(zh: "时间晚于现在，请核对设备时钟", en: "The time lies in the future: check the device's clock")
        case .unknown: Localized(zh: "此人没有这张券，请在手机上核对", en: "The person has no such coupon: look it up on the phone")
        case .noneHere: Localized(zh: "没有可在此使用的券，请在手机上查看适用商户", en: "There is no coupon for this venue: the phone shows where each is good")
        case .notTakenHere: Localized(zh: "此券不能在本商户使用，请在手机上查看适用商户", en: "This venue does not take it: the phone shows where it is good")
        case .otherPickUpPlace: Localized(zh: "请到领券时选择的地点领取", en: "It is picked up at the place that was chosen with it")
        case .alreadyRedeemed: Localized(zh: "此券已使用，如有疑问请联系发券工会", en: "It was used already: if that is wrong, ask the union that gave it")
        case .returned: Localized(zh: "此券已退回", en: "It was given back")
        case .redeemingPaused: Localized(zh: "此活动暂停核销，请稍后再来", en: "The campaign is paused: come back later")
        case .belowMinimumSpend: Localized(zh: "未达到最低消费金额", en: "Less was spent than the coupon asks for")
        case .notYetValid: Localized(zh: "此券尚未生效，请在有效期内使用", en: "It is not valid yet: come back on its days")
        case .expired: Localized(zh: "此券已过期", en: "It has expired")
        case .otherWeekday: Localized(zh: "此券今天不可用，请在规定的星期使用", en: "It is not good on this day of the week: the phone shows on which")
        case .otherHour: Localized(zh: "现在不在可用时段，请在规定时段使用", en: "It is not good at this hour: the phone shows from when until when")
        case .annulledBefore: Localized(zh: "此笔核销已撤销，请重新发起", en: "This request was annulled before it came: ask again with a new one")
        case .offlineAllowanceUsed: Localized(zh: "超出当日离线额度，由商户承担", en: "Beyond a day's offline allowance: borne by the venue")
        }
    }

    init?(_ fault: ShownCode.Fault?) {
        switch fault {
        case .malformed: self = .codeMalformed
        case .unknownKey: self = .codeUnknownKey
        case .forged: self = .codeForged
        case .expired: self = .codeExpired
        case .fromFuture: self = .codeFromFuture
        case nil: return nil
        }
    }
}

/// A reason as answers have it.
package struct CouponReasonAnswer: Codable, Hashable, Sendable {
    package let code: String
    package let text: String

    init(_ reason: CouponReason, _ language: Language) {
        code = reason.rawValue
        text = reason.text[language]
    }

    static let schema = Schema.object(
        "CouponReason", "Why not, or why it is the venue's own",
        [
            .required("code", .oneOf(CouponReason.allCases.map(\.rawValue)), "Stable"),
            .required("text", .string(1...200), "In the language asked for"),
        ])

    static let list = Schema.array(of: schema, 0...CouponReason.allCases.count)
}
