import HTTP
package import Postgres

/// By what a report of visits is broken down.
package enum VisitGrouping: String, CaseIterable, Sendable, ParameterValue {
    /// Of the day, 00 to 23 on the station's clock.
    case hour
    /// 1, Monday, to 7.
    case weekday
    /// Weekday and hour: 1-00 to 7-23, for a map of the week.
    case weekdayHour = "weekday_hour"
    case day
    case workerKind = "worker_kind"
    /// The one that the visitor belongs to.
    case organization
    /// Where they came.
    case station
}

/// Days of a report, the first and the last included.
package struct VisitPeriod: Hashable, Sendable {
    package let first: CalendarDate
    package let last: CalendarDate

    /// Ten years.
    package static let daysMax = 3_653

    /// Nil unless first and last stand in their order, no more than `daysMax` apart.
    package init?(first: CalendarDate, last: CalendarDate) {
        guard first <= last, last.daysSince1970 - first.daysSince1970 < Self.daysMax else { return nil }
        self.first = first
        self.last = last
    }

    /// A part that is read from the sums of days or of whole months; `end` is the first day after it.
    struct Part: Equatable {
        let span: String
        let first: CalendarDate
        let end: CalendarDate
        /// -1 where it is taken away again.
        var sign: Int32 = 1
    }

    /// The whole months of the period as such, and the days before and after them; of a month that is in it for more than half, the month
    /// less the days that are not.
    var parts: [Part] {
        let end = CalendarDate(daysSince1970: last.daysSince1970 + 1)
        let monthsFirst = first.day == 1 ? first : Self.monthAfter(first)
        let monthsEnd = Self.monthOf(end)
        guard monthsFirst <= monthsEnd else { return Self.parts(from: first, to: end) }
        return Self.parts(from: first, to: monthsFirst)
            + [Part(span: "month", first: monthsFirst, end: monthsEnd)].filter { $0.first < $0.end }
            + Self.parts(from: monthsEnd, to: end)
    }

    /// Days of one month, but not all of them.
    private static func parts(from first: CalendarDate, to end: CalendarDate) -> [Part] {
        let (month, monthEnd) = (monthOf(first), monthAfter(first))
        let (days, daysOfMonth) = (end.daysSince1970 - first.daysSince1970, monthEnd.daysSince1970 - month.daysSince1970)
        let parts =
            2 * days > daysOfMonth
            ? [
                Part(span: "month", first: month, end: monthEnd), Part(span: "day", first: month, end: first, sign: -1),
                Part(span: "day", first: end, end: monthEnd, sign: -1),
            ] : [Part(span: "day", first: first, end: end)]
        return parts.filter { $0.first < $0.end }
    }

    private static func monthOf(_ day: CalendarDate) -> CalendarDate {
        CalendarDate(daysSince1970: day.daysSince1970 - (day.day - 1))
    }

    /// No month has more than 31 days, so the 32nd from its first lies in the next.
    private static func monthAfter(_ day: CalendarDate) -> CalendarDate {
        monthOf(CalendarDate(daysSince1970: monthOf(day).daysSince1970 + 31))
    }
}

extension CalendarDate {
    /// `2026-11-21`, as the schema `date` lets it through.
    init?(iso text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]) else { return nil }
        self.init(year: year, month: month, day: day)
    }
}

/// A day as the schema lets it through: `2026-11-22`.
extension CalendarDate: ParameterValue {
    package init?(parameter: String) { self.init(iso: parameter) }
}
