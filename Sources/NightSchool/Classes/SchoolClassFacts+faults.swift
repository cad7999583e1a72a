import HTTP
import Postgres
import Registry

extension SchoolClassFacts {
    /// What is wrong with a class by itself, whatever else there is.
    /// - Parameters:
    ///   - lessons: in order of time; none where their pattern is at fault.
    ///   - pointer: where the class stands in the body.
    func faults(_ lessons: [LessonTime], at pointer: String = "") -> [Violation] {
        placeFaults(pointer) + lectureFaults(lessons, pointer) + minimumFaults(lessons, pointer) + feeFaults(pointer)
            + enrolmentFaults(lessons, pointer)
    }

    private func placeFaults(_ pointer: String) -> [Violation] {
        switch (kindOrStandard, roomId, link) {
        case (.online, .some, _):
            [Violation("school.online_has_no_room", pointer: "\(pointer)/roomId", zh: "线上班没有教室", en: "What is online has no room")]
        case (.class, _, .some), (.masterLecture, _, .some):
            [Violation("school.room_has_no_link", pointer: "\(pointer)/link", zh: "只有线上班有链接", en: "Only what is online has a link")]
        default: []
        }
    }

    private func lectureFaults(_ lessons: [LessonTime], _ pointer: String) -> [Violation] {
        guard kindOrStandard == .masterLecture else { return [] }
        var faults: [Violation] = []
        if capacity < SchoolClass.masterLectureSeatsMin {
            faults.append(
                Violation(
                    "school.lecture_too_small", pointer: "\(pointer)/capacity", zh: "大师课至少 \(SchoolClass.masterLectureSeatsMin) 个名额",
                    en: "A master lecture has \(SchoolClass.masterLectureSeatsMin) seats at least"))
        }
        if lessons.count > 1 {
            faults.append(
                Violation(
                    "school.lecture_is_one_lesson", pointer: "\(pointer)/pattern", zh: "大师课只有一节", en: "A master lecture is one lesson"))
        }
        return faults
    }

    private func minimumFaults(_ lessons: [LessonTime], _ pointer: String) -> [Violation] {
        var faults: [Violation] = []
        if (minimum == nil) != (decideOn == nil) {
            faults.append(
                Violation(
                    "school.minimum_needs_day", pointer: "\(pointer)/\(minimum == nil ? "minimum" : "decideOn")",
                    zh: "开班人数与决定日期须同时填写", en: "minimum and decideOn go together"))
        }
        if let minimum, minimum > capacity {
            faults.append(
                Violation(
                    "school.minimum_above_capacity", pointer: "\(pointer)/minimum", zh: "开班人数多于名额", en: "It is more than there are seats"))
        }
        if let decideOn, let first = lessons.first, decideOn >= first.day {
            faults.append(
                Violation(
                    "school.decided_too_late", pointer: "\(pointer)/decideOn", zh: "须早于第一节课（\(first.day)）",
                    en: "It is decided before the first lesson, on \(first.day)"))
        }
        return faults
    }

    private func feeFaults(_ pointer: String) -> [Violation] {
        (reducedFees ?? []).enumerated().filter { $0.element.fen >= feeFen ?? 0 }.map { index, _ in
            Violation(
                "school.fee_not_reduced", pointer: "\(pointer)/reducedFees/\(index)/fen", zh: "优惠价须低于原价",
                en: "A reduced fee is less than the fee")
        }
    }

    private func enrolmentFaults(_ lessons: [LessonTime], _ pointer: String) -> [Violation] {
        var faults: [Violation] = []
        if let opensAt, let closesAt, opensAt >= closesAt {
            faults.append(
                Violation("school.enrolment_reversed", pointer: "\(pointer)/closesAt", zh: "须晚于开始报名", en: "It closes after it has opened"))
        }
        if let closesAt, let last = lessons.last, closesAt > last.endsAt {
            faults.append(
                Violation(
                    "school.enrolment_after_end", pointer: "\(pointer)/closesAt", zh: "须早于最后一节课结束",
                    en: "It closes by the end of the last lesson"))
        }
        return faults + drawFaults(lessons, pointer)
    }

    /// Seats are drawn before anything is decided about them, or taught.
    private func drawFaults(_ lessons: [LessonTime], _ pointer: String) -> [Violation] {
        guard let mode = enrolmentMode, mode != .firstCome, let closesAt else { return [] }
        var faults: [Violation] = []
        if let first = lessons.first, closesAt >= first.startsAt {
            faults.append(
                Violation(
                    "school.drawn_too_late", pointer: "\(pointer)/closesAt", zh: "抽签须早于第一节课",
                    en: "Seats are drawn before the first lesson"))
        }
        if let decideOn, decideOn <= CalendarDate.inChina(closesAt) {
            faults.append(
                Violation(
                    "school.decided_before_draw", pointer: "\(pointer)/decideOn", zh: "须晚于抽签截止日",
                    en: "It is decided on a day after the draw has closed"))
        }
        return faults
    }

    /// What is missing for everybody to see it, and what is too late by now.
    func faultsToPublish(_ lessons: [LessonTime], now: Timestamp, at pointer: String = "") -> [Violation] {
        var faults: [Violation] = []
        func missing(_ name: String) {
            faults.append(Violation("school.missing_to_publish", pointer: "\(pointer)/\(name)", zh: "发布前须填写", en: "Needed to be published"))
        }
        if teacherId == nil { missing("teacherId") }
        if kindOrStandard == .online, link == nil { missing("link") }
        if kindOrStandard != .online, roomId == nil { missing("roomId") }
        if opensAt == nil { missing("opensAt") }
        if closesAt == nil { missing("closesAt") }
        if let closesAt, closesAt <= now {
            faults.append(
                Violation("school.enrolment_over", pointer: "\(pointer)/closesAt", zh: "报名时间已过", en: "The time to enrol is over"))
        }
        if let decideOn, decideOn <= CalendarDate.inChina(now) {
            faults.append(
                Violation("school.decision_over", pointer: "\(pointer)/decideOn", zh: "决定日期已到或已过", en: "The day to decide has come"))
        }
        if let first = lessons.first, first.startsAt <= now {
            faults.append(
                Violation("school.first_lesson_over", pointer: "\(pointer)/pattern", zh: "第一节课已开始", en: "The first lesson has begun"))
        }
        return faults
    }
}
