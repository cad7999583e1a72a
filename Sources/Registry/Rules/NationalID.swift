package import Postgres

/// A citizen identity number (公民身份号码) of GB 11643-1999: six digits of region, eight of birth date, three of sequence (odd for
/// men), and a check character by ISO 7064 MOD 11-2.
///
/// Personal data: never logged, never in an error; `description` is the masked form. Kept as one integer, for the check character
/// follows from the other seventeen digits; so a million of them compare and hash without a string each.
package struct NationalID: Hashable, Sendable {
    /// The first seventeen digits as a number: the whole identity.
    package let number: UInt64

    /// - Parameters:
    ///   - text: as people and spreadsheets write it: spaces around, lower-case x, full-width digits are accepted.
    ///   - today: a birth date after it cannot be.
    package init(_ text: String, today: CalendarDate? = nil) throws(MemberFault) {
        try self.init(bytes: Array(text.utf8)[...], today: today)
    }

    /// From UTF-8 as it stands in a file.
    package init(bytes: ArraySlice<UInt8>, today: CalendarDate? = nil) throws(MemberFault) {
        var bytes = bytes
        if bytes.count != 18 || bytes.contains(where: { $0 >= 0x80 || $0 <= 0x20 }) { bytes = Self.tidied(bytes)[...] }
        guard !bytes.isEmpty else { throw .nationalIDMissing }
        guard bytes.count == 18 else { throw Self.faultOfLength(bytes) }
        var number: UInt64 = 0
        var sum = 0
        for (weight, byte) in zip(Self.weights, bytes) {
            guard case 0x30...0x39 = byte else { throw Self.isRounded(bytes) ? .nationalIDRounded : .nationalIDCharacters }
            number = number * 10 + UInt64(byte - 0x30)
            sum += weight * Int(byte - 0x30)
        }
        let last = bytes[bytes.endIndex - 1]
        guard (0x30...0x39).contains(last) || last == 0x58 || last == 0x78 else { throw .nationalIDCharacters }
        self.number = number
        // No province begins with 0; further the table of regions is not checked, for regions come and go and ids stay.
        guard number >= 10_000_000_000_000_000 else { throw .nationalIDRegion }
        guard let birthday = Self.birthday(of: number), birthday.year >= 1900, today.map({ birthday <= $0 }) ?? true else {
            throw .nationalIDBirthDate
        }
        guard Self.checkCharacters[sum % 11] == (last == 0x78 ? 0x58 : last) else {
            // A spreadsheet keeps fifteen digits and fills up with zeros.
            throw number % 100 == 0 && last == 0x30 ? .nationalIDRounded : .nationalIDChecksum
        }
    }

    /// For made-up persons.
    /// - Returns: nil where `init(_:)` would refuse.
    init?(region: Int, birthOn: CalendarDate, sequence: Int) {
        guard (100_000...999_999).contains(region), (0...999).contains(sequence), birthOn.year >= 1900 else { return nil }
        let date = UInt64(birthOn.year * 10_000 + birthOn.month * 100 + birthOn.day)
        number = UInt64(region) * 100_000_000_000 + date * 1_000 + UInt64(sequence)
    }

    package var birthOn: CalendarDate {
        guard let date = Self.birthday(of: number) else { preconditionFailure("an id is made only with a birth date that exists") }
        return date
    }

    package var sex: Sex { number % 2 == 1 ? .male : .female }

    /// The eighteen characters, X in upper case. In clear: for sealing and for the blind index.
    package var text: String { String(decoding: characters, as: UTF8.self) }

    /// `3204**********1234`.
    package var masked: String {
        var shown = characters
        for index in 4..<14 { shown[index] = 0x2A }
        return String(decoding: shown, as: UTF8.self)
    }

    private var characters: [UInt8] {
        var result = [UInt8](repeating: 0x30, count: 18)
        var rest = number
        var sum = 0
        for index in stride(from: 16, through: 0, by: -1) {
            let digit = UInt8(rest % 10)
            rest /= 10
            result[index] = 0x30 + digit
            sum += Int(digit) * Self.weights[index]
        }
        result[17] = Self.checkCharacters[sum % 11]
        return result
    }

    private static let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    private static let checkCharacters = Array("10X98765432".utf8)

    private static func birthday(of number: UInt64) -> CalendarDate? {
        let date = Int(number / 1_000 % 100_000_000)
        return CalendarDate(year: date / 10_000, month: date / 100 % 100, day: date % 100)
    }

    private static func faultOfLength(_ bytes: ArraySlice<UInt8>) -> MemberFault {
        if isRounded(bytes) { return .nationalIDRounded }
        let isAllDigits = bytes.allSatisfy { (0x30...0x39).contains($0) }
        return bytes.count == 15 && isAllDigits ? .nationalIDLegacy : .nationalIDLength
    }

    /// Whether it is a number in the notation of spreadsheets: `3.20402E+17`.
    private static func isRounded(_ bytes: ArraySlice<UInt8>) -> Bool {
        let parts = bytes.split(whereSeparator: { $0 == 0x45 || $0 == 0x65 })
        guard parts.count == 2, let exponent = parts.last, exponent.first == 0x2B else { return false }
        return parts[0].allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
            && exponent.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func tidied(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var text = asciiDigits(String(decoding: bytes, as: UTF8.self))
        // The mark by which people make a spreadsheet keep a number as text.
        if text.first == 0x27 { text.removeFirst() }
        return text
    }
}

extension NationalID: CustomStringConvertible, CustomReflectable {
    package var description: String { masked }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// `text` in UTF-8 without the spaces around it, with full-width letters, digits and signs as their ASCII.
func asciiDigits(_ text: String) -> [UInt8] {
    var result: [UInt8] = []
    for scalar in text.unicodeScalars {
        switch scalar.value {
        case 0xFF01...0xFF5E: result.append(UInt8(scalar.value - 0xFF01 + 0x21))
        default: result.append(contentsOf: String(scalar.properties.isWhitespace || scalar.value == 0xFEFF ? " " : scalar).utf8)
        }
    }
    while result.first == 0x20 { result.removeFirst() }
    while result.last == 0x20 { result.removeLast() }
    return result
}
