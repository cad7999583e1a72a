package import HTTP

/// The problems of attendance, lent seats, standings, certificates and feedback.
package enum AttendanceProblem {
    package static let scanIDReused = ProblemType(
        "school.scan_id_reused", 409, zh: "此请求编号已用于其他签到", en: "This request id was used for something else")
    package static let deviceOnly = ProblemType("school.device_only", 403, zh: "只能由教室设备操作", en: "Only a classroom's device may do this")
    package static let deviceUnbound = ProblemType(
        "school.device_unbound", 409, zh: "本机尚未绑定教室，请联系夜校", en: "The device is bound to no room: ask the school")
    package static let deviceUnknown = ProblemType("school.device_unknown", 404, zh: "没有这台设备", en: "There is no such device")
    package static let deviceProfile = ProblemType(
        "school.device_profile", 422, zh: "只能绑定教室签到设备", en: "Only a device of the profile classroom stands in a room")
    package static let notSeated = ProblemType("school.no_seat_held", 409, zh: "您在此班没有座位", en: "You have no seat in this class")
    package static let lessonCalledOff = ProblemType("school.lesson_called_off", 409, zh: "此课已取消", en: "This lesson was called off")
    package static let excuseTooLate = ProblemType(
        "school.excuse_too_late", 409, zh: "已过请假截止时间", en: "It is too late to say that you will not come")
    package static let onTheRoll = ProblemType(
        "school.on_the_roll", 409, zh: "此课已有您的考勤记录", en: "You are on the roll of this lesson already")
    package static let lentSeatUnknown = ProblemType(
        "school.lent_seat_unknown", 404, zh: "没有为您保留此课的座位", en: "No seat of this lesson was offered to you")
    package static let lentSeatOver = ProblemType(
        "school.lent_seat_over", 409, zh: "座位保留时间已过，或已不再空出", en: "The seat is not kept for you any longer")
    package static let lentSeatBusy = ProblemType(
        "school.lent_seat_busy", 409, zh: "您在同一时间另有课程", en: "You have another lesson at the same hour")
    package static let standingUnknown = ProblemType("school.standing_unknown", 404, zh: "没有这条记录", en: "There is no such standing")
    package static let standingLifted = ProblemType("school.standing_lifted", 409, zh: "此记录已撤销", en: "It was lifted already")
    package static let appealExists = ProblemType("school.appeal_exists", 409, zh: "您已提出申诉", en: "You have appealed already")
    package static let appealUnknown = ProblemType("school.appeal_unknown", 404, zh: "没有这条申诉", en: "There is no such appeal")
    package static let appealDecided = ProblemType("school.appeal_decided", 409, zh: "此申诉已有决定", en: "The appeal was decided otherwise")
    package static let certificateUnknown = ProblemType(
        "school.certificate_unknown", 404, zh: "没有这份结业证书", en: "There is no such certificate")
    package static let certificateRevoked = ProblemType(
        "school.certificate_revoked", 409, zh: "此证书已撤销", en: "The certificate was revoked")
    package static let tooManyChecks = ProblemType(
        "school.too_many_checks", 429, zh: "查询过于频繁，请稍后再试", en: "Too many checks: try again later", retryable: true)
    package static let notCompleted = ProblemType(
        "school.not_completed", 409, zh: "结业后才能评价", en: "Feedback is of those who completed the class")
    package static let feedbackClosed = ProblemType(
        "school.feedback_closed", 409, zh: "已过可修改评价的时间", en: "It is too late to change the feedback")

    package static let all: [ProblemType] = [
        scanIDReused, deviceOnly, deviceUnbound, deviceUnknown, deviceProfile, notSeated, lessonCalledOff, excuseTooLate, onTheRoll,
        lentSeatUnknown, lentSeatOver, lentSeatBusy, standingUnknown, standingLifted, appealExists, appealUnknown, appealDecided,
        certificateUnknown, certificateRevoked, tooManyChecks, notCompleted, feedbackClosed,
    ]
}
