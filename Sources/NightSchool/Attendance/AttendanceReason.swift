package import HTTP

/// Why somebody is not recorded at a lesson. Every reason that applies is given; the codes never change.
package enum AttendanceReason: String, CaseIterable, Sendable {
    case codeMalformed = "school.code_malformed"
    case codeUnknownKey = "school.code_unknown_key"
    case codeForged = "school.code_forged"
    case codeExpired = "school.code_expired"
    case codeFromFuture = "school.code_from_future"
    case cardUnknown = "school.card_unknown"
    case cardRevoked = "school.card_revoked"
    case cardExpired = "school.card_expired"
    case numberUnknown = "school.number_unknown"
    case pinLocked = "school.pin_locked"
    case pinMissing = "school.pin_missing"
    case pinWrong = "school.pin_wrong"
    case memberUnknown = "school.member_unknown"
    case deviceElsewhere = "school.device_elsewhere"
    case lessonCancelled = "school.lesson_cancelled"
    case notOpen = "school.attendance_not_open"
    case closed = "school.attendance_closed"
    case occurredInFuture = "school.occurred_in_future"
    case noSeat = "school.no_seat"
    case seatLent = "school.seat_lent"
    case alreadyMarked = "school.already_marked"
    case markedTwice = "school.marked_twice"
    case markedLater = "school.marked_later"

    /// What happened and what helps, for the person at the door of the room.
    package var text: Localized {
        switch self {
        case .codeMalformed: Localized(zh: "这不是会员码，请出示会员码", en: "This is not a member code: show your member code")
        case .codeUnknownKey: Localized(zh: "会员码的密钥未知，请刷新会员码", en: "The code was made with a key unknown here: refresh it")
        case .codeForged: Localized(zh: "会员码不是真的，请刷新会员码", en: "The code is not authentic: refresh it")
        case .codeExpired: Localized(zh: "会员码已过期，请刷新会员码", en: "The code has expired: refresh it")
        case .codeFromFuture: Localized(zh: "会员码的签发时间晚于现在，请刷新会员码", en: "The code was issued later than now: refresh it")
        case .cardUnknown: Localized(zh: "此卡未登记，请联系所在工会", en: "This card is not known: ask your union")
        case .cardRevoked: Localized(zh: "此卡已注销，请联系所在工会", en: "This card was revoked: ask your union")
        case .cardExpired: Localized(zh: "此卡不在有效期内，请联系所在工会", en: "This card is not valid now: ask your union")
        case .numberUnknown: Localized(zh: "此卡号未绑定会员，请联系所在工会", en: "This number belongs to no member: ask your union")
        case .pinLocked: Localized(zh: "密码错误次数过多，此卡已锁定，请联系所在工会", en: "Too many wrong PINs, the card is locked: ask your union")
        case .pinMissing: Localized(zh: "请输入密码", en: "Enter the PIN")
        case .pinWrong: Localized(zh: "密码错误，请重新输入", en: "The PIN is wrong: enter it again")
        case .memberUnknown: Localized(zh: "查无此会员，请联系所在工会", en: "There is no such member: ask your union")
        case .deviceElsewhere: Localized(zh: "本机不在此课的教室，请到该教室签到", en: "This device is not in the lesson's room: sign in there")
        case .lessonCancelled: Localized(zh: "此课已取消", en: "This lesson was cancelled")
        case .notOpen: Localized(zh: "此课尚未开始签到", en: "This lesson takes nobody yet")
        case .closed: Localized(zh: "此课已结束，请联系老师补签", en: "This lesson is over: ask the teacher")
        case .occurredInFuture: Localized(zh: "时间晚于现在，请检查设备时钟", en: "The time is later than now: check the device's clock")
        case .noSeat: Localized(zh: "您不是此班学员", en: "You have no seat in this class")
        case .seatLent: Localized(zh: "您已请假，座位当晚已让给候补学员", en: "You said you would not come: somebody who waits has the seat this evening")
        case .alreadyMarked: Localized(zh: "已签到，无需重复", en: "You are on the roll already")
        case .markedTwice: Localized(zh: "名单中此人重复", en: "The person is on the list twice")
        case .markedLater: Localized(zh: "此后已有新的记录，请刷新名单", en: "Something was recorded later than this: read the roll again")
        }
    }
}

/// A reason as it is told.
struct AttendanceReasonAnswer: Codable, Hashable, Sendable {
    let code: String
    let text: String

    init(_ reason: AttendanceReason, _ language: Language) {
        code = reason.rawValue
        text = reason.text[language]
    }

    static let schema = Schema.object(
        "AttendanceReason", "Why not",
        [
            .required("code", .oneOf(AttendanceReason.allCases.map(\.rawValue)), "Stable"),
            .required("text", .string(1...200), "In the language asked for"),
        ])
}
