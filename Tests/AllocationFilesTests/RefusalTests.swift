import Allocation
import Runtime
import Testing

@testable import AllocationFiles

/// Every mistake in a file is refused with a stable code, the file, the line and the field; nothing is computed then.
struct RefusalTests {
    /// The faults of a scene after a replacement in one of its files.
    private func faults(
        rules: (String, String)? = nil, sessions: (String, String)? = nil, applicants: (String, String)? = nil,
        _ location: SourceLocation = #_sourceLocation
    ) -> [String] {
        var scene = Scene()
        for (change, path) in [(rules, \Scene.rules), (sessions, \.sessions), (applicants, \.applicants)] {
            guard let change else { continue }
            #expect(scene[keyPath: path].contains(change.0), "\(change.0)", sourceLocation: location)
            scene[keyPath: path] = scene[keyPath: path].split(separator: change.0, maxSplits: 1, omittingEmptySubsequences: false)
                .joined(separator: change.1)
        }
        return scene.faults()
    }

    @Test func `a scene without mistakes is read`() throws {
        let input = try Scene().read()
        #expect(input.applicants.count == 6 && input.sessions.map(\.name) == ["S1", "S2", "春季"] && input.exclusions == ["holds"])
        #expect(input.applicants.wishStride == 2)
    }

    @Test func `floors above the quota`() {
        #expect(faults(rules: ("\"size\": 1}", "\"size\": 3}")) == ["rules.json:5 floors allocation.floors_above_quota"])
    }

    @Test func `a floor that nobody can fill`() {
        #expect(
            faults(applicants: ("A4,2,5,night", "A4,2,5,")).isEmpty, "A1 is of both groups")
        var scene = Scene()
        scene.applicants = "ticket,groups,wishes\nA,gig,S1\n"
        #expect(scene.faults() == ["rules.json:7 floors[1].group allocation.floor_without_members"])
    }

    @Test func `a session without seats`() {
        #expect(faults(sessions: ("S2,1", "S2,0")) == ["sessions.csv:3 capacity allocation.capacity_not_positive"])
        #expect(faults(sessions: ("S2,1", "S2,-1")) == ["sessions.csv:3 capacity allocation.number_invalid"])
    }

    @Test func `no applicants, no sessions`() {
        var scene = Scene()
        scene.applicants = "ticket,wishes\n"
        #expect(scene.faults().first == "applicants.csv:1 ticket allocation.no_applicants")
        scene.sessions = "session,capacity\n"
        #expect(scene.faults() == ["sessions.csv:1 session allocation.no_sessions"])
    }

    @Test func `a wish for an unknown session, or twice for the same`() {
        #expect(faults(applicants: ("A2,1,0,,7,,S1", "A2,1,0,,7,,S1|S9")) == ["applicants.csv:3 wishes allocation.wish_unknown"])
        #expect(faults(applicants: ("A2,1,0,,7,,S1", "A2,1,0,,7,,S1|S1")) == ["applicants.csv:3 wishes allocation.wish_twice"])
        #expect(faults(applicants: ("A2,1,0,,7,,S1", "A2,1,0,,7,,S1|")) == ["applicants.csv:3 wishes allocation.wish_unknown"])
        #expect(faults(applicants: ("A2,1,0,,7,,S1", "A2,1,0,,7,,")) == ["applicants.csv:3 wishes allocation.no_wish"])
    }

    @Test func `more than eight wishes or groups`() {
        var scene = Scene()
        scene.sessions = "session,capacity\n" + (1...9).map { "S\($0),1\n" }.joined()
        scene.applicants = "ticket,wishes,groups\nA,S1|S2|S3|S4|S5|S6|S7|S8,gig|night\nB,S1|S2|S3|S4|S5|S6|S7|S8|S9,\n"
        #expect(scene.faults() == ["applicants.csv:3 wishes allocation.too_many_wishes"])
        let nine = faults(rules: ("\"gig\", \"night\"", "\"gig\", \"night\", \"c\", \"d\", \"e\", \"f\", \"g\", \"h\", \"i\""))
        #expect(nine == ["rules.json:4 groups allocation.too_many_groups"])
    }

    @Test func `a ticket that stands twice names both lines`() throws {
        var scene = Scene()
        scene.applicants = "ticket,wishes,groups\nB,S1,gig|night\nA,S1,\nB,S2,\n"
        #expect(scene.faults() == ["applicants.csv:4 ticket allocation.ticket_twice"])
        do {
            _ = try scene.read()
        } catch {
            #expect(error.text(.en).contains("B, applicants.csv:2"))
        }
        #expect(faults(applicants: ("A2,", "A 2,")) == ["applicants.csv:3 ticket allocation.ticket_invalid"])
        #expect(faults(applicants: ("A2,", "A23456789,")) == ["applicants.csv:3 ticket allocation.ticket_invalid"])
        #expect(faults(applicants: ("A2,", ",")) == ["applicants.csv:3 ticket allocation.ticket_invalid"])
    }

    @Test func `65,536 sessions`() {
        var scene = Scene()
        scene.sessions = "session,capacity\n" + (0..<65_536).map { "S\($0),1\n" }.joined()
        let faults = scene.faults()
        #expect(faults.count == 1 && faults[0].hasSuffix(" session allocation.too_many_sessions"), "\(faults)")
        scene.sessions = "session,capacity\n" + (0..<65_535).map { "S\($0),1\n" }.joined()
        scene.applicants = "ticket,groups,wishes\nA,gig|night,S65534\n"
        #expect(scene.faults() == [])
    }

    @Test(arguments: [
        ("A2,1,", "A2,0,", "class"), ("A2,1,", "A2,65536,", "class"), ("A2,1,", "A2,x,", "class"), ("A2,1,0,", "A2,1,1.5,", "points"),
        ("A2,1,0,", "A2,1,4294967296,", "points"), ("A2,1,0,,7", "A2,1,0,,-7", "organization"),
        ("A2,1,0,,7", "A2,1,0,,99999999999999999999", "organization"),
    ])
    func `a bad number`(from: String, to: String, field: String) {
        #expect(faults(applicants: (from, to)) == ["applicants.csv:3 \(field) allocation.number_invalid"])
    }

    @Test func `columns that are missing, unknown or twice, and rows of another width`() {
        #expect(faults(applicants: (",wishes", "")) == ["applicants.csv:1 wishes allocation.column_missing"])
        #expect(faults(sessions: ("capacity", "seats")) == ["sessions.csv:1 seats allocation.column_unknown"])
        #expect(faults(applicants: (",points", ",class")) == ["applicants.csv:1 class allocation.column_twice"])
        #expect(faults(applicants: ("A2,1,0,,7,,S1", "A2,1,0,,7,S1")) == ["applicants.csv:3  allocation.field_count"])
        #expect(faults(applicants: ("A2,1,0,,7,,S1", "")) == ["applicants.csv:3  allocation.field_count"])
    }

    @Test func `groups that are unknown or named twice`() {
        #expect(faults(applicants: ("gig|night", "gig|nigh")) == ["applicants.csv:2 groups allocation.group_unknown"])
        #expect(faults(applicants: ("gig|night", "gig|gig")) == ["applicants.csv:2 groups allocation.group_twice"])
        #expect(faults(rules: ("\"gig\", \"night\"", "\"gig\", \"night\", \"gig\"")) == ["rules.json:4 groups[2] allocation.group_twice"])
    }

    @Test func `a file that is cut off or empty`() {
        var scene = Scene()
        scene.applicants.removeLast()
        #expect(scene.faults() == ["applicants.csv:7  allocation.file_truncated"])
        scene.applicants = ""
        #expect(scene.faults() == ["applicants.csv:0  allocation.file_empty"])
        scene.applicants = "ticket,wishes"
        #expect(scene.faults() == ["applicants.csv:1  allocation.file_truncated"])
        scene.rules = ""
        #expect(scene.faults() == ["rules.json:0  allocation.file_empty"])
    }

    @Test func `bytes that are no UTF-8 are named as such`() {
        let scene = Scene()
        func read(_ row: [UInt8]) -> [String] {
            do {
                _ = try FrozenInput(
                    rules: SourceFile(name: "rules.json", text: scene.rules),
                    sessions: SourceFile(name: "sessions.csv", text: scene.sessions),
                    applicants: SourceFile(name: "applicants.csv", bytes: Array("ticket,groups,wishes\nA,gig|night,S1\n".utf8) + row))
                return []
            } catch {
                return error.listed.map { "\($0.file):\($0.line ?? 0) \($0.field) \($0.code.text)" }
            }
        }
        // 春季 in GB 18030.
        let wish: [UInt8] = Array("B,,".utf8) + [0xB4, 0xBA, 0xBC, 0xBE, 0x0A]
        #expect(read(wish) == ["applicants.csv:3 wishes allocation.not_utf8"])
        #expect(read([0xFF, 0x2C, 0x2C, 0x53, 0x31, 0x0A]) == ["applicants.csv:3 ticket allocation.not_utf8"])
    }

    @Test func `quotation marks that are not closed or have something behind them`() {
        #expect(faults(applicants: ("A2,1,0,", "\"A2,1,0,")) == ["applicants.csv:3  allocation.quote_unclosed"])
        #expect(faults(applicants: ("A2,1,0,", "\"A2\"x,1,0,")) == ["applicants.csv:3  allocation.quote_stray"])
        #expect(faults(applicants: ("A2,1,0,", "\"A\"\"2\",1,0,")) == ["applicants.csv:3 ticket allocation.ticket_invalid"])
    }

    @Test(arguments: [
        ("\"quota\": 3", "\"quota\": \"3\"", "rules.json:3 quota allocation.number_invalid"),
        ("\"quota\": 3", "\"quota\": 0", "rules.json:3 quota allocation.quota_not_positive"),
        ("\"quota\": 3", "\"quota\": 3.5", "rules.json:3  allocation.json_invalid"),
        ("\"quota\": 3", "\"quota\": 3, \"quota\": 4", "rules.json:3 quota allocation.key_twice"),
        ("\"quota\"", "\"qouta\"", "rules.json:3 qouta allocation.key_unknown"),
        ("\"spa-2026\"", "\"\"", "rules.json:2 program allocation.name_invalid"),
        ("\"spa-2026\"", "\"a,b\"", "rules.json:2 program allocation.name_invalid"),
        ("\"kind\": \"fair\"", "\"kind\": \"soft\"", "rules.json:7 floors[1].kind allocation.value_invalid"),
        ("\"group\": \"night\"", "\"group\": \"day\"", "rules.json:7 floors[1].group allocation.floor_group_unknown"),
        ("\"group\": \"night\"", "\"group\": \"gig\"", "rules.json:7 floors[1].group allocation.floor_twice"),
        ("\"size\": 1,", "\"size\": -1,", "rules.json:7 floors[1].size allocation.floor_negative"),
        ("\"size\": 1,", "\"extra\": 1, \"size\": 1,", "rules.json:7 floors[1].extra allocation.key_unknown"),
        ("\"size\": 1,", "", "rules.json:7 floors[1].size allocation.key_missing"),
        ("\"quota\": 3,", "\"quota\": 3, \"meaning\": \"additional\",", "rules.json:3 meaning allocation.additional_unsupported"),
        ("\"quota\": 3,", "\"quota\": 3, \"mode\": \"auction\",", "rules.json:3 mode allocation.value_invalid"),
        ("\"quota\": 3,", "\"quota\": 3, \"mode\": \"local\",", "rules.json:3 quota allocation.quota_below_seats"),
        ("\"quota\": 3,", "\"quota\": 3, \"organizationCap\": -1,", "rules.json:3 organizationCap allocation.cap_negative"),
        ("\"quota\": 3,", "\"quota\": 3, \"organizationCaps\": {\"x\": 1},", "rules.json:3 organizationCaps.x allocation.key_unknown"),
        ("\"secret\": \"00", "\"secret\": \"", "rules.json:10 lottery.secret allocation.value_invalid"),
        ("\"secret\"", "\"commitment\"", "rules.json:10 lottery.commitment allocation.secret_missing"),
        ("\"beacon\": \"00ff\"", "\"beacon\": \"00f\"", "rules.json:10 lottery.beacon allocation.value_invalid"),
        ("],\n  \"classes\"", "]\n  \"classes\"", "rules.json:9  allocation.json_invalid"),
    ])
    func `a mistake in the rules`(from: String, to: String, fault: String) {
        #expect(faults(rules: (from, to)).first == fault)
    }

    @Test func `a commitment must be that of the secret`() {
        let right = "74358e6be473130c9b2c3e5c02076ba8396a013996ab5bc7cfe3273913829deb"
        #expect(faults(rules: ("\"secret\"", "\"commitment\": \"\(right)\", \"secret\"")) == [])
        let wrong = "84" + right.dropFirst(2)
        #expect(
            faults(rules: ("\"secret\"", "\"commitment\": \"\(wrong)\", \"secret\""))
                == ["rules.json:10 lottery.commitment allocation.commitment_differs"])
    }

    @Test func `floors of sessions need mode local, and groups that have a floor`() {
        var scene = Scene()
        scene.sessions = "session,capacity,floors\nS1,2,gig=1\n"
        #expect(scene.faults() == ["sessions.csv:2 floors allocation.session_floors_need_local"])
        scene.rules = scene.rules.split(separator: "\"quota\": 3").joined(separator: "\"quota\": 3, \"mode\": \"local\"")
        scene.applicants = "ticket,groups,wishes\nA,gig|night,S1\n"
        #expect(scene.faults() == [])
        for floors in ["day=1", "gig", "gig=1|gig=1", "gig=x", "gig=-1", "gig=1|"] {
            scene.sessions = "session,capacity,floors\nS1,2,\(floors)\n"
            #expect(scene.faults() == ["sessions.csv:2 floors allocation.floor_invalid"], "\(floors)")
        }
        scene.sessions = "session,capacity,floors\nS1,2,gig=2|night=1\n"
        #expect(scene.faults() == ["sessions.csv:2 floors allocation.session_floors_above_capacity"])
    }

    @Test func `sessions that stand twice or have no name`() {
        #expect(faults(sessions: ("S2,1", "S1,1")) == ["sessions.csv:3 session allocation.session_twice"])
        #expect(faults(sessions: ("S2,1", ",1")) == ["sessions.csv:3 session allocation.name_invalid"])
        #expect(faults(sessions: ("S2,1", "\"S,2\",1")) == ["sessions.csv:3 session allocation.name_invalid"])
    }

    @Test func `twenty mistakes are listed, the others counted`() throws {
        var scene = Scene()
        scene.applicants = "ticket,class,wishes\n" + (0..<50).map { "T\($0),0,S9\n" }.joined()
        do {
            _ = try scene.read()
            Issue.record("it is refused")
        } catch {
            #expect(error.listed.count == 20 && error.count == 100)
            let lines = error.text(.en).split(separator: "\n")
            #expect(lines.count == 21 && lines[20] == "and 80 more")
            #expect(
                lines[0] == "applicants.csv:2: class: a whole number within the range is needed: 0, 1–65535 [allocation.number_invalid]")
            #expect(error.text(.zh).hasSuffix("还有 80 处错误"))
        }
    }

    @Test func `every code is stable and has its sentence in both languages`() {
        let codes =
            FileFault.Reason.allCases.map { FileFault.Code.form($0) } + AllocationFault.Reason.allCases.map { FileFault.Code.rule($0) }
        #expect(Set(codes.map(\.text)).count == codes.count)
        for code in codes {
            #expect(code.text.hasPrefix("allocation.") && code.sentence(.en).utf8.allSatisfy { $0 < 128 }, "\(code.text)")
            #expect(code.sentence(.zh).unicodeScalars.contains { $0.value > 0x4E00 }, "\(code.text)")
        }
    }
}
