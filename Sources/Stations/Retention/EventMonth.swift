package import Postgres

/// A month, UTC, by which events are partitioned.
package struct EventMonth: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let first: CalendarDate

    /// `2026-01`; nil for anything else.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 7, let first = CalendarDate(iso: text + "-01") else { return nil }
        self.first = first
    }

    /// The month that `day` lies in.
    package init(of day: CalendarDate) {
        first = CalendarDate(daysSince1970: day.daysSince1970 - (day.day - 1))
    }

    package var description: String { String(first.description.dropLast(3)) }

    /// The partition that holds its events.
    var partition: String { "access_event_" + description.replacing("-", with: "_") }

    package static func < (left: Self, right: Self) -> Bool { left.first < right.first }
}
