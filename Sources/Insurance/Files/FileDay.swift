import Postgres
import Registry
import Runtime

/// Days as insurers write them.
enum FileDay {
    /// From `2026-11-21`, `2026/11/21`, `2026/1/5` or `20261121`; nil for anything else.
    static func date(_ text: String) -> CalendarDate? {
        let bytes = Array(text.utf8)
        if bytes.count == 8, bytes.allSatisfy(isDigit) {
            return CalendarDate(year: number(bytes[0..<4]), month: number(bytes[4..<6]), day: number(bytes[6..<8]))
        }
        for separator in "-/".utf8 {
            let parts = bytes.split(separator: separator, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0].count == 4, (1...2).contains(parts[1].count), (1...2).contains(parts[2].count),
                parts.allSatisfy({ $0.allSatisfy(isDigit) })
            else { continue }
            return CalendarDate(year: number(parts[0]), month: number(parts[1]), day: number(parts[2]))
        }
        return nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func number(_ digits: ArraySlice<UInt8>) -> Int { digits.reduce(0) { $0 * 10 + Int($1 & 15) } }
}

/// An insurer's number of a policy: 1 to 40 letters, digits, points, slashes and dashes.
enum FileNumber {
    static func isWellFormed(_ text: String) -> Bool {
        (1...40).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2E || byte == 0x2F
                    || byte == 0x2D
            }
    }
}

/// A reason as an insurer wrote it: short, and without ids and phones, which insurers like to repeat.
enum FileReason {
    /// Where none was given.
    static let usual = "承保单位未说明原因"
    static let charactersMax = 200
    /// Digits that are together at least so many are somebody's; a day has eight of them, in three parts.
    private static let digitsMin = 7
    private static let digitsInPartsMin = 9

    static func text(_ given: String?) -> String {
        guard let given, !given.isEmpty else { return usual }
        var scalars = String.UnicodeScalarView()
        /// Digits with what stands singly between them, as ids and phones are grouped.
        var number = String.UnicodeScalarView()
        func flush() {
            var rest = String.UnicodeScalarView()
            while let last = number.last, isBetween(last) { rest.insert(number.removeLast(), at: rest.startIndex) }
            let digits = number.count { !isBetween($0) }
            let isInParts = digits < number.count
            let longest = number.split(whereSeparator: isBetween).map(\.count).max() ?? 0
            let isSomebodys = longest >= digitsMin || (isInParts && digits >= digitsInPartsMin)
            scalars.append(contentsOf: isSomebodys ? "***".unicodeScalars : number)
            scalars.append(contentsOf: rest)
            number = String.UnicodeScalarView()
        }
        for scalar in given.unicodeScalars {
            if isDigit(scalar) || (!number.isEmpty && "Xx\u{FF38}\u{FF58}".unicodeScalars.contains(scalar)) {
                number.append(scalar)
            } else if isBetween(scalar), let last = number.last, !isBetween(last) {
                number.append(scalar)
            } else {
                flush()
                scalars.append(scalar.value < 0x20 ? " " : scalar)
            }
        }
        flush()
        return String(String.UnicodeScalarView(scalars.prefix(charactersMax)))
    }

    /// Of whatever width or script: those of Chinese keyboards are as wide as a character.
    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .decimalNumber }

    private static func isBetween(_ scalar: Unicode.Scalar) -> Bool { " \u{3000}\u{A0}-－.·".unicodeScalars.contains(scalar) }
}
