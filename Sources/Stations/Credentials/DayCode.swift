import Crypto

/// Eight digits that an organizer hands out for a day (当日码): seven random ones, then a check digit by Damm's table, which finds every
/// single wrong digit and every two neighbours swapped.
///
/// Ten million codes, and `stations_try_day_codes` looks at five wrong ones an hour at a door, ten at a station: 240 a day. Where a hundred
/// are in force, a guesser who types day and night hits one on one day of 417; who types on beyond the limit learns nothing and raises an
/// alarm. A code so found lasts until that day's end, and only where its organization's stations are. Mistyped ones, whose check digit does
/// not fit, do not count: nobody locks a door by mistake. (The reader at an exit is not bounded, for nobody is kept inside; it belongs
/// behind the door, and a reader that serves both ways must not let whoever types choose.)
package struct DayCode: Hashable, Sendable {
    /// As printed and typed: eight digits.
    package let digits: String

    private static let randomDigitCount = 7

    private init(digits: String) { self.digits = digits }

    package static func random() -> DayCode {
        var generator = SystemRandomNumberGenerator()
        let digits = (0..<randomDigitCount).map { _ in UInt8.random(in: 0...9, using: &generator) }
        return DayCode(digits: (digits + [check(digits)]).map(String.init).joined())
    }

    /// Nil unless eight digits with a check digit that fits; spaces and hyphens between them are forgiven.
    package init?(_ text: String) {
        guard let digits = Self.eightDigits(text), Self.check(digits.utf8.map { $0 - 0x30 }) == 0 else { return nil }
        self.init(digits: digits)
    }

    /// The digits of what looks like a day code, mistyped or not.
    package static func eightDigits(_ text: String) -> String? {
        guard text.utf8.count <= 32 else { return nil }
        let bytes = text.utf8.filter { $0 != 0x20 && $0 != 0x2D }
        guard bytes.count == randomDigitCount + 1, bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The digit that makes a row of digits come out at 0.
    private static func check(_ digits: [UInt8]) -> UInt8 {
        digits.reduce(0) { UInt8(table[Int($0)][Int($1)]) }
    }

    /// A totally anti-symmetric quasigroup of order 10 (H. Michael Damm, 2004).
    private static let table = [
        [0, 3, 1, 7, 5, 9, 8, 6, 4, 2], [7, 0, 9, 2, 1, 5, 4, 8, 6, 3], [4, 2, 0, 6, 8, 7, 1, 3, 5, 9], [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
        [6, 1, 2, 3, 0, 4, 5, 9, 7, 8], [3, 6, 7, 4, 2, 0, 9, 5, 8, 1], [5, 8, 6, 9, 7, 2, 0, 1, 3, 4], [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
        [9, 4, 3, 8, 6, 1, 7, 2, 0, 5], [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
    ]
}
