import Allocation
import Crypto
import FoundationEssentials
import Runtime
import Testing

@testable import AllocationFiles

struct OutputTests {
    @Test func `the explanations name each better session with a code and two numbers`() throws {
        let rows = text(try explanationBytes(try Scene().read())).split(separator: "\n").map(String.init)
        #expect(rows[0] == "ticket,result,session,waiting,reasons")
        #expect(rows[1] == "A1,placed,S1,,")
        #expect(rows[2] == "A2,waiting,,1,S1:quota:3:3")
        #expect(rows[4] == "A4,waiting,,2,S2:full:2:3|S1:full:1:3")
        #expect(rows[5] == "A5,excluded,,,holds")
        #expect(rows[6] == "A6,placed,S2,,S1:full:1:2")
    }

    @Test func `in mode local they say who is there`() throws {
        var scene = Scene()
        scene.rules = """
            {"program": "p", "quota": 2, "mode": "local", "groups": ["gig"], "floors": [{"group": "gig", "size": 1}],
             "lottery": {"secret": "\(Hex.encode((0..<32).map { UInt8($0) }))"}}
            """
        scene.sessions = "session,capacity,area\nS1,2,5\n"
        scene.applicants = "ticket,points,groups,area,wishes\nA,9,gig,,S1\nB,8,,5,S1\nC,7,,,S1\nD,6,gig,,S1\n"
        let rows = text(try explanationBytes(try scene.read())).split(separator: "\n").map(String.init)
        #expect(rows[1...] == ["A,placed,S1,,", "B,placed,S1,,", "C,waiting,,1,S1:local:2:3", "D,waiting,,2,S1:others:1:4"])
    }

    @Test func `numbers, digits and tickets are written as they are`() throws {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<2_000 {
            let number = Int.random(in: 0...Int.max, using: &generator) >> Int.random(in: 0..<63, using: &generator)
            let word = UInt64.random(in: 0...UInt64.max, using: &generator)
            let line = text(
                try written { (writer) throws(SystemError) in
                    writer.decimal(number)
                    writer.comma()
                    writer.hex(word)
                })
            let digits = String(word, radix: 16)
            #expect(line == "\(number)," + String(repeating: "0", count: 16 - digits.count) + digits)
        }
        for ticket in ["A", "T0000001", "a-_Z9"] {
            let raw = try #require(Ticket(ticket)).rawValue
            #expect(text(try written { (writer) throws(SystemError) in writer.ticket(raw) }) == ticket)
        }
    }

    @Test func `the folder is made, all three files stand in it, none half written`() throws {
        let folder = "/tmp/waystation-allocation-\(UInt64.random(in: 0...UInt64.max))/a/b"
        let output = OutputFolder(folder)
        #expect(output.existing == nil)
        let input = try Scene().read()
        let written = try output.write(input, input.allocation())
        #expect(output.existing == folder + "/results.csv")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["audit.txt", "explanations.csv", "results.csv"])
        let audit = try SourceFile(path: folder + "/audit.txt")
        #expect(audit.bytes == (try auditBytes(input)))
        #expect(try SourceFile(path: folder + "/results.csv").bytes == resultBytes(input))
        #expect(try AuditFile.verify(audit).digest == written.auditDigest)
        try FileManager.default.removeItem(atPath: String(folder.dropLast(4)))
    }

    @Test func `a folder that cannot be written is an error and leaves nothing`() throws {
        let input = try Scene().read()
        #expect(throws: SystemError.self) { try OutputFolder("/proc/none/x").write(input, input.allocation()) }
    }

    @Test func `a secret that is missing is drawn, and said to be committed to by nobody`() throws {
        var scene = Scene()
        let line = try #require(scene.rules.split(separator: "\n").first { $0.contains("lottery") })
        scene.rules = scene.rules.split(separator: line).joined(separator: "\"lottery\": {\"beacon\": \"00ff\"}")
        let (first, second) = try (scene.read().draw, scene.read().draw)
        #expect(first.origin == .drawn && first.secret.count == 32 && first.secret != second.secret)
        #expect(try Scene().read().draw.origin == .given)
    }

    @Test func `names are found among many`() {
        var table = NameTable()
        let names = (0..<5_000).map { Array("名-\($0 * 7)".utf8) }
        for (index, name) in names.enumerated() { #expect(table.insert(name.span, 0, name.count) == (index, true)) }
        for (index, name) in names.enumerated() { #expect(table.find(name.span, 0, name.count) == index) }
        let other = Array("名-3".utf8)
        #expect(table.find(other.span, 0, other.count) == nil)
        #expect(table.find(other.span, 0, 0) == nil)
    }

    @Test func `the language follows the environment`() {
        #expect(SpokenLanguage(environment: ["LANG": "zh_CN.UTF-8"]) == .zh)
        #expect(SpokenLanguage(environment: ["LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"]) == .en)
        #expect(SpokenLanguage(environment: [:]) == .en)
    }
}
