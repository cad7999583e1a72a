import Runtime

/// Turns the bytes of an uploaded file into UTF-8: strips a byte order mark, and tells UTF-8 from GB18030 at the first byte that is not
/// ASCII, by whether most of what follows is whole UTF-8. Files that are no text are refused at once.
struct ImportText: ~Copyable {
    private enum Encoding {
        case undecided, utf8, gb18030
    }

    /// So much is looked at from the first byte that is not ASCII: GB18030 does not pass for UTF-8 over a dozen characters.
    private static let evidenceBytes = 4_096

    private var encoding = Encoding.undecided
    private var converter: TextConverter?
    private var held: [UInt8] = []
    private var isAtStart = true

    init() {}

    /// The UTF-8 that `bytes` complete; some may be held back until the encoding shows.
    mutating func decode(_ bytes: [UInt8], isLast: Bool) throws(MemberImportError) -> [UInt8] {
        switch encoding {
        case .utf8: return bytes
        case .gb18030: return converter?.convert(bytes, isLast: isLast) ?? []
        case .undecided: break
        }
        held += bytes
        if isAtStart {
            guard held.count >= 4 || isLast else { return [] }
            try refuseWhatIsNoText()
            isAtStart = false
            if held.starts(with: [0xEF, 0xBB, 0xBF]) {
                encoding = .utf8
                defer { held = [] }
                return Array(held.dropFirst(3))
            }
        }
        if held.contains(0) { throw .binary }
        guard let first = held.firstIndex(where: { $0 >= 0x80 }) else {
            defer { held = [] }
            return held
        }
        guard isLast || held.count - first >= Self.evidenceBytes else {
            let plain = Array(held[..<first])
            held.removeSubrange(..<first)
            return plain
        }
        let evidence = held
        held = []
        if Self.isUTF8(evidence[first...]) {
            encoding = .utf8
            return evidence
        }
        encoding = .gb18030
        do throws(SystemError) { converter = try TextConverter(from: "GB18030") } catch { throw .encodingUnavailable }
        return converter?.convert(evidence, isLast: isLast) ?? []
    }

    private func refuseWhatIsNoText() throws(MemberImportError) {
        // A zip archive is what .xlsx files are; the other is the container of .xls.
        if held.starts(with: [0x50, 0x4B, 0x03, 0x04]) || held.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) { throw .spreadsheet }
        if held.starts(with: [0xFF, 0xFE]) || held.starts(with: [0xFE, 0xFF]) { throw .utf16 }
        if held.contains(0) { throw .binary }
    }

    /// Whether more characters are whole UTF-8 than bytes are not. A damaged byte does not make a file GB18030, and of GB18030's Han
    /// characters about one in eight passes for UTF-8 by chance.
    private static func isUTF8(_ bytes: ArraySlice<UInt8>) -> Bool {
        var whole = 0
        var broken = 0
        var rest = bytes
        while let first = rest.popFirst() {
            guard first >= 0x80 else { continue }
            let following =
                switch first {
                case 0xC2...0xDF: 1
                case 0xE0...0xEF: 2
                case 0xF0...0xF4: 3
                default: 0
                }
            let tail = rest.prefix(following)
            if following > 0, tail.allSatisfy({ (0x80...0xBF).contains($0) }) {
                rest = rest.dropFirst(following)
                // Cut by the end of the evidence: says nothing.
                if tail.count == following { whole += 1 }
            } else {
                broken += 1
            }
        }
        return whole > broken
    }
}
