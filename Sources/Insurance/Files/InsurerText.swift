import Runtime

/// Text of an insurer's file in the encoding that its form names, and in no other: what is guessed wrong becomes somebody's number.
struct InsurerText: ~Copyable {
    private let encoding: InsurerFileForm.Encoding
    private var converter: TextConverter?
    /// The beginning of a character whose rest has not come.
    private var held: [UInt8] = []

    init(_ encoding: InsurerFileForm.Encoding) throws(SystemError) {
        self.encoding = encoding
        if encoding == .gb18030 { converter = try TextConverter(from: "GB18030") }
    }

    /// The UTF-8 that `bytes` complete; nil where they are not in this encoding.
    mutating func decode(_ bytes: [UInt8], isLast: Bool) -> [UInt8]? {
        if bytes.contains(0) { return nil }
        switch encoding {
        case .utf8:
            var text = held + bytes
            let cut = isLast ? 0 : Self.openBytes(text)
            held = Array(text.suffix(cut))
            text.removeLast(cut)
            return String(validating: text, as: UTF8.self) == nil ? nil : text
        case .gb18030:
            let text = converter?.convert(bytes, isLast: isLast) ?? []
            // The converter's mark for what is no GB18030.
            return Self.holdsMark(text) ? nil : text
        }
    }

    private static func holdsMark(_ text: [UInt8]) -> Bool {
        var index = 0
        while let found = text[index...].firstIndex(of: 0xEF) {
            if found + 2 < text.count, text[found + 1] == 0xBF, text[found + 2] == 0xBD { return true }
            index = found + 1
        }
        return false
    }

    /// How many bytes at the end begin a character that is not whole.
    private static func openBytes(_ text: [UInt8]) -> Int {
        for back in 1...3 where back <= text.count {
            let byte = text[text.count - back]
            if byte & 0xC0 == 0x80 { continue }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return length > back ? back : 0
        }
        return 0
    }
}

extension InsurerFileForm.Encoding {
    var contentType: String { "text/csv; charset=\(rawValue)" }

    /// - Parameter isFirst: of a file; UTF-8 begins with a byte order mark, by which spreadsheets know it.
    func bytes(of text: String, isFirst: Bool) throws(SystemError) -> [UInt8] {
        switch self {
        case .utf8: return Array((isFirst ? "\u{FEFF}" : "").utf8) + Array(text.utf8)
        case .gb18030:
            var converter = try TextConverter(from: "UTF-8", to: "GB18030")
            return converter.convert(Array(text.utf8), isLast: true)
        }
    }
}
