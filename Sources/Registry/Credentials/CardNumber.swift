/// The number that a card tells a reader by radio: an NFC card's, a bracelet's or an identity card's chip (UID, 4 to 10 bytes).
///
/// `NFC:` and hexadecimal digits; small letters, colons, hyphens and spaces between them are forgiven. Such a number is no secret and can
/// be copied, so a PIN is advised with it. The eighteen characters of a national id are never taken for one: they stand on every form, so
/// they prove nothing, and a door has no business with them.
package struct CardNumber: Hashable, Sendable {
    /// Upper-case hexadecimal digits without anything between them.
    package let hex: String

    package static let prefix = "NFC:"

    /// Nil for what is no such number.
    package init?(_ text: String) {
        guard text.utf8.count <= 64, text.utf8.starts(with: Self.prefix.utf8) else { return nil }
        var digits: [UInt8] = []
        for byte in text.utf8.dropFirst(Self.prefix.utf8.count) {
            switch byte {
            case 0x30...0x39, 0x41...0x46: digits.append(byte)
            case 0x61...0x66: digits.append(byte - 0x20)
            case 0x20, 0x2D, 0x3A: continue
            default: return nil
            }
        }
        guard digits.count % 2 == 0, (8...20).contains(digits.count) else { return nil }
        hex = String(decoding: digits, as: UTF8.self)
    }

    /// What a list shows of it: the last four digits.
    package var masked: String { "····" + hex.suffix(4) }
}

/// Four to six digits that a member types beside a card or number.
package struct PIN: Hashable, Sendable {
    /// In clear: for the digest.
    package let digits: String

    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard (4...6).contains(bytes.count), bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        digits = text
    }

    /// All digits alike, or counting up or down: tried first by everybody who finds a card.
    package var isGuessable: Bool {
        let steps = Set(zip(digits.utf8, digits.utf8.dropFirst()).map { Int($1) - Int($0) })
        return steps.count == 1 && steps.isSubset(of: [-1, 0, 1])
    }
}

extension PIN: CustomStringConvertible, CustomReflectable {
    package var description: String { "PIN(hidden)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
