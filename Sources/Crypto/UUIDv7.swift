/// A UUID of version 7 (RFC 9562 section 5.7): ordered by the time it was made at, random in the rest.
///
/// 48 bits of milliseconds, then, after the version, 12 bits of the millisecond's fraction (method 3: steps of 0.24 µs), then 62 random
/// bits.
package struct UUIDv7: Hashable, Sendable {
    /// Bytes 0 to 7, big endian.
    package let high: UInt64
    /// Bytes 8 to 15, big endian.
    package let low: UInt64

    /// - Parameter microseconds: since 1970, from 0 to the year 10889.
    package init(microseconds: Int64) {
        self.init(microseconds: microseconds, random: SecureRandom.number())
    }

    /// - Parameter random: its lower 62 bits are used.
    package init(microseconds: Int64, random: UInt64) {
        let (milliseconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1000)
        precondition(microseconds >= 0 && milliseconds < 1 << 48, "a UUIDv7 holds 48 bits of milliseconds since 1970")
        // Rounded up, so that the way back (rounded down) gives the same microsecond.
        let fraction = (rest * 4096 + 999) / 1000
        high = UInt64(milliseconds) << 16 | 0x7000 | UInt64(fraction)
        low = random & (1 << 62 - 1) | 1 << 63
    }

    /// - Parameter bytes: 16 of them; nil unless they say version 7 and the variant of RFC 9562.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        self.init(
            high: bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) },
            low: bytes[8...].reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// The usual spelling, `8-4-4-4-12` hexadecimal digits in either case; nil for any other, and for other versions.
    package init?(_ text: String) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var position = 0
        for character in text.utf8 {
            switch position {
            case 8, 13, 18, 23:
                guard character == UInt8(ascii: "-") else { return nil }
            case 0..<36:
                guard let digit = Hex.value(of: character) else { return nil }
                if position < 18 { high = high << 4 | UInt64(digit) } else { low = low << 4 | UInt64(digit) }
            default:
                return nil
            }
            position += 1
        }
        guard position == 36 else { return nil }
        self.init(high: high, low: low)
    }

    private init?(high: UInt64, low: UInt64) {
        guard high >> 12 & 15 == 7, low >> 62 == 2 else { return nil }
        self.high = high
        self.low = low
    }

    /// When it says it was made, in microseconds since 1970. A foreign maker may have put random bits where the fraction stands here.
    package var microseconds: Int64 {
        Int64(high >> 16) * 1000 + Int64(high & 0xFFF) * 1000 / 4096
    }

    /// The 16 bytes.
    package var bytes: [UInt8] {
        (0..<16).map { UInt8(truncatingIfNeeded: ($0 < 8 ? high : low) >> UInt64(56 - 8 * ($0 % 8))) }
    }
}

extension UUIDv7: Comparable {
    package static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension UUIDv7: CustomStringConvertible {
    package var description: String {
        let digits = Hex.encode(bytes).utf8
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (position, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(position) { text.append(UInt8(ascii: "-")) }
            text.append(digit)
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension UUIDv7: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let parsed = UUIDv7(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a UUID of version 7")
        }
        self = parsed
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
