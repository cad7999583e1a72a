/// The tokens of RFC 8259, strictly: no comments, no trailing commas, no lone surrogates, no overlong UTF-8.
struct JSONScanner {
    /// A string token: its bytes between the quotes, and whether they hold escapes.
    struct Text {
        let range: Range<Int>
        let isEscaped: Bool
    }

    let bytes: [UInt8]
    var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    func fault(_ kind: JSONFault.Kind = .syntax, pointer: String = "") -> JSONFault {
        JSONFault(kind: kind, offset: position, pointer: pointer)
    }

    mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    mutating func expect(_ byte: UInt8) throws(JSONFault) {
        guard current == byte else { throw fault() }
        position += 1
    }

    mutating func expectWord(_ word: StaticString) throws(JSONFault) {
        for byte in word.bytes { try expect(byte) }
    }

    /// Reads a string token; the scalars it stands for are given by `decoded`.
    mutating func scanString() throws(JSONFault) -> Text {
        try expect(0x22)
        let first = position
        var isEscaped = false
        while let byte = current {
            switch byte {
            case 0x22:
                position += 1
                return Text(range: first..<position - 1, isEscaped: isEscaped)
            case 0x5C:
                isEscaped = true
                try skipEscape()
            case 0..<0x20: throw fault()
            case 0..<0x80: position += 1
            default: try skipMultibyte(byte)
            }
        }
        throw fault()
    }

    private mutating func skipEscape() throws(JSONFault) {
        position += 1
        guard let kind = current else { throw fault() }
        switch kind {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: position += 1
        case 0x75:
            position += 1
            let unit = try hexUnit()
            if unit >= 0xDC00, unit <= 0xDFFF { throw fault() }
            if unit >= 0xD800, unit <= 0xDBFF {
                try expect(0x5C)
                try expect(0x75)
                let low = try hexUnit()
                guard low >= 0xDC00, low <= 0xDFFF else { throw fault() }
            }
        default: throw fault()
        }
    }

    private mutating func hexUnit() throws(JSONFault) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = current?.hexValue else { throw fault() }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }

    /// One scalar of two to four bytes: RFC 3629's table of well-formed sequences.
    mutating func skipMultibyte(_ lead: UInt8) throws(JSONFault) {
        let second: ClosedRange<UInt8>
        let more: Int
        switch lead {
        case 0xC2...0xDF: (second, more) = (0x80...0xBF, 0)
        case 0xE0: (second, more) = (0xA0...0xBF, 1)
        case 0xE1...0xEC, 0xEE...0xEF: (second, more) = (0x80...0xBF, 1)
        case 0xED: (second, more) = (0x80...0x9F, 1)
        case 0xF0: (second, more) = (0x90...0xBF, 2)
        case 0xF1...0xF3: (second, more) = (0x80...0xBF, 2)
        case 0xF4: (second, more) = (0x80...0x8F, 2)
        default: throw fault(.invalidUTF8)
        }
        position += 1
        guard let byte = current, second.contains(byte) else { throw fault(.invalidUTF8) }
        position += 1
        for _ in 0..<more {
            guard let byte = current, byte & 0xC0 == 0x80 else { throw fault(.invalidUTF8) }
            position += 1
        }
    }

    /// Reads a number token: its bytes, and whether it is written without fraction and exponent.
    mutating func scanNumber() throws(JSONFault) -> (range: Range<Int>, isWhole: Bool) {
        let first = position
        if current == 0x2D { position += 1 }
        if current == 0x30 { position += 1 } else { try skipDigits() }
        var isWhole = true
        if current == 0x2E {
            isWhole = false
            position += 1
            try skipDigits()
        }
        if current == 0x65 || current == 0x45 {
            isWhole = false
            position += 1
            if current == 0x2B || current == 0x2D { position += 1 }
            try skipDigits()
        }
        return (first..<position, isWhole)
    }

    private mutating func skipDigits() throws(JSONFault) {
        guard let digit = current, digit.isDigit else { throw fault() }
        while let digit = current, digit.isDigit { position += 1 }
    }

    /// What a string token stands for.
    func decoded(_ text: Text) -> String {
        guard text.isEscaped else { return String(decoding: bytes[text.range], as: UTF8.self) }
        var result: [UInt8] = []
        var index = text.range.lowerBound
        while index < text.range.upperBound {
            guard bytes[index] == 0x5C else {
                result.append(bytes[index])
                index += 1
                continue
            }
            let kind = bytes[index + 1]
            index += 2
            switch kind {
            case 0x62: result.append(0x08)
            case 0x66: result.append(0x0C)
            case 0x6E: result.append(0x0A)
            case 0x72: result.append(0x0D)
            case 0x74: result.append(0x09)
            case 0x75: appendEscaped(&index, to: &result)
            default: result.append(kind)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private func appendEscaped(_ index: inout Int, to result: inout [UInt8]) {
        var value = unit(at: index)
        index += 4
        if value >= 0xD800, value <= 0xDBFF {
            value = 0x10000 + (value - 0xD800) << 10 + (unit(at: index + 2) - 0xDC00)
            index += 6
        }
        // Lone surrogates were refused when the token was read.
        guard let scalar = Unicode.Scalar(value) else { return }
        result.append(contentsOf: Array(String(Character(scalar)).utf8))
    }

    private func unit(at index: Int) -> UInt32 {
        bytes[index..<index + 4].reduce(0) { $0 << 4 | UInt32($1.hexValue ?? 0) }
    }
}
