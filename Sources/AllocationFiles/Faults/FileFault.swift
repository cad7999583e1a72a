package import Allocation

/// One mistake in a file: where it stands and what it is. Nothing is written while there is one.
package struct FileFault: Error, Hashable, Sendable {
    package enum Code: Hashable, Sendable {
        /// Of the file's form.
        case form(Reason)
        /// Of the sharing out that the files describe.
        case rule(AllocationFault.Reason)

        /// Stable: programs may compare it.
        package var text: String {
            switch self {
            case .form(let reason): reason.rawValue
            case .rule(let reason): reason.rawValue
            }
        }
    }

    package enum Reason: String, Hashable, Sendable, CaseIterable {
        case fileEmpty = "allocation.file_empty"
        case fileTruncated = "allocation.file_truncated"
        case notUTF8 = "allocation.not_utf8"
        case columnMissing = "allocation.column_missing"
        case columnUnknown = "allocation.column_unknown"
        case columnTwice = "allocation.column_twice"
        case fieldCount = "allocation.field_count"
        case quoteUnclosed = "allocation.quote_unclosed"
        case quoteStray = "allocation.quote_stray"
        case numberInvalid = "allocation.number_invalid"
        case nameInvalid = "allocation.name_invalid"
        case ticketInvalid = "allocation.ticket_invalid"
        case groupTwice = "allocation.group_twice"
        case tooManyWishes = "allocation.too_many_wishes"
        case tooManyExclusions = "allocation.too_many_exclusions"
        case floorInvalid = "allocation.floor_invalid"
        case sessionFloorsNeedLocal = "allocation.session_floors_need_local"
        case jsonInvalid = "allocation.json_invalid"
        case keyUnknown = "allocation.key_unknown"
        case keyTwice = "allocation.key_twice"
        case keyMissing = "allocation.key_missing"
        case valueInvalid = "allocation.value_invalid"
        case additionalUnsupported = "allocation.additional_unsupported"
        case secretMissing = "allocation.secret_missing"
        case commitmentDiffers = "allocation.commitment_differs"
        case auditLayout = "allocation.audit_layout"
        case auditNotCanonical = "allocation.audit_not_canonical"
        case auditResultDiffers = "allocation.audit_result_differs"
        case auditDigestDiffers = "allocation.audit_digest_differs"
        case auditReplayFails = "allocation.audit_replay_fails"
    }

    package let code: Code
    /// The file's name, as it was given.
    package let file: String
    /// 1 for the first; nil: the file as a whole.
    package let line: Int?
    /// The column, the key's path or the section; empty: the line as a whole.
    package let field: String
    /// What stands there and what would be right, where that helps.
    package let detail: String

    package init(_ code: Code, file: String, line: Int?, field: String = "", detail: String = "") {
        self.code = code
        self.file = file
        self.line = line
        self.field = field
        self.detail = detail
    }

    package init(_ reason: Reason, file: String, line: Int?, field: String = "", detail: String = "") {
        self.init(.form(reason), file: file, line: line, field: field, detail: detail)
    }

    /// `applicants.csv:17: wishes: there is no such session: S99 [allocation.wish_unknown]`.
    package func sentence(_ language: SpokenLanguage) -> String {
        let place = line.map { "\(file):\($0)" } ?? file
        let colon = language("：", ": ")
        return place + ": " + (field.isEmpty ? "" : field + colon) + code.sentence(language) + (detail.isEmpty ? "" : colon + detail)
            + " [\(code.text)]"
    }
}

/// The mistakes of one reading: the first of them, and how many there are.
package struct FileFaults: Error, Sendable {
    /// As many are listed.
    package static let listedMax = 20

    package private(set) var listed: [FileFault] = []
    package private(set) var count = 0

    package init() {}

    package init(_ fault: FileFault) { add(fault) }

    package var isEmpty: Bool { count == 0 }

    package mutating func add(_ fault: FileFault) {
        if listed.count < Self.listedMax { listed.append(fault) }
        count += 1
    }

    /// Counts one that is not worth making when the list is full.
    mutating func add(_ make: () -> FileFault) {
        if listed.count < Self.listedMax { listed.append(make()) }
        count += 1
    }

    mutating func add(_ others: FileFaults) {
        for fault in others.listed { add(fault) }
        count += others.count - others.listed.count
    }

    /// Throws if there are any.
    func check() throws(FileFaults) { if !isEmpty { throw self } }

    /// One line each, then how many more there are.
    package func text(_ language: SpokenLanguage) -> String {
        var lines = listed.map { $0.sentence(language) }
        let more = count - listed.count
        if more > 0 { lines.append(language("还有 \(more) 处错误", "and \(more) more")) }
        return lines.joined(separator: "\n")
    }
}

/// A file's text as it may be shown: at most 40 characters, no control characters.
func shown(_ bytes: some Collection<UInt8>) -> String {
    let text = String(decoding: bytes.prefix(160), as: UTF8.self)
    let plain = String(text.prefix(40).map { $0.unicodeScalars.contains { $0.value < 32 || $0.value == 127 } ? "?" : $0 })
    return text.count > 40 || bytes.count > 160 ? plain + "…" : plain
}
