package import HTTP

/// The problems of schools, terms, teachers, courses, classes and lessons.
package enum SchoolProblem {
    package static let schoolUnknown = ProblemType("school.unknown", 404, zh: "没有这所夜校", en: "There is no such school")
    package static let termUnknown = ProblemType("school.term_unknown", 404, zh: "没有这个学期", en: "There is no such term")
    package static let roomUnknown = ProblemType("school.room_unknown", 404, zh: "没有这间教室", en: "There is no such room")
    package static let categoryUnknown = ProblemType("school.category_unknown", 404, zh: "没有这个类别", en: "There is no such category")
    package static let teacherUnknown = ProblemType("school.teacher_unknown", 404, zh: "没有这位老师", en: "There is no such teacher")
    package static let courseUnknown = ProblemType("school.course_unknown", 404, zh: "没有这门课程", en: "There is no such course")
    package static let classUnknown = ProblemType("school.class_unknown", 404, zh: "没有这个班", en: "There is no such class")
    package static let lessonUnknown = ProblemType("school.lesson_unknown", 404, zh: "没有这节课", en: "There is no such lesson")
    package static let organizationUnknown = ProblemType(
        "school.organization_unknown", 422, zh: "没有这个组织", en: "There is no such organization")
    package static let invalid = ProblemType("school.invalid", 422, zh: "内容有误", en: "Something in it is not right")
    package static let changed = ProblemType("school.changed", 412, zh: "内容已被他人修改，请刷新", en: "Somebody else has changed it: read it again")
    package static let wrongState = ProblemType("school.wrong_state", 409, zh: "当前状态不能这样做", en: "Not in its present state")
    package static let nameTaken = ProblemType("school.name_taken", 409, zh: "名称已被使用", en: "This name is given already")
    package static let lessonOver = ProblemType(
        "school.lesson_over", 409, zh: "此课已开始、已上完或已取消", en: "The lesson has begun, was held or is cancelled")
    package static let lessonOffline = ProblemType("school.lesson_offline", 409, zh: "此课不在线上进行", en: "The lesson is not online")
    package static let seatsTaken = ProblemType(
        "school.second_organizer_needed", 409, zh: "名额低于已录取人数，需另一位管理员确认",
        en: "Fewer seats than are taken: a second organizer must confirm who loses theirs")
    package static let enrolmentUnknown = ProblemType("school.enrolment_unknown", 404, zh: "没有这条报名", en: "There is no such enrolment")
    package static let offerOver = ProblemType(
        "school.offer_over", 409, zh: "名额保留时间已过，已顺延给下一位", en: "The seat was kept long enough: it goes to the next")
    package static let requestIDReused = ProblemType(
        "school.request_id_reused", 409, zh: "此请求编号已用于其他志愿", en: "This request id was used for other wishes")
    package static let drawUnknown = ProblemType("school.draw_unknown", 404, zh: "没有这次抽签", en: "There is no such draw")
    package static let notDrawn = ProblemType("school.not_drawn", 409, zh: "尚未抽签", en: "Nothing was drawn yet")
    package static let seatedOnly = ProblemType(
        "school.seated_only", 403, zh: "仅本班学员可查看", en: "Only who has a seat in the class may see it")
    package static let noCut = ProblemType("school.no_cut", 409, zh: "没有待确认的缩减", en: "No cut waits for its confirmation")
    package static let ownCut = ProblemType(
        "school.own_cut", 403, zh: "自己提出的缩减须由他人确认", en: "Who proposed a cut does not confirm it: somebody else must")
    package static let cutChanged = ProblemType(
        "school.cut_changed", 409, zh: "缩减方案已被更改，请重新查看后再确认", en: "Another cut was proposed meanwhile: look at it before you confirm")
    package static let calendarUnknown = ProblemType(
        "school.calendar_unknown", 404, zh: "没有此日历地址，或已停用", en: "There is no such calendar address any more")
    package static let all: [ProblemType] = [
        schoolUnknown, termUnknown, roomUnknown, categoryUnknown, teacherUnknown, courseUnknown, classUnknown, lessonUnknown,
        organizationUnknown, invalid, changed, wrongState, nameTaken, lessonOver, lessonOffline, seatsTaken,
        enrolmentUnknown, offerOver, requestIDReused, drawUnknown, notDrawn, seatedOnly, noCut, ownCut, cutChanged, calendarUnknown,
    ]

    static func invalid(_ faults: [Violation]) -> Problem { Problem(invalid, violations: faults) }
}
