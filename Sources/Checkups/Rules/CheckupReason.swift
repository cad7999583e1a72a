package import HTTP
import Registry

/// Why somebody is not examined now, does not wait at the van, or a line of the paper list is not entered. Every reason that applies is
/// given; the codes never change.
package enum CheckupReason: String, CaseIterable, Sendable {
    case codeMalformed = "checkup.code_malformed"
    case codeUnknownKey = "checkup.code_unknown_key"
    case codeForged = "checkup.code_forged"
    case codeExpired = "checkup.code_expired"
    case codeFromFuture = "checkup.code_from_future"
    case cardUnknown = "checkup.card_unknown"
    case cardRevoked = "checkup.card_revoked"
    case cardExpired = "checkup.card_expired"
    case numberUnknown = "checkup.number_unknown"
    case pinLocked = "checkup.pin_locked"
    case pinMissing = "checkup.pin_missing"
    case pinWrong = "checkup.pin_wrong"
    case memberUnknown = "checkup.member_unknown"
    case memberNotActive = "checkup.member_not_active"
    case notPublished = "checkup.not_published"
    case notToday = "checkup.not_today"
    case notForYou = "checkup.not_for_you"
    case notEligible = "checkup.not_eligible"
    case noPlace = "checkup.no_place"
    case placeGivenBack = "checkup.place_given_back"
    case notConfirmed = "checkup.not_confirmed"
    case alreadyCheckedIn = "checkup.already_checked_in"
    case hasPlace = "checkup.has_place"
    case benefitTaken = "checkup.benefit_taken"
    case otherVisit = "checkup.other_visit"
    case otherDay = "checkup.other_day"
    case otherSession = "checkup.other_session"
    case tooEarly = "checkup.too_early"
    case placeGivenAway = "checkup.place_given_away"
    case sessionUnknown = "checkup.session_unknown"
    case sessionFull = "checkup.session_full"
    case enteredTwice = "checkup.entered_twice"
    case occurredInFuture = "checkup.occurred_in_future"

    /// What happened and what helps, for the person at the van.
    package var text: Localized {
        switch self {
        case .codeMalformed: CredentialText.codeMalformed
        case .codeUnknownKey: CredentialText.codeUnknownKey
        case .codeForged: CredentialText.codeForged
        case .codeExpired: CredentialText.codeExpired
        case .codeFromFuture: CredentialText.codeFromFuture
        case .cardUnknown: CredentialText.cardUnknown
        case .cardRevoked: CredentialText.cardRevoked
        case .cardExpired: CredentialText.cardExpired
        case .numberUnknown: CredentialText.numberUnknown
        case .pinLocked: CredentialText.pinLocked
        case .pinMissing: CredentialText.pinMissing
        case .pinWrong: CredentialText.pinWrong
        case .memberUnknown: CredentialText.memberUnknown
        case .memberNotActive: Localized(zh: "会员资格目前无效，请联系所在工会", en: "The membership is not active: ask your union")
        case .notPublished: Localized(zh: "此次体检的名额尚未公布或已结束", en: "The places of these checkups are not published yet, or it is over")
        case .notToday: Localized(zh: "今天体检车不在这里", en: "The van is not here today")
        case .notForYou: Localized(zh: "这次体检车只为指定单位的会员服务", en: "This visit is for the members of other organizations")
        case .notEligible: Localized(zh: "不符合此次体检的报名条件", en: "The rules of these checkups do not admit you")
        case .noPlace: Localized(zh: "没有此次体检的名额，可以在现场候补", en: "You have no place here: you may wait for one at the van")
        case .placeGivenBack: Localized(zh: "名额已退回，可以在现场候补", en: "Your place was given back: you may wait for one at the van")
        case .notConfirmed: Localized(zh: "名额尚未确认，请先在手机上确认", en: "The place is not confirmed yet: confirm it on your phone first")
        case .alreadyCheckedIn: Localized(zh: "已经签到过了", en: "You have checked in already")
        case .hasPlace: Localized(zh: "已有名额，请按场次签到", en: "You have a place: check in for its session")
        case .benefitTaken: Localized(zh: "本期已享受过此项福利", en: "You have had this benefit for the period already")
        case .otherVisit: Localized(zh: "名额在另一个体检点", en: "Your place is at another site")
        case .otherDay: Localized(zh: "名额在另一天", en: "Your place is on another day")
        case .otherSession: Localized(zh: "名额在另一个场次", en: "The place is in another session")
        case .tooEarly: Localized(zh: "来早了，请按场次时间签到", en: "It is too early: come back at the session's time")
        case .placeGivenAway:
            Localized(zh: "逾时未到，名额已给现场候补的人", en: "You did not come in time, and your place was given to somebody who waited")
        case .sessionUnknown: Localized(zh: "当天没有这个场次", en: "There is no such session on that day")
        case .sessionFull: Localized(zh: "场次已满", en: "The session is full")
        case .enteredTwice: Localized(zh: "此人在名单里出现了两次", en: "This person stands in the list twice")
        case .occurredInFuture: Localized(zh: "时间晚于现在，请核对设备时钟", en: "The time lies in the future: check the device's clock")
        }
    }
}

/// A reason as answers have it.
package struct CheckupReasonAnswer: Codable, Hashable, Sendable {
    package let code: String
    package let text: String

    init(_ reason: CheckupReason, _ language: Language) {
        code = reason.rawValue
        text = reason.text[language]
    }

    static let schema = Schema.object(
        "CheckupReason", "Why not",
        [
            .required("code", .oneOf(CheckupReason.allCases.map(\.rawValue)), "Stable"),
            .required("text", .string(1...200), "In the language asked for"),
        ])
}
