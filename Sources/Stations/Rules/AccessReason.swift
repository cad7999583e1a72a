package import HTTP
import Registry

/// Why a door stays shut. Every reason that applies is given, in the order of this list; the codes never change.
package enum AccessReason: String, CaseIterable, Sendable {
    case codeMalformed = "door.code_malformed"
    case codeUnknownKey = "door.code_unknown_key"
    case codeForged = "door.code_forged"
    case codeExpired = "door.code_expired"
    case codeFromFuture = "door.code_from_future"
    case codeReplayed = "door.code_replayed"
    case cardUnknown = "door.card_unknown"
    case cardRevoked = "door.card_revoked"
    case cardExpired = "door.card_expired"
    case numberUnknown = "door.number_unknown"
    case dayCodeUnknown = "door.day_code_unknown"
    case dayCodeExpired = "door.day_code_expired"
    case tooManyTries = "door.too_many_tries"
    case doorCodeForged = "door.door_code_forged"
    case doorCodeExpired = "door.door_code_expired"
    case pinLocked = "door.pin_locked"
    case pinMissing = "door.pin_missing"
    case pinWrong = "door.pin_wrong"
    case memberUnknown = "door.member_unknown"
    case memberNotActive = "door.member_not_active"
    case stationClosed = "door.station_closed"
    case lockedDown = "door.locked_down"
    case accessPointClosed = "door.access_point_closed"
    case directionNotServed = "door.direction_not_served"
    case outsideHours = "door.outside_hours"
    case organizationNotAdmitted = "door.organization_not_admitted"
    case attributeNotAdmitted = "door.attribute_not_admitted"
    case reentryTooSoon = "door.reentry_too_soon"
    case intervalTooShort = "door.interval_too_short"
    case antiPassback = "door.anti_passback"
    /// From a controller that was alone: only the server knows numbers, day codes and PINs.
    case needsNetwork = "door.needs_network"
    /// From a controller that was alone: the policy asks for what only the server knows of a member.
    case offlineUnverifiable = "door.offline_unverifiable"
    /// From a controller that was alone for longer than the policy allows.
    case offlineTooLong = "door.offline_too_long"
    /// From a controller that had never reached the server.
    case offlineUnprepared = "door.offline_unprepared"
    /// From a controller whose key was ended or that does not serve the door.
    case controllerShutOut = "door.controller_shut_out"
    /// From a controller that was stopped between a scan and its decision.
    case controllerRestarted = "door.controller_restarted"
    /// From a controller whose disk could not be written.
    case journalUnwritable = "door.journal_unwritable"
    case occurredInFuture = "door.occurred_in_future"
    case occurredTooLongAgo = "door.occurred_too_long_ago"
    case full = "door.full"

    /// What happened and what helps, for the person at the door.
    package var text: Localized {
        switch self {
        case .codeMalformed: CredentialText.codeMalformed
        case .codeUnknownKey: CredentialText.codeUnknownKey
        case .codeForged: CredentialText.codeForged
        case .codeExpired: CredentialText.codeExpired
        case .codeFromFuture: CredentialText.codeFromFuture
        case .codeReplayed: Localized(zh: "此会员码已在这里用过，请刷新会员码", en: "The code was used here before: refresh it")
        case .cardUnknown: CredentialText.cardUnknown
        case .cardRevoked: CredentialText.cardRevoked
        case .cardExpired: CredentialText.cardExpired
        case .numberUnknown: CredentialText.numberUnknown
        case .dayCodeUnknown: Localized(zh: "没有这个当日码，请核对后重新输入", en: "There is no such day code: check it and enter it again")
        case .dayCodeExpired: Localized(zh: "当日码已失效，请向工会索取新码", en: "The day code is no longer valid: ask your union for a new one")
        case .tooManyTries:
            Localized(
                zh: "此处当日码错误次数过多，请出示会员码或刷卡，或一小时后再试",
                en: "Too many wrong day codes here: show a member code or card, or wait an hour")
        case .doorCodeForged: Localized(zh: "门上的二维码不是真的，请联系站点管理员", en: "The door's code is not authentic: tell the station's keeper")
        case .doorCodeExpired: Localized(zh: "门上的二维码已过期，请重新扫描", en: "The door's code has expired: scan it again")
        case .pinLocked: CredentialText.pinLocked
        case .pinMissing: CredentialText.pinMissing
        case .pinWrong: CredentialText.pinWrong
        case .memberUnknown: CredentialText.memberUnknown
        case .memberNotActive: Localized(zh: "会员资格目前无效，请联系所在工会", en: "The membership is not active: ask your union")
        case .stationClosed: Localized(zh: "驿站暂停开放，请到其他驿站", en: "The station is closed: go to another one")
        case .lockedDown: Localized(zh: "驿站已封闭，暂停进入", en: "The station is locked down: nobody may enter")
        case .accessPointClosed: Localized(zh: "此门暂停使用，请走其他门", en: "This access point is closed: use another one")
        case .directionNotServed: Localized(zh: "此门只出不进，请走其他门", en: "This access point serves exits only: use another one")
        case .outsideHours: Localized(zh: "现在不在开放时间内", en: "It is outside opening hours")
        case .organizationNotAdmitted: Localized(zh: "此门不对您所在的工会组织开放", en: "This access point is not open to your organization")
        case .attributeNotAdmitted: Localized(zh: "此门只对指定人群开放", en: "This access point is open to certain members only")
        case .reentryTooSoon: Localized(zh: "刚刚进入过，请先刷码离开或稍后再试", en: "You entered a short while ago: scan out first, or wait")
        case .intervalTooShort: Localized(zh: "距上次进入时间太短，请稍后再来", en: "You came in a short while ago: come back later")
        case .antiPassback: Localized(zh: "您已在站内，请先刷码离开", en: "You are inside already: scan out first")
        case .needsNetwork: Localized(zh: "门口暂时断网，请出示会员码", en: "The door has no network: show your member code")
        case .offlineUnverifiable: Localized(zh: "门口暂时断网，无法核对您的身份，请走其他门", en: "The door has no network to check this: use another one")
        case .offlineTooLong: Localized(zh: "门口断网时间过长，请走其他门", en: "The door has been without network for too long: use another one")
        case .offlineUnprepared: Localized(zh: "门口设备尚未连上服务器，请走其他门", en: "The door has not reached the server yet: use another one")
        case .controllerShutOut: Localized(zh: "门口设备已停用，请联系站点管理员", en: "The door's device is shut out: tell the station's keeper")
        case .controllerRestarted: Localized(zh: "门口设备刚刚重启，请重新刷码", en: "The door's device was restarted: scan again")
        case .journalUnwritable: Localized(zh: "门口设备故障，请联系站点管理员", en: "The door's device is faulty: tell the station's keeper")
        case .occurredInFuture: Localized(zh: "设备时钟快了，请联系站点管理员", en: "The device's clock is ahead: tell the station's keeper")
        case .occurredTooLongAgo: Localized(zh: "刷码时间已过太久，请重新刷码", en: "The scan happened too long ago: scan again")
        case .full: Localized(zh: "驿站已满，请稍候或到其他驿站", en: "The station is full: wait, or go to another one")
        }
    }
}
