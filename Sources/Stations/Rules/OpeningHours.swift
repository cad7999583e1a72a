package import HTTP
import Postgres

/// From when to when something is open on one day of the week, on the station's clock.
///
/// Closing at or before the opening means the next day: `22:00` to `02:00` is four hours, `00:00` to `00:00` the whole day.
package struct WeekdayHours: Hashable, Codable, Sendable {
    /// 1 is Monday, 7 Sunday (ISO 8601).
    package var weekday: Int16
    package var opensAt: TimeOfDay
    /// The first minute that is closed again.
    package var closesAt: TimeOfDay

    package init(weekday: Int16, opensAt: TimeOfDay, closesAt: TimeOfDay) {
        self.weekday = weekday
        self.opensAt = opensAt
        self.closesAt = closesAt
    }

    /// Like `WeekdayHours`, of every day of the week.
    package static func daily(_ opensAt: TimeOfDay, _ closesAt: TimeOfDay) -> [WeekdayHours] {
        (1...7).map { WeekdayHours(weekday: $0, opensAt: opensAt, closesAt: closesAt) }
    }

    package static let schema = Schema.object(
        "WeekdayHours", "From when to when on one day of the week, on the station's clock",
        [
            .required("weekday", .integer(1...7), "1 is Monday, 7 Sunday"),
            .required("opensAt", TimeOfDay.schema),
            .required("closesAt", TimeOfDay.schema, "The first minute that is closed again; at or before opensAt it is the next day's"),
        ])
}

/// From when to when, on the day that it stands with.
package struct DayHours: Hashable, Codable, Sendable {
    package var opensAt: TimeOfDay
    package var closesAt: TimeOfDay

    package init(opensAt: TimeOfDay, closesAt: TimeOfDay) {
        self.opensAt = opensAt
        self.closesAt = closesAt
    }

    package static let schema = Schema.object(
        "DayHours", "From when to when",
        [
            .required("opensAt", TimeOfDay.schema),
            .required("closesAt", TimeOfDay.schema, "The first minute that is closed again; at or before opensAt it is the next day's"),
        ])

    /// Minutes from the day's midnight: the first that is open and the first that is closed again, up to 2880.
    var minutes: (first: Int, end: Int) {
        (Int(opensAt.minutes), Int(closesAt.minutes) + (closesAt.minutes > opensAt.minutes ? 0 : 1_440))
    }
}

/// The hours of one date, in place of its weekday's.
package struct HoursException: Hashable, Codable, Sendable {
    /// `2027-02-06`.
    package var on: String
    /// None: closed all day.
    package var hours: [DayHours]

    package init(on: String, hours: [DayHours]) {
        self.on = on
        self.hours = hours
    }

    package static let schema = Schema.object(
        "HoursException", "The hours of one date, in place of its weekday's",
        [
            .required("on", .date),
            .required("hours", .array(of: DayHours.schema, 0...10), "None: closed all day. Hours of the day before may reach into it"),
        ])
}

/// When a station or an access point is open: by weekday, with exceptions by date.
package struct OpeningHours: Hashable, Codable, Sendable {
    /// Nil means round the clock; empty means never, but for the exceptions.
    package var hours: [WeekdayHours]?
    package var exceptions: [HoursException]

    package static let roundTheClock = OpeningHours(hours: nil, exceptions: [])

    package init(hours: [WeekdayHours]?, exceptions: [HoursException]) {
        self.hours = hours
        self.exceptions = exceptions
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        hours = try container.decodeIfPresent([WeekdayHours].self, forKey: .hours)
        exceptions = try container.decodeIfPresent([HoursException].self, forKey: .exceptions) ?? []
    }

    package static let fields: [Schema.Field] = [
        .optional("hours", .array(of: WeekdayHours.schema, 0...70), "Absent: round the clock; none: never, but for the exceptions"),
        .optional("exceptions", .array(of: HoursException.schema, 0...366), "Dates with hours of their own"),
    ]

    /// What is wrong between its fields: a date that stands twice.
    func violations(at pointer: String) -> [Violation] {
        var seen: Set<String> = []
        return exceptions.enumerated().compactMap { index, exception in
            seen.insert(exception.on).inserted
                ? nil
                : Violation(
                    "station.exception_twice", pointer: "\(pointer)/exceptions/\(index)/on", zh: "此日期已有特殊时间",
                    en: "This date has hours of its own already")
        }
    }

    /// Whether any minute of an ordinary week is open in both.
    package static func everOpen(_ one: OpeningHours, and other: OpeningHours) -> Bool {
        zip(one.openMinutesOfWeek, other.openMinutesOfWeek).contains { $0 && $1 }
    }

    /// Whether any minute of an ordinary week is open, or of a date with hours of its own.
    var isEverOpen: Bool { openMinutesOfWeek.contains(true) || hasOpenException }

    /// Whether a date has hours of its own.
    var hasOpenException: Bool { exceptions.contains { !$0.hours.isEmpty } }

    /// The 10,080 minutes of a week without exceptions, from Monday's midnight.
    var openMinutesOfWeek: [Bool] {
        guard let hours else { return [Bool](repeating: true, count: 10_080) }
        var isOpen = [Bool](repeating: false, count: 10_080)
        for day in hours {
            let (first, end) = DayHours(opensAt: day.opensAt, closesAt: day.closesAt).minutes
            for minute in first..<end { isOpen[(Int(day.weekday - 1) * 1_440 + minute) % 10_080] = true }
        }
        return isOpen
    }

    // MARK: As the columns hold it

    /// `hours` of the table: seven multiranges of minutes as text, Monday first; nil round the clock.
    var weekColumn: [String]? {
        hours.map { hours in
            (1...7).map { weekday in
                Self.multirange(
                    hours.filter { $0.weekday == weekday }.map { DayHours(opensAt: $0.opensAt, closesAt: $0.closesAt) })
            }
        }
    }

    /// `exception_days`, in the order of `exceptionHoursColumn`; nil when there are none.
    var exceptionDaysColumn: [String]? { exceptions.isEmpty ? nil : exceptions.map(\.on) }
    var exceptionHoursColumn: [String]? { exceptions.isEmpty ? nil : exceptions.map { Self.multirange($0.hours) } }

    private static func multirange(_ hours: [DayHours]) -> String {
        "{" + hours.map { "[\($0.minutes.first),\($0.minutes.end))" }.joined(separator: ",") + "}"
    }
}
