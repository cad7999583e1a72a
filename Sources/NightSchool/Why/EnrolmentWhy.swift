import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// What a line of an answer to "why" says; the codes never change.
enum EnrolmentLine: String, CaseIterable, Sendable {
    case applied = "school.why_applied"
    case applicants = "school.why_applicants"
    case drawPlace = "school.why_draw_place"
    case drawLowered = "school.why_draw_lowered"
    case drawFull = "school.why_draw_full"
    case drawPassed = "school.why_draw_passed"
    case seated = "school.why_seated"
    case offered = "school.why_offered"
    case waits = "school.why_waits"
    case inTheWay = "school.why_in_the_way"
    case odds = "school.why_odds"
    case classOver = "school.why_class_over"
    case ended = "school.why_ended"
}

/// Why an enrolment stands as it does, in plain words.
struct EnrolmentWhy: Codable, Sendable, APIType {
    struct Line: Codable, Sendable {
        let code: String
        let classId: ID<SchoolClass>?
        let text: String

        static let schema = Schema.object(
            "EnrolmentWhyLine", "One fact",
            [
                .required("code", .oneOf(EnrolmentLine.allCases.map(\.rawValue)), "Stable"),
                .optional("classId", .id, "The class that it is about"), .required("text", .string(1...1_000), "In the language asked for"),
            ])
    }

    let state: Enrolment.State
    let drawId: ID<SchoolDraw>?
    let ticket: String?
    let place: Int32?
    let odds: EnrolmentOdds?
    let lines: [Line]

    init(_ own: OwnEnrolment, _ facts: EnrolmentFacts, _ language: Language) {
        state = own.state
        drawId = facts.draw?.id
        ticket = facts.draw.map { SeatDraw.ticketText($0.ticket) }
        place = own.place
        odds = facts.odds
        lines = EnrolmentWhyText(own: own, facts: facts).lines.map { line in
            Line(code: line.code.rawValue, classId: line.classID, text: line.text[language])
        }
    }

    static let schema = Schema.object(
        "EnrolmentWhy", "Why an enrolment stands as it does",
        [
            .required("state", .oneOf(Enrolment.State.allCases.map(\.rawValue))),
            .optional("drawId", .id, "The draw it takes or took part in: /v1/public/school-draws/{id}"),
            .optional("ticket", .string(1...8), "The pseudonym in that draw's audit file"),
            .optional("place", .integer(1...1_000_000), "Of who waits: the best place in a queue now"),
            .optional("odds", EnrolmentOdds.schema), .required("lines", .array(of: Line.schema, 0...60)),
        ])
}

/// The sentences. Pure.
struct EnrolmentWhyText: Sendable {
    struct Line: Sendable {
        let code: EnrolmentLine
        let classID: ID<SchoolClass>?
        let text: Localized
    }

    let own: OwnEnrolment
    let facts: EnrolmentFacts

    var lines: [Line] { draw + now + facts.wishes.flatMap(wish) + odds }

    private func line(_ code: EnrolmentLine, _ wish: EnrolmentFacts.Wish? = nil, zh: String, en: String) -> Line {
        Line(code: code, classID: wish?.classID, text: Localized(zh: zh, en: en))
    }

    private var draw: [Line] {
        guard let draw = facts.draw, let place = draw.place, let applicants = draw.applicants else { return [] }
        var lines = [
            line(.drawPlace, zh: "抽签顺序第 \(place) 位（共 \(applicants) 人）", en: "Number \(place) of \(applicants) in the draw's order")
        ]
        if draw.isLowered {
            lines.append(
                line(
                    .drawLowered, zh: "此前学期多次无故缺勤，本次抽签排在其他人之后；可在“我的出勤”申诉",
                    en: "You come after the others, for absences without excuse in an earlier term; you may appeal"))
        }
        return lines
    }

    private static func time(_ time: Timestamp) -> String { "\(CalendarDate.inChina(time)) \(ClockTime(time))" }

    private var now: [Line] {
        switch own.state {
        case .applied:
            guard let draw = facts.draw else { return [] }
            let time = Self.time(draw.closesAt)
            return [
                line(
                    .applied, zh: "已提交志愿，\(time) 截止后抽签，此前可修改或撤回",
                    en: "Handed in; the seats are drawn after \(time), until then the wishes may be changed or withdrawn")
            ]
        case .seated: return [line(.seated, zh: "已录取\(own.label ?? "")", en: "You have a seat in \(own.label ?? "the class")")]
        case .offered:
            guard let until = own.offeredUntil.map(Self.time) else { return [] }
            return [
                line(
                    .offered, zh: "\(own.label ?? "")名额为您保留至 \(until)，请确认",
                    en: "A seat in \(own.label ?? "the class") is kept for you until \(until): confirm it")
            ]
        case .waitlisted: return []
        case .declined, .lapsed, .withdrawn, .completed, .dropped:
            let reason = own.reason.map { EnrolmentEnd.text(of: $0) }
            return [
                line(
                    .ended, zh: "已结束（\(EnrolmentEnd.name(of: own.state).zh)）" + (reason.map { "：\($0.zh)" } ?? ""),
                    en: "Over (\(EnrolmentEnd.name(of: own.state).en))" + (reason.map { ": \($0.en)" } ?? ""))
            ]
        }
    }

    private func wish(_ wish: EnrolmentFacts.Wish) -> [Line] {
        var lines: [Line] = []
        if own.state == .applied {
            lines.append(
                line(
                    .applicants, wish, zh: "\(wish.label)：\(wish.capacity) 个名额，\(wish.applied) 人申请",
                    en: "\(wish.label): \(wish.applied) have applied for \(wish.capacity) seats"))
        }
        if let passed = wish.passed {
            let reason = Self.text(passed, wish.passedLesson)
            lines.append(
                line(
                    .drawPassed, wish, zh: "\(wish.label)抽签时未计入：\(reason.zh)",
                    en: "\(wish.label) was passed over in the draw: \(reason.en)"))
        } else if let place = facts.draw?.place, let closing = wish.closing, closing < place {
            lines.append(
                line(
                    .drawFull, wish, zh: "\(wish.label)在第 \(closing) 位录满，您是第 \(place) 位",
                    en: "\(wish.label): the last seat went to number \(closing), yours is \(place)"))
        }
        if let place = wish.place {
            lines.append(
                line(
                    .waits, wish, zh: "\(wish.label)候补第 \(place) 位（共 \(wish.waiting) 人）",
                    en: "\(wish.label): number \(place) of \(wish.waiting) who wait"))
        }
        if let obstacle = wish.obstacle, wish.place != nil {
            let reason = Self.text(obstacle, wish.obstacleLesson)
            lines.append(
                line(
                    .inTheWay, wish, zh: "\(wish.label)轮到时会暂时跳过您：\(reason.zh)",
                    en: "\(wish.label): when it is your turn you are passed over for now: \(reason.en)"))
        }
        if wish.isOver, own.state == .waitlisted {
            lines.append(line(.classOver, wish, zh: "\(wish.label)已取消或结束", en: "\(wish.label) was cancelled or is over"))
        }
        return lines
    }

    private static func text(_ reason: EnrolmentReason, _ lesson: ClashingLesson?) -> Localized {
        lesson.map { $0.violation(at: "").detail } ?? reason.text
    }

    private var odds: [Line] {
        guard own.state == .waitlisted, let odds = facts.odds else { return [] }
        let zh = odds.toPlace.map { "第 \(odds.fromPlace)–\($0) 位" } ?? "第 \(odds.fromPlace) 位以后"
        let en = odds.toPlace.map { "at places \(odds.fromPlace) to \($0)" } ?? "from place \(odds.fromPlace) on"
        return [
            line(
                .odds, zh: "往期同类课程候补\(zh)的 \(odds.waited) 人中，\(odds.offered) 人获得名额",
                en: "In past terms \(odds.offered) of \(odds.waited) who waited \(en) for this category were offered a seat")
        ]
    }
}

/// Where an enrolment stands, and how it ended, in words.
enum EnrolmentEnd {
    static func name(of state: Enrolment.State) -> Localized {
        switch state {
        case .declined: Localized(zh: "已放弃名额", en: "the seat was declined")
        case .lapsed: Localized(zh: "已失效", en: "lapsed")
        case .withdrawn: Localized(zh: "已退出", en: "withdrawn")
        case .completed: Localized(zh: "已结业", en: "completed")
        case .dropped: Localized(zh: "已终止", en: "dropped")
        case .applied: Localized(zh: "已申请抽签", en: "applied")
        case .seated: Localized(zh: "已录取", en: "seated")
        case .waitlisted: Localized(zh: "候补", en: "waiting")
        case .offered: Localized(zh: "待确认", en: "offered")
        }
    }

    /// A code of the service, or the words of an organizer.
    static func text(of reason: String) -> Localized {
        switch reason {
        case "member_left": Localized(zh: "已不是会员", en: "no member any more")
        case "member_merged": Localized(zh: "会员账号已合并", en: "the member was merged into another number of the same person")
        case "member_erased": Localized(zh: "个人信息已删除", en: "the person's data was erased")
        default: EnrolmentReason(rawValue: reason)?.text ?? Localized(zh: reason, en: reason)
        }
    }
}
