package import Runtime

/// A `timestamptz`: microseconds since 1970-01-01 UTC, the years 4713 BC to 294276 that PostgreSQL holds; infinities are refused.
package struct Timestamp: Hashable, Comparable, Sendable {
    package let microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    package static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }

    /// PostgreSQL counts from 2000-01-01.
    private static let postgresEpoch: Int64 = 946_684_800_000_000
}

extension Timestamp: PostgresElement, PostgresSequenceElement {
    package static var postgresType: PostgresType { .timestamptz }
    package static var postgresArrayType: PostgresType { .timestamptzArray }
    package func encode(to bytes: inout [UInt8]) { (microseconds - Self.postgresEpoch).appendBigEndian(to: &bytes) }
    package init(postgres field: PostgresField?, type: PostgresType) throws(PostgresError) {
        let value = Int64(bigEndianBytes: try Self.unwrap(field, size: 8))
        guard value != .max, value != .min else { throw .decoding("an infinite time") }
        microseconds = value + Self.postgresEpoch
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with microseconds.
    package var description: String { timestamp(microseconds: microseconds) }
}

/// A `date` of the proleptic Gregorian calendar.
package struct CalendarDate: Hashable, Comparable, Sendable {
    package let year: Int
    package let month: Int
    package let day: Int

    /// Nil for a day that does not exist.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: year) else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// `daysSince1970` of the proleptic Gregorian calendar.
    package init(daysSince1970 days: Int) {
        // Counts from 0000-03-01, so that the leap day ends a year (Howard Hinnant, "chrono-compatible low-level date algorithms").
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    package var daysSince1970: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    package static func < (left: Self, right: Self) -> Bool { left.daysSince1970 < right.daysSince1970 }
}

extension CalendarDate: CustomStringConvertible {
    /// `2026-11-21`.
    package var description: String {
        func padded(_ number: Int, _ width: Int) -> String {
            String(repeating: "0", count: max(0, width - String(number).count)) + String(number)
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }
}

extension CalendarDate: PostgresElement, PostgresSequenceElement {
    /// Days from 1970-01-01 to 2000-01-01, from which PostgreSQL counts.
    private static let postgresEpochDays = 10_957
    package static var postgresType: PostgresType { .date }
    package static var postgresArrayType: PostgresType { .dateArray }
    package func encode(to bytes: inout [UInt8]) { Int32(daysSince1970 - Self.postgresEpochDays).appendBigEndian(to: &bytes) }
    package init(postgres field: PostgresField?, type: PostgresType) throws(PostgresError) {
        self.init(daysSince1970: Int(Int32(bigEndianBytes: try Self.unwrap(field, size: 4))) + Self.postgresEpochDays)
    }
}

extension ID: PostgresEncodable, PostgresDecodable, PostgresElement, PostgresSequenceElement {
    package static var postgresType: PostgresType { .int8 }
    package static var postgresArrayType: PostgresType { .int8Array }
    package func encode(to bytes: inout [UInt8]) { rawValue.appendBigEndian(to: &bytes) }
    package init(postgres field: PostgresField?, type: PostgresType) throws(PostgresError) {
        self.init(try Int64(postgres: field, type: type))
    }
}
