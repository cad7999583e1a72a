import Allocation
import Crypto

/// What an audit file says that its results follow from.
struct AuditInput {
    let input: FrozenInput
    /// Whether the commitment is another than the secret's.
    let commitmentFault: FileFault?

    /// Reads strictly what matters; what is written in another way than it must be shows when the file is written anew and compared.
    init(_ source: SourceFile, _ sections: AuditSections, progress: (Double, Int) -> Void) throws(FileFaults) {
        let rules = try AuditRules(source, sections.rules)
        let sessions = try SessionsTable(
            source.name, Self.rows(source, sections.sessions, AuditRows.sessionsHeader, "sessions"), rules.program)
        var places = FaultPlaces(
            rules: source.name, ruleLines: rules.lines, sessions: source.name, sessionLines: sessions.lines, applicants: source.name)
        places.sessionHeader = sections.sessions.line + 1
        places.applicantHeader = sections.applicants.line + 1
        try places.check(rules.program, sessions.sessions)
        let people = try ApplicantsTable(
            source.name, Self.rows(source, sections.applicants, AuditRows.applicantsHeader, "applicants"), rules.program, sessions.names,
            progress: progress)
        places.applicantLines = people.lines
        try places.check(rules.program, sessions.sessions, people.applicants)
        let (draw, fault) = try Self.draw(source, sections.draw)
        commitmentFault = fault
        input = FrozenInput(
            program: rules.program, classes: rules.classes, draw: draw, sessions: sessions.sessions, applicants: people.applicants,
            exclusions: people.exclusions)
    }

    /// A table's rows, once its header is seen to be the right one.
    private static func rows(
        _ source: SourceFile, _ section: AuditSections.Section, _ header: String, _ field: String
    ) throws(FileFaults) -> Rows {
        guard source.bytes[section.range].starts(with: Array((header + "\n").utf8)) else {
            throw FileFaults(FileFault(.auditLayout, file: source.name, line: section.line + 1, field: field, detail: header))
        }
        return Rows(source.bytes, section.range, after: section.line)
    }

    private static func draw(_ source: SourceFile, _ section: AuditSections.Section) throws(FileFaults) -> (Draw, FileFault?) {
        let lines = AuditSections.lines(section, source.bytes)
        let keys = ["commitment", "secret", "beacon", "beacon-source"]
        guard lines.count == keys.count else {
            throw FileFaults(FileFault(.auditLayout, file: source.name, line: section.line, field: "draw", detail: "\(keys.count)"))
        }
        var values: [[UInt8]] = []
        for (key, line) in zip(keys, lines) {
            guard line.text.starts(with: Array((key + " ").utf8)), isValidUTF8(line.text), line.text.allSatisfy({ $0 >= 32 && $0 != 127 })
            else {
                throw FileFaults(FileFault(.auditLayout, file: source.name, line: line.number, field: key))
            }
            values.append(Array(line.text.dropFirst(key.utf8.count + 1)))
        }
        func hex(_ index: Int, count: Int?) throws(FileFaults) -> [UInt8] {
            if let bytes = Hex.decode(String(decoding: values[index], as: UTF8.self)), count == nil || bytes.count == count { return bytes }
            throw FileFaults(FileFault(.valueInvalid, file: source.name, line: lines[index].number, field: keys[index], detail: "0-9a-f"))
        }
        let none = Array("-".utf8)
        let commitment = try hex(0, count: 32)
        let secret = try hex(1, count: Lottery.secretByteCount)
        let beacon = values[2] == none ? [] : try hex(2, count: nil)
        let draw = Draw(
            secret: secret, beacon: beacon, beaconSource: values[3] == none ? "" : String(decoding: values[3], as: UTF8.self),
            origin: .committed)
        let isRight = commitment == draw.commitment
        return (draw, isRight ? nil : FileFault(.commitmentDiffers, file: source.name, line: lines[0].number, field: "commitment"))
    }
}

/// The rules' section.
private struct AuditRules {
    private(set) var program = Program(name: "", quota: 0)
    private(set) var classes: [String] = []
    /// Where things stand, by the path that the engine's faults name; the empty path is the section itself.
    private(set) var lines: [String: Int] = [:]

    private let file: String

    init(_ source: SourceFile, _ section: AuditSections.Section) throws(FileFaults) {
        file = source.name
        lines[""] = section.line
        for (number, bytes) in AuditSections.lines(section, source.bytes) {
            guard isValidUTF8(bytes), let space = bytes.firstIndex(of: UInt8(ascii: " ")) else {
                throw fault(.auditLayout, number, "rules", shown(bytes))
            }
            let key = String(decoding: bytes[..<space], as: UTF8.self)
            try read(key, String(decoding: bytes[(space + 1)...], as: UTF8.self), number)
        }
    }

    private mutating func read(_ key: String, _ value: String, _ line: Int) throws(FileFaults) {
        switch key {
        case "program":
            program.name = try name(key, value, line)
            lines["program"] = line
        case "mode":
            guard let mode = Program.Mode(rawValue: value) else { throw fault(.valueInvalid, line, key, "order, local") }
            program.mode = mode
            lines["mode"] = line
        case "quota":
            program.quota = try number(key, value, line)
            lines["quota"] = line
        case "meaning":
            guard value == "minimum" else {
                throw fault(value == "additional" ? .additionalUnsupported : .valueInvalid, line, key, "minimum")
            }
        case "group":
            let group = try name(key, value, line)
            if program.groups.contains(group) { throw fault(.groupTwice, line, key, group) }
            program.groups.append(group)
            lines["groups"] = lines["groups"] ?? line
        case "precedence":
            guard ["given", "scarcest"].contains(value) else { throw fault(.valueInvalid, line, key, "given, scarcest") }
            program.isFloorOrderGiven = value == "given"
        case "floor": try readFloor(value, line)
        case "organization-cap":
            program.organizationCap = try number(key, value, line)
            lines["organizationCap"] = line
        case "organization-cap-of":
            let parts = value.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, let organization = UInt32(parts[0]) else {
                throw fault(.valueInvalid, line, key, "ORGANIZATION=NUMBER")
            }
            program.organizationCaps[organization] = try number(key, String(parts[1]), line)
            lines["organizationCaps"] = lines["organizationCaps"] ?? line
        case "class": classes.append(try name(key, value, line))
        default: throw fault(.keyUnknown, line, shown(key.utf8))
        }
    }

    /// `GROUP=SIZE strict`.
    private mutating func readFloor(_ value: String, _ line: Int) throws(FileFaults) {
        let words = value.split(separator: "=", omittingEmptySubsequences: false)
        let last = words.last?.split(separator: " ", omittingEmptySubsequences: false) ?? []
        guard words.count == 2, last.count == 2, let kind = Floor.Kind(rawValue: String(last[1])) else {
            throw fault(.valueInvalid, line, "floor", "GROUP=SIZE strict")
        }
        guard let group = program.groups.firstIndex(of: String(words[0])) else {
            throw FileFaults(FileFault(.rule(.floorGroupUnknown), file: file, line: line, field: "floor", detail: shown(words[0].utf8)))
        }
        let path = "floors[\(program.floors.count)]"
        for path in ["floors", path + ".group", path + ".size"] { lines[path] = lines[path] ?? line }
        program.floors.append(Floor(group: group, size: try number("floor", String(last[0]), line), kind: kind))
    }

    private func name(_ key: String, _ value: String, _ line: Int) throws(FileFaults) -> String {
        guard isName(Array(value.utf8)) else { throw fault(.nameInvalid, line, key, shown(value.utf8)) }
        return value
    }

    private func number(_ key: String, _ value: String, _ line: Int) throws(FileFaults) -> Int {
        let digits = Array(value.utf8)
        guard let number = decimal(digits.span, 0, digits.count), number <= SessionsTable.numberMax else {
            throw fault(.numberInvalid, line, key, "0–\(SessionsTable.numberMax)")
        }
        return number
    }

    private func fault(_ reason: FileFault.Reason, _ line: Int, _ field: String, _ detail: String = "") -> FileFaults {
        FileFaults(FileFault(reason, file: file, line: line, field: field, detail: detail))
    }
}
