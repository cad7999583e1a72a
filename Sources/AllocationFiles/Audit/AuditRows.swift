import Allocation
import Crypto
import Runtime

/// Writes the audit file: every byte follows from the input and the results.
struct AuditRows {
    private let input: FrozenInput
    private let results: ResultRows

    static let head = "waystation-allocation 1"
    static let sessionsHeader = "session,capacity,area,floors"
    static let applicantsHeader = "ticket,class,points,groups,organization,area,exclusion,wishes"

    init(_ input: FrozenInput, results: ResultRows) {
        self.input = input
        self.results = results
    }

    /// - Parameters:
    ///   - progress: is told the part written, 0 to 1.
    ///   - isResults: is told when the rows of the results begin, header included, and when they are over; rows before are handed on.
    /// - Returns: the digest that stands in the last line.
    func write(
        into writer: inout RowWriter, progress: (Double) -> Void = { _ in }, isResults: (Bool) -> Void = { _ in }
    ) throws(SystemError) -> [UInt8] {
        try writer.row(Self.head)
        let rules = Self.rules(input)
        try writer.row("section rules \(rules.count)")
        for line in rules { try writer.row(line) }
        try writer.row("section sessions \(input.sessions.count + 1)")
        try writer.row(Self.sessionsHeader)
        for session in input.sessions { try writer.row(Self.row(session, input.program)) }
        try writer.row("section applicants \(input.applicants.count + 1)")
        try writer.row(Self.applicantsHeader)
        try applicants(into: &writer, progress)
        let draw = Self.draw(input.draw)
        try writer.row("section draw \(draw.count)")
        for line in draw { try writer.row(line) }
        try writer.row("section results \(input.applicants.count + 1)")
        try writer.flush()
        isResults(true)
        try writer.row(ResultRows.header)
        for row in 0..<results.count {
            try results.write(row, into: &writer)
            if row & 0xFFFF == 0 { progress(0.5 + 0.5 * Double(row) / Double(results.count)) }
        }
        let digest = try writer.takeDigest()
        isResults(false)
        try writer.row("end " + Hex.encode(digest))
        try writer.flush()
        return digest
    }

    static func rules(_ input: FrozenInput) -> [String] {
        let program = input.program
        var lines = ["program \(program.name)", "mode \(program.mode.rawValue)", "quota \(program.quota)", "meaning minimum"]
        lines += program.groups.map { "group \($0)" }
        lines.append("precedence " + (program.isFloorOrderGiven ? "given" : "scarcest"))
        lines += program.floors.map { "floor \(program.groups[$0.group])=\($0.size) \($0.kind.rawValue)" }
        if let cap = program.organizationCap { lines.append("organization-cap \(cap)") }
        lines += program.organizationCaps.sorted { $0.key < $1.key }.map { "organization-cap-of \($0.key)=\($0.value)" }
        return lines + input.classes.map { "class \($0)" }
    }

    private static func row(_ session: Session, _ program: Program) -> String {
        let floors =
            session.floorSizes.isEmpty
            ? "" : zip(program.floors, session.floorSizes).map { "\(program.groups[$0.group])=\($1)" }.joined(separator: "|")
        return "\(session.name),\(session.capacity),\(session.area.map { "\($0)" } ?? ""),\(floors)"
    }

    static func draw(_ draw: Draw) -> [String] {
        [
            "commitment " + Hex.encode(draw.commitment), "secret " + Hex.encode(draw.secret),
            "beacon " + (draw.beacon.isEmpty ? "-" : Hex.encode(draw.beacon)),
            "beacon-source " + (draw.beaconSource.isEmpty ? "-" : draw.beaconSource),
        ]
    }

    /// The columns are taken out of their struct once: see `ResultRows`.
    private func applicants(into writer: inout RowWriter, _ progress: (Double) -> Void) throws(SystemError) {
        let applicants = input.applicants
        let (tickets, classes, points) = (applicants.tickets, applicants.classes, applicants.points)
        let (masks, organizations, areas) = (applicants.groups, applicants.organizations, applicants.areas)
        let (excluded, wishes) = (applicants.exclusions, applicants.wishes)
        let names = input.sessions.map { Array($0.name.utf8) }
        let exclusions = [[]] + input.exclusions.map { Array($0.utf8) }
        let groups = (0..<256).map { mask in
            Array(input.program.groups.indices.filter { mask >> $0 & 1 != 0 }.map { input.program.groups[$0] }.joined(separator: "|").utf8)
        }
        let stride = applicants.wishStride
        for row in 0..<applicants.count {
            writer.ticket(tickets[row])
            writer.comma()
            writer.decimal(Int(classes[row]))
            writer.comma()
            writer.decimal(Int(points[row]))
            writer.comma()
            writer.text(groups[Int(masks[row])])
            writer.comma()
            writer.decimal(Int(organizations[row]))
            writer.comma()
            if areas[row] != .max { writer.decimal(Int(areas[row])) }
            writer.comma()
            writer.text(exclusions[Int(excluded[row])])
            writer.comma()
            for wish in row * stride..<(row + 1) * stride {
                let session = wishes[wish]
                if session == Applicants.noSession { break }
                if wish > row * stride { writer.byte("|") }
                writer.text(names[Int(session)])
            }
            try writer.endRow()
            if row & 0xFFFF == 0 { progress(0.5 * Double(row) / Double(applicants.count)) }
        }
    }
}
