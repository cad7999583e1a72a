import Allocation
import Crypto
import Runtime
import TestSupport
import Testing

@testable import AllocationFiles

/// The audit file holds everything, the same whatever order the input came in, and nothing in it can be changed unseen.
struct AuditFileTests {
    private func verify(_ bytes: [UInt8]) -> (isSound: Bool, faults: FileFaults, differences: Int) {
        do {
            let verdict = try AuditFile.verify(SourceFile(name: "audit.txt", bytes: bytes))
            return (verdict.isSound, verdict.faults, verdict.differenceCount)
        } catch {
            return (false, error, 0)
        }
    }

    @Test func `the audit file of a small sharing out is these lines`() throws {
        let lines = text(try auditBytes(try Scene().read())).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(
            lines.prefix(33) == [
                "waystation-allocation 1",
                "section rules 11",
                "program spa-2026", "mode order", "quota 3", "meaning minimum", "group gig", "group night", "precedence scarcest",
                "floor gig=1 strict", "floor night=1 fair", "class first", "class others",
                "section sessions 4",
                "session,capacity,area,floors", "S1,1,,", "S2,1,,", "春季,5,,",
                "section applicants 7",
                "ticket,class,points,groups,organization,area,exclusion,wishes",
                "A1,1,10,gig|night,7,,,S1|S2", "A2,1,0,,7,,,S1", "A3,2,0,gig,8,,,S1|春季", "A4,2,5,night,0,,,S2|S1", "A5,2,5,,9,,holds,S2",
                "A6,1,3,,9,,,S1|S2",
                "section draw 4",
                "commitment 74358e6be473130c9b2c3e5c02076ba8396a013996ab5bc7cfe3273913829deb",
                "secret 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "beacon 00ff", "beacon-source a round",
                "section results 7",
                "ticket,result,session,wish,place,position,phase,lottery",
            ])
        #expect(lines[33].hasPrefix("A1,placed,S1,1,1,1,floor:gig,") && lines[33].utf8.count == 29 + 32)
        #expect(lines[34].hasPrefix("A2,waiting,,,3,,not-called,"))
        #expect(lines[37].hasPrefix("A5,excluded,,,,,,") && lines[38].hasPrefix("A6,placed,S2,2,2,2,winner,"))
        #expect(lines.count == 41 && lines[39].hasPrefix("end ") && lines[40].isEmpty)
    }

    @Test func `what is written is read back as it was, and is sound, in both modes`() throws {
        for seed in 0..<30 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let scene = randomScene(&generator, isLocal: seed % 2 == 0)
            let input = try scene.read()
            let bytes = try auditBytes(input)
            let verdict = try AuditFile.verify(SourceFile(name: "audit.txt", bytes: bytes))
            #expect(verdict.isSound, "seed \(seed): \(verdict.faults.text(.en))")
            let record = try AuditFile.open(SourceFile(name: "audit.txt", bytes: bytes))
            #expect(record.input.program == input.program && record.input.sessions == input.sessions, "seed \(seed)")
            #expect(record.allocation.outcome == input.allocation().outcome, "seed \(seed)")
            #expect(try auditBytes(record.input) == bytes, "seed \(seed)")
        }
    }

    @Test func `rows and columns in another order, quotation marks, a byte order mark and carriage returns give the same bytes`() throws {
        for seed in 0..<10 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let scene = randomScene(&generator, isLocal: seed % 2 == 0)
            let input = try scene.read()
            let bytes = try (auditBytes(input), resultBytes(input), explanationBytes(input))
            for _ in 0..<3 {
                var other = scene
                other.applicants = shuffled(scene.applicants, &generator)
                other.sessions = shuffled(scene.sessions, &generator)
                let again = try other.read()
                #expect(try auditBytes(again) == bytes.0, "seed \(seed)")
                #expect(try resultBytes(again) == bytes.1, "seed \(seed)")
                #expect(try explanationBytes(again) == bytes.2, "seed \(seed)")
            }
        }
    }

    /// The same table with its rows and columns in another order and other ways of writing them.
    private func shuffled(_ table: String, _ generator: inout SeededGenerator) -> String {
        let lines = table.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        let columns = lines[0].indices.shuffled(using: &generator)
        let rows = [lines[0]] + lines[1...].shuffled(using: &generator)
        let end = Bool.random(using: &generator) ? "\r\n" : "\n"
        let text = rows.map { row in
            columns.map { Bool.random(using: &generator) ? "\"\(row[$0])\"" : row[$0] }.joined(separator: ",") + end
        }.joined()
        return (Bool.random(using: &generator) ? "\u{FEFF}" : "") + text
    }

    @Test func `a changed byte anywhere is caught, and a line is named`() throws {
        let seed = SeededGenerator.seeds(1)[0]
        var generator = SeededGenerator(seed: seed)
        for isLocal in [false, true] {
            let bytes = try auditBytes(try randomScene(&generator, isLocal: isLocal).read())
            #expect(verify(bytes).isSound, "seed \(seed)")
            for _ in 0..<150 {
                var changed = bytes
                let place = Int.random(in: bytes.indices, using: &generator)
                changed[place] ^= UInt8.random(in: 1...255, using: &generator)
                let verdict = verify(changed)
                #expect(!verdict.isSound && verdict.faults.listed.allSatisfy { $0.line != nil }, "seed \(seed), byte \(place)")
            }
        }
    }

    @Test func `a byte more or less and a cut anywhere are caught`() throws {
        let bytes = try auditBytes(try Scene().read())
        for place in stride(from: 0, to: bytes.count, by: 3) {
            let cut = verify(Array(bytes[..<place]))
            #expect(!cut.isSound && cut.faults.listed.first?.line != nil, "\(place)")
            #expect(!verify(Array(bytes[..<place] + bytes[(place + 1)...])).isSound, "\(place)")
            #expect(!verify(Array(bytes[..<place] + [0x0A] + bytes[place...])).isSound, "\(place)")
        }
        #expect(!verify(bytes + [0x0A]).isSound)
    }

    /// The lines with the digest made anew, as one who edits the file with care would leave them.
    private func sealed(_ lines: [String]) -> [UInt8] {
        let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
        return bytes + Array("end \(Hex.encode(SHA256.hash(bytes)))\n".utf8)
    }

    @Test func `a result that was edited with care is told from the right one`() throws {
        var lines = text(try auditBytes(try Scene().read())).split(separator: "\n").dropLast().map(String.init)
        let place = try #require(lines.lastIndex { $0.hasPrefix("A2,") })
        #expect(lines[place].hasPrefix("A2,waiting,,,"))
        #expect(verify(sealed(lines)).isSound)
        lines[place] = "A2,placed,S1,1," + lines[place].dropFirst("A2,waiting,,,".count)
        let (_, faults, differences) = verify(sealed(lines))
        #expect(differences == 1 && faults.count == 1)
        #expect(
            faults.text(.en)
                == "audit.txt:\(place + 1): result: the result is not what follows from the rules: A2: placed ≠ waiting "
                + "[allocation.audit_result_differs]"
        )
        // Without a new digest that is told too, with the right one.
        let unsealed = Array((lines.joined(separator: "\n") + "\nend " + String(repeating: "0", count: 64) + "\n").utf8)
        #expect(verify(unsealed).faults.listed.map(\.code.text) == ["allocation.audit_result_differs", "allocation.audit_digest_differs"])
    }

    @Test func `an applicant who was edited with care shows in the results`() throws {
        var lines = text(try auditBytes(try Scene().read())).split(separator: "\n").dropLast().map(String.init)
        let place = try #require(lines.firstIndex { $0.hasPrefix("A3,") })
        lines[place] = "A3,1,99,gig,8,,,S1|春季"
        let verdict = verify(sealed(lines))
        #expect(verdict.differences > 1 && verdict.faults.listed.allSatisfy { $0.code.text == "allocation.audit_result_differs" })
    }

    @Test func `another secret, another order of rows and another way of writing a number are not taken`() throws {
        let lines = text(try auditBytes(try Scene().read())).split(separator: "\n").dropLast().map(String.init)
        func verdict(_ change: (inout [String]) throws -> Void) rethrows -> [String] {
            var changed = lines
            try change(&changed)
            return verify(sealed(changed)).faults.listed.map { "\($0.line ?? 0) \($0.field) \($0.code.text)" }
        }
        #expect(
            try verdict { $0[try #require($0.firstIndex { $0.hasPrefix("secret") })].replace("00", "ff") }.first
                == "28 commitment allocation.commitment_differs")
        #expect(
            verdict { $0.swapAt(20, 21) } == [
                "21 applicants allocation.audit_not_canonical", "22 applicants allocation.audit_not_canonical",
            ])
        #expect(verdict { $0[20].replace("A1,1,10", "A1,1,010") } == ["21 applicants allocation.audit_not_canonical"])
        #expect(verdict { $0[15].replace("S1", "\"S1\"") } == ["16 sessions allocation.audit_not_canonical"])
        #expect(verdict { $0[5] = "meaning additional" } == ["6 meaning allocation.additional_unsupported"])
        #expect(verdict { $0[4] = "quota 1" } == ["10 floors allocation.floors_above_quota"])
        #expect(verdict { $0[1] = "section rules 10" } == ["13 sessions allocation.audit_layout"])
        #expect(verdict { $0[21] = "A1,1,0,,7,,,S1" }.first == "22 ticket allocation.ticket_twice")
    }
}

extension String {
    /// Replaces the first occurrence.
    fileprivate mutating func replace(_ old: String, _ new: String) {
        self = split(separator: old, maxSplits: 1, omittingEmptySubsequences: false).joined(separator: new)
    }
}
