/// An applicant's pseudonym within one program: one to eight characters of `0-9 A-Z a-z - _`, given out at application and never chosen by
/// the applicant.
///
/// Stored as its ASCII bytes, big-endian and filled with zeros at the end, so numbers compare as the texts do, byte by byte.
package struct Ticket: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Nil when the text is no ticket.
    package init?(_ text: some StringProtocol) {
        var value: UInt64 = 0
        var count = 0
        for byte in text.utf8 {
            guard count < 8, Self.isAllowed(byte) else { return nil }
            value = value << 8 | UInt64(byte)
            count += 1
        }
        guard count > 0 else { return nil }
        rawValue = value << UInt64(8 * (8 - count))
    }

    /// Whether a ticket may have this byte.
    package static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
        default: false
        }
    }

    /// How many characters it has, 1 to 8.
    package var count: Int { 8 - rawValue.trailingZeroBitCount / 8 }

    /// Its characters as ASCII.
    package var bytes: [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: rawValue >> UInt64(56 - 8 * $0)) } }

    package static func < (left: Ticket, right: Ticket) -> Bool { left.rawValue < right.rawValue }
}

extension Ticket: CustomStringConvertible {
    package var description: String { String(decoding: bytes, as: UTF8.self) }
}
