/// A mobile number of mainland China: eleven digits, the first 1, the second 3 to 9.
///
/// Personal data: never logged; `description` is the masked form.
package struct PhoneNumber: Hashable, Sendable {
    /// The eleven digits as a number.
    package let number: UInt64

    /// - Parameter text: with or without +86, 86 or 0086; spaces, hyphens and full-width digits are accepted.
    package init(_ text: String) throws(MemberFault) {
        var digits: [UInt8] = []
        for byte in asciiDigits(text) where byte != 0x20 && byte != 0x2D { digits.append(byte) }
        for prefix in ["+86", "0086", "86"] where digits.count == 11 + prefix.utf8.count && digits.starts(with: prefix.utf8) {
            digits.removeFirst(prefix.utf8.count)
        }
        guard digits.count == 11, digits.allSatisfy({ (0x30...0x39).contains($0) }), digits[0] == 0x31, digits[1] >= 0x33 else {
            throw .phoneInvalid
        }
        number = digits.reduce(0) { $0 * 10 + UInt64($1 - 0x30) }
    }

    /// The eleven digits. In clear: for sealing and for the blind index.
    package var text: String { String(number) }

    /// `138****5678`.
    package var masked: String { "\(text.prefix(3))****\(text.suffix(4))" }
}

extension PhoneNumber: CustomStringConvertible, CustomReflectable {
    package var description: String { masked }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
