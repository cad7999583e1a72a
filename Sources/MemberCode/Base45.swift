/// Base45 (RFC 9285): bytes in the 45 characters that a QR code stores most densely, three for every two bytes.
package enum Base45 {
    static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".utf8)
    /// The value of each ASCII character, 255 for those outside the alphabet.
    private static let values = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    package static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count / 2 * 3 + bytes.count % 2 * 2)
        var position = 0
        while position + 1 < bytes.count {
            let pair = Int(bytes[position]) << 8 | Int(bytes[position + 1])
            text.append(alphabet[pair % 45])
            text.append(alphabet[pair / 45 % 45])
            text.append(alphabet[pair / 2025])
            position += 2
        }
        if position < bytes.count {
            text.append(alphabet[Int(bytes[position]) % 45])
            text.append(alphabet[Int(bytes[position]) / 45])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of `text`; nil for a character outside the alphabet (lower case too), a group beyond its range, or a single character
    /// left over.
    /// So each value has one spelling.
    package static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        let values = values
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 3 * 2 + 1)
        var position = 0
        while position + 1 < text.count {
            let first = Int(values[Int(text[position])])
            let second = Int(values[Int(text[position + 1])])
            let isWhole = position + 2 < text.count
            let third = isWhole ? Int(values[Int(text[position + 2])]) : 0
            guard max(first, second, third) < 45 else { return nil }
            let group = first + second * 45 + third * 2025
            guard group <= (isWhole ? 0xFFFF : 0xFF) else { return nil }
            if isWhole { bytes.append(UInt8(group >> 8)) }
            bytes.append(UInt8(group & 0xFF))
            position += 3
        }
        return position < text.count ? nil : bytes
    }

    /// The bytes of `text`, as above.
    package static func decode(_ text: String) -> [UInt8]? { decode(text.utf8.span) }
}
