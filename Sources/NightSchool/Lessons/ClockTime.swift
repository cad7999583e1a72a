package import HTTP
package import Postgres
import Runtime

/// A time of day on the school's clock, to the minute: `19:30`.
package struct ClockTime: Hashable, Comparable, Codable, Sendable {
    /// From midnight, 0 to 1439.
    package let minute: Int

    /// - Parameter minute: 0 to 1439.
    init(minute: Int) {
        self.minute = minute
    }

    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == 0x3A else { return nil }
        let digits = [0, 1, 3, 4].map { Int(bytes[$0]) - 0x30 }
        guard digits.allSatisfy({ (0...9).contains($0) }), digits[0] * 10 + digits[1] < 24, digits[2] < 6 else { return nil }
        minute = (digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3]
    }

    package init(from decoder: any Decoder) throws {
        let box = try decoder.singleValueContainer()
        guard let time = ClockTime(try box.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: box, debugDescription: "no time of day")
        }
        self = time
    }

    package func encode(to encoder: any Encoder) throws {
        var box = encoder.singleValueContainer()
        try box.encode(description)
    }

    package static func < (left: Self, right: Self) -> Bool { left.minute < right.minute }

    package static let schema = Schema.string(
        5...5, pattern: Pattern("^([01][0-9]|2[0-3]):[0-5][0-9]$") { ClockTime(String(Substring($0))) != nil })

    /// The moment on a day in China, which has one time zone and no summer time.
    package func on(_ day: CalendarDate) -> Timestamp {
        Timestamp(microseconds: (Int64(day.daysSince1970) * 1_440 - 480 + Int64(minute)) * 60_000_000)
    }
}

extension ClockTime: CustomStringConvertible {
    package var description: String {
        [minute / 60, minute % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }
}
