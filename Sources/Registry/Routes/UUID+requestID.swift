package import FoundationEssentials

/// Request ids as text, without the C library's scanning and printing, which took longer than all else that a late claim needs.
extension UUID {
    private static let hyphensBefore = [4, 6, 8, 10]

    /// The usual spelling, `8-4-4-4-12` hexadecimal digits in either case; nil for any other.
    package init?(requestID text: String) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        var rest = text.utf8.makeIterator()
        for position in 0..<16 {
            if Self.hyphensBefore.contains(position), rest.next() != UInt8(ascii: "-") { return nil }
            guard let high = Self.digit(rest.next()), let low = Self.digit(rest.next()) else { return nil }
            bytes.append(high << 4 | low)
        }
        guard rest.next() == nil else { return nil }
        let b = bytes
        self.init(uuid: (b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]))
    }

    private static func digit(_ character: UInt8?) -> UInt8? {
        switch character {
        case .some(UInt8(ascii: "0")...UInt8(ascii: "9")): character.map { $0 - UInt8(ascii: "0") }
        case .some(UInt8(ascii: "a")...UInt8(ascii: "f")): character.map { $0 - UInt8(ascii: "a") + 10 }
        case .some(UInt8(ascii: "A")...UInt8(ascii: "F")): character.map { $0 - UInt8(ascii: "A") + 10 }
        default: nil
        }
    }

    private static let digits = Array("0123456789abcdef".utf8)

    /// Its spelling in lower case.
    package func appendRequestID(to text: inout [UInt8]) {
        withUnsafeBytes(of: uuid) { bytes in
            for (position, byte) in bytes.enumerated() {
                if Self.hyphensBefore.contains(position) { text.append(UInt8(ascii: "-")) }
                text.append(Self.digits[Int(byte >> 4)])
                text.append(Self.digits[Int(byte & 15)])
            }
        }
    }

    package var requestIDText: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        appendRequestID(to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
