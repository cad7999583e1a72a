import Testing

@testable import Pages

/// The two languages say the same things, and everything that a page says is in them.
struct PageTextTests {
    /// A catalogue's keys with their texts; of a key that stands twice the first.
    private func catalogue(_ path: String) throws -> [String: String] {
        let file = try #require(pageFiles.first { $0.path == path })
        var texts: [String: String] = [:]
        for found in file.text.matches(of: /'([a-z0-9_.\-]+)':\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`([^`]*)`)/.ignoresCase()) {
            let text = found.2 ?? found.3 ?? found.4 ?? ""
            #expect(texts[String(found.1)] == nil, "\(path): \(found.1) stands twice")
            texts[String(found.1)] = String(text)
        }
        return texts
    }

    private var catalogues: [String] {
        pageFiles.map(\.path).filter { $0.contains("/text-") && $0.hasSuffix("-zh.js") }.map { String($0.dropLast(6)) }
    }

    private func placeholders(_ text: String) -> Set<Substring> { Set(text.matches(of: /\{\w+\}/).map(\.0)) }

    @Test func `both languages have the same keys, with the same things filled in`() throws {
        #expect(catalogues.count >= 5)
        for name in catalogues {
            let zh = try catalogue(name + "-zh.js")
            let en = try catalogue(name + "-en.js")
            #expect(!zh.isEmpty && !en.isEmpty, "\(name)")
            for key in Set(zh.keys).union(en.keys).sorted() where !key.hasSuffix(".one") {
                guard let chinese = zh[key], let english = en[key] else {
                    Issue.record("\(name): \(key) is missing in \(zh[key] == nil ? "zh" : "en")")
                    continue
                }
                #expect(placeholders(chinese) == placeholders(english), "\(name): \(key)")
                #expect(!chinese.isEmpty && !english.isEmpty, "\(name): \(key)")
                let isHan = english.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }
                #expect(
                    !isHan || ["action.language", "imports.file.hint"].contains(key) || key.contains("example"),
                    "\(name): \(key) is Chinese in English: \(english)")
            }
        }
    }

    @Test func `every text that a page asks for by name is there`() throws {
        for page in ["worker", "desk", "device"] {
            var known: Set<String> = []
            for name in catalogues where name.hasPrefix(page) || name.hasPrefix("shared") {
                known.formUnion(try catalogue(name + "-zh.js").keys)
            }
            for file in pageFiles where file.path.hasPrefix(page + "/") && file.path.hasSuffix(".js") && !file.path.contains("/text-") {
                for found in file.text.matches(of: /\bt\('([a-z0-9_.\-]+)'/) {
                    #expect(known.contains(String(found.1)), "\(file.path) says \(found.1)")
                }
            }
        }
        let shared = Set(try catalogue("shared/text-zh.js").keys)
        for file in pageFiles where file.path.hasPrefix("shared/") && file.path.hasSuffix(".js") && !file.path.contains("/text-") {
            for found in file.text.matches(of: /\bt\('([a-z0-9_.\-]+)'/) {
                #expect(shared.contains(String(found.1)), "\(file.path) says \(found.1)")
            }
        }
    }
}
