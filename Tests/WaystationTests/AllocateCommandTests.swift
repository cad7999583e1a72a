import FoundationEssentials
import Runtime
import Testing

@testable import waystation

/// `waystation allocate`, `verify` and `allocate explain`, as an organizer runs them: the built program, files in, files out.
struct AllocateCommandTests {
    /// A folder with the three input files; removed afterwards.
    private func withFiles(_ body: (_ folder: String, _ arguments: [String]) async throws -> Void) async throws {
        let folder = "/tmp/waystation-allocate-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let secret = String(repeating: "0f", count: 32)
        let rules = """
            {"program": "spa", "quota": 30, "groups": ["gig"], "floors": [{"group": "gig", "size": 9}],
             "classes": ["first", "others"], "lottery": {"secret": "\(secret)", "beacon": "00ff"}}
            """
        var applicants = "ticket,class,groups,wishes\n"
        for number in 0..<200 {
            applicants += "T\(number),\(number % 2 + 1),\(number % 19 == 0 ? "gig" : ""),S\(number % 3)|S\((number + 1) % 3)\n"
        }
        for (name, text) in [
            ("rules.json", rules), ("sessions.csv", "session,capacity\nS0,9\nS1,9\nS2,20\n"), ("applicants.csv", applicants),
        ] {
            try Data(text.utf8).write(to: URL(filePath: folder + "/" + name))
        }
        try await body(
            folder,
            [
                "allocate", "--rules", folder + "/rules.json", "--sessions", folder + "/sessions.csv", "--applicants",
                folder + "/applicants.csv",
            ])
        try FileManager.default.removeItem(atPath: folder)
    }

    private func replace(_ old: String, _ new: String, in path: String) throws {
        let text = String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
        let changed = text.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false).joined(separator: new)
        #expect(changed != text, "\(old)")
        try Data(changed.utf8).write(to: URL(filePath: path))
    }

    @Test func `places are shared out, verified and explained; what was edited is named`() async throws {
        try await withFiles { folder, arguments in
            let out = folder + "/new/out"
            let (end, screen) = try await runProgram("waystation", arguments + ["--out", out])
            #expect(end == .status(0) && screen.contains("200 applicants") && screen.contains("30 placed, 170 waiting"), "\(screen)")
            #expect(screen.contains("█") && screen.contains("gig") && screen.contains("100 %"), "\(screen)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: out).sorted() == ["audit.txt", "explanations.csv", "results.csv"])

            let (again, refusal) = try await runProgram("waystation", arguments + ["--out", out])
            #expect(again == .status(1) && refusal.contains("--force"), "\(refusal)")
            let (forced, _) = try await runProgram("waystation", arguments + ["--out", out, "--force"])
            #expect(forced == .status(0))

            let (sound, words) = try await runProgram("waystation", ["verify", out + "/audit.txt"])
            #expect(sound == .status(0) && words.contains("sound"), "\(words)")
            let results = String(decoding: try #require(FileManager.default.contents(atPath: out + "/results.csv")), as: UTF8.self)
            let waiting = try #require(results.split(separator: "\n").first { $0.contains(",waiting,") }?.split(separator: ",")[0])
            let (told, english) = try await runProgram("waystation", ["allocate", "explain", out, String(waiting)])
            #expect(told == .status(0) && english.contains("has no place") && english.contains("What would have changed it"), "\(english)")
            let (_, chinese) = try await runProgram("waystation", ["allocate", "explain", out, String(waiting), "--language", "zh"])
            #expect(chinese.contains("候补") && chinese.contains("什么会改变结果"), "\(chinese)")
            let (unknown, none) = try await runProgram("waystation", ["allocate", "explain", out, "NOBODY"])
            #expect(unknown == .status(1) && none.contains("NOBODY"), "\(none)")

            try replace("\n\(waiting),waiting,,,", "\n\(waiting),placed,S2,1,", in: out + "/audit.txt")
            let (edited, fault) = try await runProgram("waystation", ["verify", out + "/audit.txt"])
            #expect(edited == .status(1) && fault.contains("\(waiting): placed ≠ waiting") && fault.contains("audit.txt:"), "\(fault)")
            #expect(fault.contains("allocation.audit_digest_differs"))
        }
    }

    @Test func `a simulation shows several floors side by side and writes nothing`() async throws {
        try await withFiles { folder, arguments in
            let (end, screen) = try await runProgram("waystation", arguments + ["--simulate", "--floor", "gig=3,9,11"])
            #expect(
                end == .status(0) && screen.contains("All strict") && screen.contains("All fair") && screen.contains("gig filled"),
                "\(screen)")
            let (alone, one) = try await runProgram("waystation", arguments + ["--simulate", "--certificate", "--language", "zh"])
            #expect(alone == .status(0) && one.contains("缺额证明") && one.contains("保底"), "\(one)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 3)
            let (many, words) = try await runProgram("waystation", arguments + ["--simulate", "--floor", "gig=1,2,3,4,5,6,7,8,9"])
            #expect(many == .status(1) && words.contains("9 columns"), "\(words)")
            let (high, fault) = try await runProgram("waystation", arguments + ["--simulate", "--floor", "gig=31"])
            #expect(high == .status(1) && fault.contains("allocation.floors_above_quota"), "\(fault)")
        }
    }

    @Test func `mistakes in the files are listed with line and field, and nothing is written`() async throws {
        try await withFiles { folder, arguments in
            try replace("T5,2,,S2|S0", "T5,0,,S2|S9", in: folder + "/applicants.csv")
            let (end, words) = try await runProgram("waystation", arguments + ["--out", folder + "/out"])
            #expect(end == .status(1) && words.contains("applicants.csv:7: class: "), "\(words)")
            #expect(words.contains("applicants.csv:7: wishes: there is no such session: S9 [allocation.wish_unknown]"), "\(words)")
            let (_, chinese) = try await runProgram("waystation", arguments + ["--out", folder + "/out", "--language", "zh"])
            #expect(chinese.contains("wishes：没有这个场次：S9"), "\(chinese)")
            #expect(!FileManager.default.fileExists(atPath: folder + "/out"))
            let (missing, text) = try await runProgram("waystation", ["allocate", "--rules", folder + "/none"])
            #expect(missing == .status(1) && text.contains("--sessions"), "\(text)")
        }
    }

    @Test func `tables are as wide as what stands in them, a Chinese character two columns`() {
        var grid = Grid([.left, .right])
        grid.add(["保底", "1"])
        grid.add(["floor", "1 000"])
        #expect(grid.lines() == ["  保底       1", "  floor  1 000"])
        #expect(displayWidth("a春é｜") == 6 && percent(1, of: 3) == "33.3 %" && percent(0, of: 0) == "–")
        #expect(partBar(0.5, width: 4) == "██░░" && partBar(2, width: 2) == "██")
    }
}
