package import HTTP

/// A minute of the day on a station's clock, `06:30` in JSON.
package struct TimeOfDay: Hashable, Sendable {
    /// 0 to 1439.
    package let minutes: Int16

    /// Nil outside 0...1439.
    package init?(minutes: Int16) {
        guard (0..<1_440).contains(minutes) else { return nil }
        self.minutes = minutes
    }

    /// One that is known to exist.
    package static func at(_ hour: Int16, _ minute: Int16 = 0) -> TimeOfDay {
        guard (0..<60).contains(minute), let time = TimeOfDay(minutes: hour * 60 + minute) else {
            preconditionFailure("an hour of the day is 0 to 23, a minute 0 to 59")
        }
        return time
    }

    /// Nil unless five characters, `00:00` to `23:59`.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == 0x3A else { return nil }
        var digits: [Int16] = []
        for index in [0, 1, 3, 4] {
            guard (0x30...0x39).contains(bytes[index]) else { return nil }
            digits.append(Int16(bytes[index]) - 0x30)
        }
        let hour = digits[0] * 10 + digits[1]
        let minute = digits[2] * 10 + digits[3]
        guard hour < 24, minute < 60 else { return nil }
        minutes = hour * 60 + minute
    }

    package static let schema = Schema.string(
        5...5, pattern: Pattern("^([01][0-9]|2[0-3]):[0-5][0-9]$") { TimeOfDay(Substring($0)) != nil })
}

extension TimeOfDay: CustomStringConvertible {
    package var description: String {
        func padded(_ number: Int16) -> String { number < 10 ? "0\(number)" : String(number) }
        return "\(padded(minutes / 60)):\(padded(minutes % 60))"
    }
}

extension TimeOfDay: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = TimeOfDay(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "a time of day is 00:00 to 23:59")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
