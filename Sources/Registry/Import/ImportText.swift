import Runtime

/// Turns the bytes of an uploaded file into UTF-8: strips a byte order mark, and tells UTF-8 from GB18030 at the first byte that is not
/// ASCII, by whether what follows is well-formed UTF-8. Files that are no text are refused at once.
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
        if Self.isUTF8(evidence[first...], mayBeCut: !isLast) {
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

    static func isUTF8(_ bytes: ArraySlice<UInt8>, mayBeCut: Bool) -> Bool {
        if String(validating: bytes, as: UTF8.self) != nil { return true }
        guard mayBeCut else { return false }
        // A character cut at the end is at most three bytes of four.
        for cut in 1...3 where bytes.count > cut {
            if String(validating: bytes.dropLast(cut), as: UTF8.self) != nil, bytes[bytes.endIndex - cut] >= 0xC2 { return true }
        }
        return false
    }
}
