package import HTTP
import Registry

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
