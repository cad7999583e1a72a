package import HTTP

/// The problems of the checkups' routes. Somebody who is not examined now is none of them: that is an answer, with its `CheckupReason`s.
package enum CheckupProblem {
    package static let campaignUnknown = ProblemType("checkup.campaign_unknown", 404, zh: "没有这个体检活动", en: "There is no such campaign")
    package static let campaignExists = ProblemType(
        "checkup.campaign_exists", 409, zh: "此项目已是体检活动", en: "The program is one of checkups already")
    package static let programUnknown = ProblemType("checkup.program_unknown", 422, zh: "没有这个项目", en: "There is no such program")
    package static let packageExists = ProblemType(
        "checkup.package_exists", 409, zh: "此活动已有同名套餐", en: "The campaign has a package of this name")
    package static let invalid = ProblemType("checkup.invalid", 422, zh: "内容有误", en: "Something in it is not right")
    package static let visitUnknown = ProblemType("checkup.visit_unknown", 404, zh: "没有这次体检车安排", en: "There is no such visit")
    package static let sessionsFrozen = ProblemType(
        "checkup.sessions_frozen", 409, zh: "报名和分配期间不能增加场次", en: "Between its announcement and its result a program gets no sessions")
    package static let sessionsExist = ProblemType(
        "checkup.sessions_exist", 409, zh: "其中有的场次已经排好", en: "One of these sessions is there already")
    package static let requestIDReused = ProblemType(
        "checkup.request_id_reused", 409, zh: "此请求编号已用于另一次签到", en: "The request id was used for something else")
    package static let swapNoPlace = ProblemType(
        "checkup.swap_no_place", 409, zh: "您在这里没有可换的名额", en: "You have no place here that could be changed")
    package static let swapFull = ProblemType(
        "checkup.swap_full", 409, zh: "该场次已满，原名额保留", en: "That session is full; your place stays as it is")
    package static let swapTooLate = ProblemType(
        "checkup.swap_too_late", 409, zh: "场次已开始或确认时间已过，不能更换", en: "It has begun, or its offer is over: it cannot be changed any more")
    package static let swapSessionUnknown = ProblemType(
        "checkup.swap_session_unknown", 422, zh: "这里没有这个场次", en: "There is no such session at this visit")
    package static let nothingToDo = ProblemType(
        "checkup.nothing_to_follow", 409, zh: "没有需要处理的事项", en: "There is nothing that was to be done")

    package static let all: [ProblemType] = [
        campaignUnknown, campaignExists, programUnknown, packageExists, invalid, visitUnknown, sessionsFrozen, sessionsExist,
        requestIDReused, swapNoPlace, swapFull, swapTooLate, swapSessionUnknown, nothingToDo,
    ]
}
