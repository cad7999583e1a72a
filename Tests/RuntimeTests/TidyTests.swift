import Testing

/// Style that can be checked is checked here, with what to do instead beside each fault.
@Suite struct TidyTests {
    private let files: [SourceFile]

    init() throws {
        files = try SourceFile.all()
        try #require(files.contains { $0.path == "Sources/Runtime/EventLoop.swift" }, "the tree is looked at where it is")
    }

    /// Words that stand nowhere, and what stands there instead. Cut in two, so that this file does not hold them.
    private static let banned: [(word: String, instead: String)] = [
        ("try" + "!", "throw it on, or handle it"),
        ("fatal" + "Error(", "a precondition with a sentence"),
        ("TO" + "DO", "do it, or open an issue"),
        ("FIX" + "ME", "mend it"),
        ("XC" + "Test", "Swift Testing"),
        ("print" + "(\"DEBUG", "the log"),
        ("DispatchQueue" + ".main", "an event loop"),
    ]

    @Test func `files and lines are short`() {
        for file in files {
            if file.lines.count > 401 { Issue.record("\(file.path) has \(file.lines.count - 1) lines: split it, 400 is the most") }
            for (number, line) in file.lines.enumerated() where line.count > 140 {
                Issue.record("\(file.path):\(number + 1) has \(line.count) characters: break it, 140 is the most")
            }
        }
    }

    @Test func `no banned word stands anywhere`() {
        for file in files {
            for (number, line) in file.lines.enumerated() {
                for (word, instead) in Self.banned where line.contains(word) {
                    Issue.record("\(file.path):\(number + 1) holds \(word): instead, \(instead)")
                }
            }
        }
    }

    @Test func `a file is named for its main type, never for being a mixture`() {
        for file in files where file.isSwift {
            for mixture in ["Utils", "Utilities", "Helpers", "Helper", "Manager", "Common", "Misc"] where file.name.hasSuffix(mixture) {
                Issue.record("\(file.path): name it for what it does")
            }
        }
    }

    @Test func `all of Foundation comes in only with a reason on the line`() {
        for (place, line) in imports() where line.words.last == "Foundation" && !line.hasComment && place.isSource {
            Issue.record("\(place.path): import FoundationEssentials, or say on the line what it lacks")
        }
    }

    @Test func `nothing is public`() {
        for file in files where file.isSource && file.isSwift {
            for (number, line) in file.lines.enumerated() where line.split(separator: " ").first == "public" {
                Issue.record("\(file.path):\(number + 1): package is the access between targets")
            }
        }
    }

    @Test func `what the compiler cannot check stands low in the house, with its reason`() {
        for file in files where file.isSource && file.isSwift {
            for (number, line) in file.lines.enumerated() {
                guard line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") else { continue }
                if !["Runtime", "Crypto", "Postgres"].contains(file.target) {
                    Issue.record(
                        "\(file.path):\(number + 1): only Runtime, Crypto and Postgres hold unchecked code; make it an actor or a value")
                }
                let nearby = file.lines[max(0, number - 12)...number]
                if !nearby.contains(where: { $0.contains("//") && ["unchecked", "unsafe"].contains(where: $0.lowercased().contains) })
                    && !line.contains("//")
                {
                    Issue.record("\(file.path):\(number + 1): say why it is safe (“Unchecked because …”, “unsafe: …”)")
                }
            }
        }
    }

    @Test func `statements stand in stores and in sql`() {
        let isStatement = { (line: Substring) in
            ["\"select ", "\"insert into ", "\"update ", "\"delete from ", "\"with "].contains { line.lowercased().contains($0) }
        }
        let free = ["Bench", "Postgres", "SQLFiles", "TestSupport"]
        for file in files where file.isSource && file.isSwift && !free.contains(file.target) {
            if file.name.hasSuffix("Store") || file.name.contains("Store+") { continue }
            for (number, line) in file.lines.enumerated() where isStatement(line) {
                Issue.record("\(file.path):\(number + 1): a statement belongs into a store or below sql/")
            }
        }
    }

    // MARK: Directions

    /// What each target may import of the house. A feature that is not named here may import what `feature` says.
    private static let arrows: [String: Set<String>] = [
        "Runtime": ["CLinux"],
        "Crypto": ["COpenSSL"],
        "MemberCode": ["Crypto"],
        "Allocation": ["Crypto"],
        "AllocationFiles": ["Allocation", "Crypto", "Runtime"],
        "SQLFiles": [],
        "EmbedSQL": [],
        "EmbedSQLTool": [],
        "Postgres": ["CLibPQ", "CLinux", "Crypto", "Runtime", "SQLFiles"],
        "HTTP": ["CLinux", "Crypto", "Runtime"],
        "HTTPClient": ["CLinux", "COpenSSLTLS", "Runtime"],
        "Scheduler": ["Crypto", "Postgres", "Runtime"],
        "Registry": ["Crypto", "HTTP", "HTTPClient", "MemberCode", "Postgres", "Runtime", "Scheduler"],
        "Programs": ["Allocation", "AllocationFiles", "Crypto", "HTTP", "Postgres", "Registry", "Runtime", "Scheduler"],
        "Controller": ["CLinux", "Crypto", "HTTPClient", "MemberCode", "Runtime"],
        "Browser": ["CLinux", "HTTPClient", "Runtime"],
        "TestSupport": ["HTTP", "Postgres", "Runtime", "SQLFiles"],
    ]
    private static let feature: Set<String> = [
        "Crypto", "HTTP", "HTTPClient", "MemberCode", "Postgres", "Programs", "Registry", "Runtime", "Scheduler",
    ]
    /// They know all of the house, but no test support and no C.
    private static let tops: Set<String> = ["Waystation", "Door", "Bench"]

    @Test func `nothing imports against the arrows`() {
        let targets = Set(files.filter(\.isSource).map(\.target)).union(["CLinux", "CLibPQ", "COpenSSL", "COpenSSLTLS"])
        for (file, line) in imports() where file.isSource {
            guard let module = line.words.last, targets.contains(module) else { continue }
            let isAllowed =
                Self.tops.contains(file.target)
                ? !["TestSupport", "COpenSSL", "COpenSSLTLS", "CLibPQ"].contains(module)
                : (Self.arrows[file.target] ?? Self.feature).contains(module)
            if !isAllowed { Issue.record("\(file.path): \(file.target) must not import \(module)") }
        }
    }

    private func imports() -> [(file: SourceFile, line: (words: [String], hasComment: Bool))] {
        files.filter(\.isSwift).flatMap { file in
            file.lines.compactMap { line in
                let parts = line.split(separator: "//", maxSplits: 1)
                let words = (parts.first ?? "").split(separator: " ").map(String.init)
                guard words.contains("import"), words.count <= 4, let first = words.first else { return nil }
                guard ["import", "package", "@testable", "@preconcurrency", "internal", "private"].contains(first) else { return nil }
                return (file, (words, parts.count > 1))
            }
        }
    }
}
