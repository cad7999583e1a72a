/// A set of ASCII bytes as two words; a byte from 0x80 on is never in it.
struct ByteSet: Sendable {
    let low: UInt64
    let high: UInt64

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        guard byte < 128 else { return false }
        let word = byte < 64 ? low : high
        return (word >> UInt64(byte & 63)) & 1 != 0
    }

    /// `tchar` of a token: letters, digits and !#$%&'*+-.^_`|~ (RFC 9110, section 5.6.2).
    static let token = ByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)

    /// What may stand in a request target: unreserved, sub-delims, :/?@[] and % (RFC 3986, without the fragment's #).
    static let target = ByteSet(low: 0xAFFF_FFF2_0000_0000, high: 0x47FF_FFFE_AFFF_FFFF)

    /// `reg-name` of a host: unreserved, sub-delims and % (RFC 3986, section 3.2.2).
    static let hostName = ByteSet(low: 0x2BFF_7FF2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE)

    /// What stands between the brackets of an IPv6 literal.
    static let addressLiteral = ByteSet(low: 0x07FF_4000_0000_0000, high: 0x0000_007E_0000_007E)

    /// `token68` of a bearer token: letters, digits and -._~+/= (RFC 6750, section 2.1).
    static let bearer = ByteSet(low: 0x23FF_E800_0000_0000, high: 0x47FF_FFFE_87FF_FFFE)

    /// VCHAR: the visible ASCII characters.
    static let visible = ByteSet(low: 0xFFFF_FFFE_0000_0000, high: 0x7FFF_FFFF_FFFF_FFFF)
}

extension Span where Element == UInt8 {
    /// Byte for byte.
    func equals(_ text: StaticString) -> Bool {
        guard text.utf8CodeUnitCount == count else { return false }
        var index = 0
        for byte in text.bytes {
            if self[index] != byte { return false }
            index += 1
        }
        return true
    }

    /// Without regard to the case of ASCII letters; `text` is in lower case.
    func equalsLowercased(_ text: StaticString) -> Bool {
        guard text.utf8CodeUnitCount == count else { return false }
        var index = 0
        for byte in text.bytes {
            if self[index].lowercased != byte { return false }
            index += 1
        }
        return true
    }

    /// The position of `byte` at or after `start`.
    func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        var index = start
        while index < count {
            if self[index] == byte { return index }
            index += 1
        }
        return nil
    }

    /// The bytes without spaces and tabs at both ends (OWS, RFC 9110 section 5.6.3).
    func trimmedBounds(_ bounds: Range<Int>) -> Range<Int> {
        var lower = bounds.lowerBound
        var upper = bounds.upperBound
        while lower < upper, self[lower] == 0x20 || self[lower] == 0x09 { lower += 1 }
        while lower < upper, self[upper - 1] == 0x20 || self[upper - 1] == 0x09 { upper -= 1 }
        return lower..<upper
    }
}

extension StaticString {
    /// Its bytes, as a buffer that lives as long as the program.
    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount) }
}

extension UInt8 {
    /// An ASCII capital becomes its small letter.
    var lowercased: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }

    var isDigit: Bool { self >= 0x30 && self <= 0x39 }

    /// The value of a hexadecimal digit of either case.
    var hexValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }
}
