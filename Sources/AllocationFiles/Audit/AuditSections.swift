/// Where the sections of an audit file lie.
struct AuditSections {
    /// One section: its lines without the one that names it.
    struct Section {
        let range: Range<Int>
        /// The number of the line that names it; its own lines follow.
        let line: Int
        let lineCount: Int
    }

    let rules: Section
    let sessions: Section
    let applicants: Section
    let draw: Section
    let results: Section
    /// Where the last line starts, its number, and the digest that it holds, as text.
    let end: (start: Int, line: Int, digest: String)

    init(_ source: SourceFile) throws(FileFaults) {
        if source.bytes.isEmpty { throw FileFaults(FileFault(.fileEmpty, file: source.name, line: 1)) }
        var scanner = AuditScanner(source)
        guard try scanner.line() == AuditRows.head else { throw scanner.fault("waystation-allocation") }
        rules = try scanner.section("rules")
        sessions = try scanner.section("sessions")
        applicants = try scanner.section("applicants")
        draw = try scanner.section("draw")
        results = try scanner.section("results")
        let start = scanner.offset
        let last = try scanner.line()
        guard last.hasPrefix("end "), last.utf8.count == 68, scanner.isAtEnd else { throw scanner.fault("end") }
        end = (start, scanner.number, String(last.dropFirst(4)))
        if results.lineCount != applicants.lineCount {
            throw FileFaults(
                FileFault(
                    .auditLayout, file: source.name, line: results.line, field: "results",
                    detail: "\(results.lineCount) ≠ \(applicants.lineCount)"))
        }
    }

    /// The lines of a short section as texts, each with its number.
    static func lines(_ section: Section, _ bytes: [UInt8]) -> [(number: Int, text: [UInt8])] {
        bytes[section.range].dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated().map {
            (section.line + 1 + $0.offset, Array($0.element))
        }
    }
}

private struct AuditScanner {
    private let source: SourceFile
    private(set) var offset = 0
    /// Of the line read last.
    private(set) var number = 0

    init(_ source: SourceFile) { self.source = source }

    var isAtEnd: Bool { offset == source.bytes.count }

    func fault(_ field: String, _ reason: FileFault.Reason = .auditLayout) -> FileFaults {
        FileFaults(FileFault(reason, file: source.name, line: max(number, 1), field: field))
    }

    mutating func line() throws(FileFaults) -> String {
        let start = offset
        guard skip(1) else {
            number += isAtEnd && start == offset ? 0 : 1
            throw fault("", .fileTruncated)
        }
        return String(decoding: source.bytes[start..<offset - 1], as: UTF8.self)
    }

    mutating func section(_ name: String) throws(FileFaults) -> AuditSections.Section {
        let words = try line().split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[0] == "section", words[1] == name, let count = Int(words[2]), count > 0 else { throw fault(name) }
        let (start, first) = (offset, number)
        guard skip(count) else { throw fault(name, .fileTruncated) }
        return AuditSections.Section(range: start..<offset, line: first, lineCount: count)
    }

    /// Whether there were as many whole lines; they are passed over as far as they go.
    private mutating func skip(_ count: Int) -> Bool {
        let bytes = source.bytes
        let span = bytes.span
        var rest = count
        var index = offset
        while rest > 0, index < span.count {
            if span[index] == UInt8(ascii: "\n") {
                rest -= 1
                number += 1
                offset = index + 1
            }
            index += 1
        }
        return rest == 0
    }
}
