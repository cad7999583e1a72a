package import HTTP
package import Postgres
import Registry

/// What a class's lessons are made of: days of the week at a time of day, so many or until a day, without exceptions, with extra days.
package struct LessonPattern: Hashable, Codable, Sendable {
    /// A lesson on a day of its own, on top of the weekly ones.
    package struct Extra: Hashable, Codable, Sendable {
        package var on: CalendarDate
        /// The pattern's own when nil.
        package var from: ClockTime?
        package var to: ClockTime?

        package init(on: CalendarDate, from: ClockTime? = nil, to: ClockTime? = nil) {
            self.on = on
            self.from = from
            self.to = to
        }
    }

    /// 1 for Monday to 7 for Sunday; none: extra days only.
    package var weekdays: [Int]?
    package var from: ClockTime
    package var to: ClockTime
    /// Nil: the term's first day.
    package var startsOn: CalendarDate?
    /// Weekly lessons, extra ones not among them; nil: as many as there are days.
    package var count: Int?
    /// The last day that a weekly lesson may have; nil: the term's.
    package var until: CalendarDate?
    package var exceptions: [CalendarDate]?
    package var extras: [Extra]?

    package init(
        weekdays: [Int] = [], from: ClockTime, to: ClockTime, startsOn: CalendarDate? = nil, count: Int? = nil, until: CalendarDate? = nil,
        exceptions: [CalendarDate] = [], extras: [Extra] = []
    ) {
        self.weekdays = weekdays
        self.from = from
        self.to = to
        self.startsOn = startsOn
        self.count = count
        self.until = until
        self.exceptions = exceptions
        self.extras = extras
    }

    package static let schema = Schema.object(
        "LessonPattern", "What a class's lessons are made of",
        [
            .optional("weekdays", .array(of: .integer(1...7), 0...7), "1 is Monday; none: extra days only"),
            .required("from", ClockTime.schema, "When a lesson begins, on the school's clock"), .required("to", ClockTime.schema),
            .optional("startsOn", .date, "The term's first day when absent"),
            .optional("count", .integer(1...400), "Weekly lessons; as many as there are days when absent"),
            .optional("until", .date, "The last day of weekly lessons; the term's last when absent"),
            .optional("exceptions", .array(of: .date, 0...100), "Days without a lesson, besides the term's holidays"),
            .optional(
                "extras",
                .array(
                    of: .object(
                        "ExtraLesson", "A lesson on top of the weekly ones",
                        [
                            .required("on", .date), .optional("from", ClockTime.schema, "The pattern's when absent"),
                            .optional("to", ClockTime.schema),
                        ]), 0...100)),
        ])
}

/// The days of a term on which there may be lessons.
package struct TermDays: Hashable, Sendable {
    package let first: CalendarDate
    package let last: CalendarDate
    package let holidays: Set<CalendarDate>

    package init(first: CalendarDate, last: CalendarDate, holidays: Set<CalendarDate> = []) {
        self.first = first
        self.last = last
        self.holidays = holidays
    }

    /// Why there is no lesson on the day; nil when there may be one.
    package func fault(_ day: CalendarDate, at pointer: String) -> Violation? {
        if day < first || day > last {
            return Violation(
                "school.lesson_outside_term", pointer: pointer, zh: "\(day) 不在学期内（\(first) 至 \(last)）",
                en: "\(day) is not within the term, \(first) to \(last)")
        }
        guard holidays.contains(day) else { return nil }
        return Violation("school.lesson_on_holiday", pointer: pointer, zh: "\(day) 是停课日", en: "\(day) is a day without lessons")
    }
}

/// When a lesson is, on the school's clock.
package struct LessonTime: Hashable, Comparable, Sendable {
    package let day: CalendarDate
    package let from: ClockTime
    package let to: ClockTime

    package init(day: CalendarDate, from: ClockTime, to: ClockTime) {
        self.day = day
        self.from = from
        self.to = to
    }

    package var startsAt: Timestamp { from.on(day) }
    package var endsAt: Timestamp { to.on(day) }

    package static func < (left: Self, right: Self) -> Bool { (left.day, left.from) < (right.day, right.from) }

    /// A lesson lasts 10 minutes to 12 hours, within one day.
    static func fault(from: ClockTime, to: ClockTime, at pointer: String) -> Violation? {
        if (10...720).contains(to.minute - from.minute) { return nil }
        return Violation(
            "school.lesson_length_invalid", pointer: pointer, zh: "一节课为 10 分钟至 12 小时，不跨日",
            en: "A lesson lasts 10 minutes to 12 hours, within one day")
    }
}
