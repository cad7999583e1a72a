import Allocation
import Crypto
import Runtime

@testable import AllocationFiles

/// A small sharing out as texts, some parts of which a test replaces.
struct Scene {
    var rules = """
        {
          "program": "spa-2026",
          "quota": 3,
          "groups": ["gig", "night"],
          "floors": [
            {"group": "gig", "size": 1},
            {"group": "night", "size": 1, "kind": "fair"}
          ],
          "classes": ["first", "others"],
          "lottery": {"secret": "\(Hex.encode((0..<32).map { UInt8($0) }))", "beacon": "00ff", "beaconSource": "a round"}
        }
        """
    var sessions = "session,capacity\nS1,1\nS2,1\n春季,5\n"
    var applicants = """
        ticket,class,points,groups,organization,exclusion,wishes
        A1,1,10,gig|night,7,,S1|S2
        A2,1,0,,7,,S1
        A3,2,0,gig,8,,S1|春季
        A4,2,5,night,,,S2|S1
        A5,2,5,,9,holds,S2
        A6,1,3,,9,,S1|S2

        """

    func read() throws(FileFaults) -> FrozenInput {
        try FrozenInput(
            rules: SourceFile(name: "rules.json", text: rules), sessions: SourceFile(name: "sessions.csv", text: sessions),
            applicants: SourceFile(name: "applicants.csv", text: applicants))
    }

    /// The faults of reading it, as their sentences without the words: `file:line field code`.
    func faults() -> [String] {
        do {
            _ = try read()
            return []
        } catch {
            return error.listed.map { "\($0.file):\($0.line ?? 0) \($0.field) \($0.code.text)" }
        }
    }
}

/// The bytes of a file as one of the writers makes them.
func written(_ body: (inout RowWriter) throws(SystemError) -> Void, isHashed: Bool = false) throws -> [UInt8] {
    final class Bytes { var all: [UInt8] = [] }
    let bytes = Bytes()
    var writer = RowWriter(isHashed: isHashed) { (piece, count) throws(SystemError) in bytes.all += piece.prefix(count) }
    try body(&writer)
    try writer.flush()
    return bytes.all
}

func auditBytes(_ input: FrozenInput) throws -> [UInt8] {
    let rows = ResultRows(input, input.allocation())
    return try written({ (writer) throws(SystemError) in _ = try AuditRows(input, results: rows).write(into: &writer) }, isHashed: true)
}

func resultBytes(_ input: FrozenInput) throws -> [UInt8] {
    let rows = ResultRows(input, input.allocation())
    return try written { (writer) throws(SystemError) in
        try writer.row(ResultRows.header)
        for row in 0..<rows.count { try rows.write(row, into: &writer) }
    }
}

func explanationBytes(_ input: FrozenInput) throws -> [UInt8] {
    let allocation = input.allocation()
    let rows = ExplanationRows(input, allocation, results: ResultRows(input, allocation))
    return try written { (writer) throws(SystemError) in
        try writer.row(ExplanationRows.header)
        for row in 0..<input.applicants.count { try rows.write(row, into: &writer) }
    }
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// A random sharing out in either mode, as texts.
func randomScene(_ generator: inout SeededGenerator, isLocal: Bool) -> Scene {
    var scene = Scene()
    let sessionCount = Int.random(in: 1...4, using: &generator)
    let capacities = (0..<sessionCount).map { _ in Int.random(in: 2...4, using: &generator) }
    let quota = isLocal ? capacities.reduce(0, +) : Int.random(in: 2...9, using: &generator)
    let kind = Bool.random(using: &generator) ? "strict" : "fair"
    scene.rules = """
        {"program": "p", "quota": \(quota), "mode": "\(isLocal ? "local" : "order")", "groups": ["gig", "night"],
         "floors": [{"group": "night", "size": 1, "kind": "\(kind)"}, {"group": "gig", "size": 1}],
         "lottery": {"secret": "\(Hex.encode((0..<32).map { UInt8($0) }))"}\(isLocal ? "" : ", \"organizationCaps\": {\"2\": 1, \"3\": 2}")}
        """
    scene.sessions =
        "area,session,capacity,floors\n"
        + (0..<sessionCount).map { "\($0 + 1),S\($0),\(capacities[$0]),\(isLocal && $0 == 0 ? "gig=1" : "")\n" }.joined()
    scene.applicants = "ticket,class,points,groups,organization,area,exclusion,wishes\n"
    for number in 0..<Int.random(in: 4...20, using: &generator) {
        let wishes = (0..<sessionCount).shuffled(using: &generator).prefix(Int.random(in: 1...sessionCount, using: &generator))
        let groups = number < 2 ? "gig|night" : ["", "gig", "night", "gig|night"][Int.random(in: 0...3, using: &generator)]
        scene.applicants +=
            "T\(number),\(Int.random(in: 1...2, using: &generator)),\(Int.random(in: 0...3, using: &generator)),\(groups),"
            + "\(Int.random(in: 0...4, using: &generator)),\(Int.random(in: 1...4, using: &generator)),\(number == 3 ? "holds" : ""),"
            + wishes.map { "S\($0)" }.joined(separator: "|") + "\n"
    }
    return scene
}
