package import FoundationEssentials
package import HTTP
import Postgres
package import Registry
package import Runtime

/// A member's seat in a course of a term, or the place in its queue (报名).
package enum Enrolment {
    /// Where it stands.
    package enum State: String, Codable, CaseIterable, Sendable {
        /// Takes part in a draw that is to come.
        case applied
        case seated, waitlisted
        /// A seat came free and is kept for a while.
        case offered
        case declined
        /// An offer that ended, or a wait for a class that is over.
        case lapsed
        /// Left before the class began.
        case withdrawn
        case completed
        /// Left after the class began, or the class was cancelled.
        case dropped
    }
}

/// A request for a seat, on its way to the decision.
package struct EnrolmentRequest: Sendable {
    package let memberID: ID<Member>
    /// Made by the caller: the same again gets the first answer, for ever, where something was given.
    package let requestID: UUID
    /// Classes of one course and term, the dearest first; 1 to 8.
    package let wishes: [ID<SchoolClass>]
    package let subject: String

    package init(memberID: ID<Member>, requestID: UUID, wishes: [ID<SchoolClass>], subject: String) {
        self.memberID = memberID
        self.requestID = requestID
        self.wishes = wishes
        self.subject = subject
    }

    /// What was decided.
    package enum Outcome: Sendable {
        case seated(ID<Enrolment>, in: ID<SchoolClass>)
        /// Takes part in the draw.
        case applied(ID<Enrolment>)
        /// With the best place in a queue, from 1.
        case waitlisted(ID<Enrolment>, place: Int32)
        /// Answered before, and what it was told.
        case repeated(ID<Enrolment>, Enrolment.State)
        /// Nothing was written.
        case refused([Violation])
        case classUnknown
        case memberUnknown
        /// The request id was used for other wishes.
        case conflict
    }
}

/// Why an enrolment is refused. Every reason that applies is given; the codes never change.
package enum EnrolmentReason: String, CaseIterable, Sendable {
    case wishesDiffer = "school.wishes_differ"
    case byDraw = "school.enrolment_by_draw"
    case classCancelled = "school.class_cancelled"
    case classOver = "school.class_over"
    case notOpen = "school.enrolment_not_open"
    case closed = "school.enrolment_closed"
    case lessonsClash = "school.lessons_clash"
    case alreadyEnrolled = "school.already_enrolled"
    case capReached = "school.cap_reached"
    case memberNotActive = "school.member_not_active"
    case notEligible = "school.not_eligible"

    /// What it comes to and what helps.
    package var text: Localized {
        switch self {
        case .wishesDiffer: Localized(zh: "志愿须为同一课程、同一学期的不同班级", en: "Wishes are different classes of one course and term")
        case .byDraw: Localized(zh: "此班先抽签录取，请待结果公布后再报名", en: "Seats of this class are drawn first: come back once they are")
        case .classCancelled: Localized(zh: "此班已取消，请选择其他班级", en: "This class was cancelled: choose another")
        case .classOver: Localized(zh: "此班已结束", en: "This class is over")
        case .notOpen: Localized(zh: "报名尚未开始，以服务器时间为准", en: "Enrolment has not begun, by the server's clock")
        case .closed: Localized(zh: "报名已截止", en: "Enrolment is closed")
        case .lessonsClash: Localized(zh: "与已报课程时间冲突", en: "A lesson of yours is at the same hour")
        case .alreadyEnrolled: Localized(zh: "本学期已报名此课程，如需换班请先退出", en: "You are enrolled in this course already: leave it first")
        case .capReached: Localized(zh: "已达到本学期可报班级数，退出一门后再报", en: "You have as many classes of this term as one person may have")
        case .memberNotActive: Localized(zh: "会籍未处于有效状态，请联系所在工会", en: "The membership is not active: ask your union")
        case .notEligible: Localized(zh: "不符合条件", en: "This does not hold")
        }
    }

    static func notEligible(_ condition: Localized, at pointer: String) -> Violation {
        Violation(
            notEligible.rawValue, pointer: pointer, zh: "不符合条件：\(condition.zh)", en: "This does not hold: \(condition.en)")
    }
}

/// A lesson that stands in the way of another.
struct ClashingLesson: Sendable {
    let title: String
    let titleEn: String?
    let label: String
    let number: Int32
    let startsAt: Timestamp

    /// `《书法》一班 第 3 课，2026-12-08 19:00`.
    func violation(at pointer: String) -> Violation {
        let time = "\(CalendarDate.inChina(startsAt)) \(ClockTime(startsAt))"
        return Violation(
            EnrolmentReason.lessonsClash.rawValue, pointer: pointer, zh: "与《\(title)》\(label)第 \(number) 课（\(time)）时间冲突",
            en: "clashes with lesson \(number) of “\(titleEn ?? title)”, \(label), on \(time)")
    }
}
