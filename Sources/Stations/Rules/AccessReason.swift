package import HTTP

/// Why a door stays shut. Every reason that applies is given, in the order of this list; the codes never change.
package enum AccessReason: String, CaseIterable, Sendable {
    case codeMalformed = "door.code_malformed"
    case codeUnknownKey = "door.code_unknown_key"
    case codeForged = "door.code_forged"
    case codeExpired = "door.code_expired"
    case codeFromFuture = "door.code_from_future"
    case codeReplayed = "door.code_replayed"
    case memberUnknown = "door.member_unknown"
    case memberNotActive = "door.member_not_active"
    case accessPointClosed = "door.access_point_closed"
    case directionNotServed = "door.direction_not_served"
    case outsideHours = "door.outside_hours"
    case reentryTooSoon = "door.reentry_too_soon"
    case occurredInFuture = "door.occurred_in_future"
    case occurredTooLongAgo = "door.occurred_too_long_ago"

    /// What happened and what helps, for the person at the door.
    package var text: Localized {
        switch self {
        case .codeMalformed: Localized(zh: "这不是会员码，请出示会员码", en: "This is not a member code: show your member code")
        case .codeUnknownKey: Localized(zh: "会员码的密钥未知，请刷新会员码", en: "The code was made with a key unknown here: refresh it")
        case .codeForged: Localized(zh: "会员码不是真的，请刷新会员码", en: "The code is not authentic: refresh it")
        case .codeExpired: Localized(zh: "会员码已过期，请刷新会员码", en: "The code has expired: refresh it")
        case .codeFromFuture: Localized(zh: "会员码的签发时间晚于现在，请刷新会员码", en: "The code was issued later than now: refresh it")
        case .codeReplayed: Localized(zh: "此会员码已在这里用过，请刷新会员码", en: "The code was used here before: refresh it")
        case .memberUnknown: Localized(zh: "查无此会员，请联系所在工会", en: "There is no such member: ask your union")
        case .memberNotActive: Localized(zh: "会员资格目前无效，请联系所在工会", en: "The membership is not active: ask your union")
        case .accessPointClosed: Localized(zh: "此门暂停使用，请走其他门", en: "This access point is closed: use another one")
        case .directionNotServed: Localized(zh: "此门只出不进，请走其他门", en: "This access point serves exits only: use another one")
        case .outsideHours: Localized(zh: "现在不在开放时间内", en: "It is outside opening hours")
        case .reentryTooSoon: Localized(zh: "刚刚进入过，请先刷码离开或稍后再试", en: "You entered a short while ago: scan out first, or wait")
        case .occurredInFuture: Localized(zh: "设备时钟快了，请联系站点管理员", en: "The device's clock is ahead: tell the station's keeper")
        case .occurredTooLongAgo: Localized(zh: "刷码时间已过太久，请重新刷码", en: "The scan happened too long ago: scan again")
        }
    }
}
