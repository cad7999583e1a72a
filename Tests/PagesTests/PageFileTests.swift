import Crypto
import Foundation  // FileManager.subpathsOfDirectory is not in FoundationEssentials
import HTTP
import Runtime
import TestSupport
import Testing

@testable import Pages

/// What the pages are made of, looked at as files: weight, policy, texts, colours.
struct PageFileTests {
    private let client: TestClient

    init() throws {
        client = TestClient(API(routes: Pages().routes), loop: TestLoops.all[0])
    }

    static let pages = ["/": "worker", "/desk": "desk", "/device": "device"]

    @Test(arguments: pages.keys.sorted()) func `a page forbids what it does not need`(_ path: String) async throws {
        let page = await client.send(.get, path)
        #expect(page.status == 200 && page.undeclared == nil && page.header("Content-Type") == "text/html; charset=utf-8")
        let policy = try #require(page.header("Content-Security-Policy"))
        for rule in ["default-src 'none'", "script-src 'self';", "frame-ancestors 'none'", "require-trusted-types-for 'script'"] {
            #expect(policy.contains(rule))
        }
        #expect(!policy.contains("unsafe") && !policy.contains("http:") && !policy.contains("https:") && !policy.contains("*"))
        #expect(page.header("X-Frame-Options") == "DENY" && page.header("Cache-Control") == "no-cache")
        #expect(await client.send(.get, path + "?from=singlemessage&x=%E9").status == 200, "other apps hang parameters on addresses")
    }

    @Test func `a page comes in the language of who asks, with the form to sign in for who is not signed in`() async throws {
        for (path, page) in Self.pages {
            let chinese = await client.send(.get, path)
            let english = await client.send(.get, path, headers: [("Accept-Language", "en")])
            let chosen = await client.send(
                .get, path, headers: [("Accept-Language", "zh"), ("Cookie", "a=b; waystation-language=en")])
            #expect(chinese.text.contains("<html lang=\"zh-CN\">") && english.text.contains("<html lang=\"en\">"))
            #expect(chosen.text == english.text)
            #expect(chinese.text.contains("<form") && chinese.text != english.text)
            let known = await client.send(.get, path, headers: [("Cookie", "waystation_\(page)=abc")])
            let other = await client.send(.get, path, headers: [("Cookie", "waystation_other=abc")])
            let frame = await client.send(.get, path, headers: [("X-Waystation-Page", page)])
            #expect(!known.text.contains("<form") && known.text == frame.text && other.text == chinese.text)
            let tags = Set([chinese, english, known].compactMap { $0.header("ETag") })
            #expect(tags.count == 3, "what differs is told apart")
        }
    }

    @Test func `a page's own styles are allowed by their hash, others are not`() async throws {
        for path in Self.pages.keys {
            let page = await client.send(.get, path)
            let styles = page.text.matches(of: /<style>((?s).*?)<\/style>/)
            #expect(styles.count == 1 && !page.text.contains("style=\""))
            let hash = Data(SHA256.hash(Array(styles[0].1.utf8))).base64EncodedString()
            let policy = try #require(page.header("Content-Security-Policy"))
            #expect(policy.contains("style-src 'self' 'sha256-\(hash)';"))
        }
    }

    /// A module that were there twice would have its state twice.
    @Test func `what is put together is nowhere else, and comments stay at home`() throws {
        let core = try #require(pageFiles.first { $0.path == "shared/core.js" })
        #expect(core.text.contains("function freshID") && core.text.contains("export const {"))
        for file in pageFiles where file.path.hasSuffix(".js") && file.path != core.path {
            #expect(!file.text.contains("function freshID"), "\(file.path)")
        }
        #expect(!pageFiles.contains { $0.path == "shared/dom.js" })
        for file in pageFiles where !file.path.hasSuffix(".svg") {
            #expect(file.text.firstMatch(of: /(?m)^ *(\/\/|\/\*|\* )/) == nil, "\(file.path)")
        }
    }

    @Test func `files with the version in their address are kept for ever, others are asked for`() async throws {
        let style = await client.send(.get, "/web/\(pagesVersion)/shared/base.css")
        #expect(style.status == 200 && style.header("Cache-Control") == "public, max-age=31536000, immutable")
        let old = await client.send(.get, "/web/older/shared/base.css")
        #expect(old.status == 200 && old.header("Cache-Control") == "no-cache")
        let tag = try #require(style.header("ETag"))
        let known = await client.send(.get, "/web/older/shared/base.css", headers: [("If-None-Match", tag)])
        #expect(known.status == 304 && known.body.isEmpty && known.undeclared == nil)
        for path in ["/web/x/shared/none.js", "/web/x/other/base.css", "/web/x/shared/..%2Fbase.css", "/web/x/shared/"] {
            #expect(await client.send(.get, path).status == 404, "\(path)")
        }
        // A page is under its own address only, where its policy comes along; what is not there is not kept for ever.
        for file in ["worker/first-zh.html", "desk/known-en.html", "device/index.html", "worker/none.js"] {
            let none = await client.send(.get, "/web/\(pagesVersion)/\(file)")
            #expect(none.status == 404 && none.header("Cache-Control") == "no-store", "\(file)")
        }
    }

    @Test func `packed files unpack to the text`() throws {
        for file in pageFiles {
            let packed = file.packedBytes
            #expect(packed.prefix(3) == [0x1F, 0x8B, 8], "\(file.path) is gzip")
            // RFC 1952, 2.3.1: the last four bytes are the length before packing.
            let length = packed.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            #expect(length == file.text.utf8.count, "\(file.path)")
            let left = file.text.firstMatch(of: /\{\{(version|core|texts|language|t:|files:|styles:)/)
            #expect(left == nil, "\(file.path): every placeholder is filled in")
        }
    }

    @Test func `who takes gzip gets gzip`() async {
        let packed = await client.send(.get, "/", headers: [("Accept-Encoding", "br, gzip;q=0.8")])
        #expect(packed.header("Content-Encoding") == "gzip" && packed.header("Vary") == "Accept-Encoding, Accept-Language, Cookie")
        for coding in ["identity", "gzip;q=0", "br"] {
            let plain = await client.send(.get, "/", headers: [("Accept-Encoding", coding)])
            #expect(plain.header("Content-Encoding") == nil && plain.text.contains("<!doctype html>"), "\(coding)")
        }
    }

    /// What a first visit loads before anything can be done: the page, its styles, and every module that is imported statically from
    /// `main.js` or asked for beforehand, with the texts of one language.
    @Test(arguments: pages.values.sorted()) func `the first page weighs less than 60 kB packed`(_ page: String) throws {
        let files = Dictionary(uniqueKeysWithValues: pageFiles.map { ($0.path, $0) })
        var wanted = ["\(page)/first-zh.html", "\(page)/main.js", "shared/text-zh.js"]
        wanted += files.keys.filter { $0.hasPrefix("\(page)/text-") && $0.hasSuffix("-zh.js") }
        var loaded: Set<String> = []
        while let path = wanted.popLast() {
            guard loaded.insert(path).inserted else { continue }
            let file = try #require(files[path], "\(path) is asked for by a page")
            for reference in references(of: file) { wanted.append(reference) }
        }
        let weight = loaded.reduce(0) { $0 + (files[$1]?.packedBytes.count ?? 0) }
        #expect(weight < 60_000, "\(page): \(loaded.count) files, \(weight) bytes")
    }

    /// Paths that a file loads at once: links of a page, static imports of a module.
    private func references(of file: PageFile) -> [String] {
        let folder = file.path.split(separator: "/")[0]
        return file.text.split(separator: "\n").compactMap { line in
            if file.path.hasSuffix(".html"), let found = line.firstMatch(of: /(?:href|src)="\/web\/[^\/]+\/([a-z]+\/[^"]+)"/) {
                return found.1.hasSuffix(".webmanifest") || found.1.hasSuffix(".svg") ? nil : String(found.1)
            }
            guard file.path.hasSuffix(".js"),
                let found = line.firstMatch(of: /^(?:import|export|\}).* from '(\.\.?)\/([^']+)';/)
            else { return nil }
            return found.1 == ".." ? String(found.2) : "\(folder)/\(found.2)"
        }
    }

    @Test func `every module that is imported is there`() {
        let paths = Set(pageFiles.map(\.path))
        for file in pageFiles where file.path.hasSuffix(".js") {
            let folder = file.path.split(separator: "/")[0]
            for found in file.text.matches(of: /(?:from|import\() ?'(\.\.?)\/([^'`$]+\.js)'/) {
                let path = found.1 == ".." ? String(found.2) : "\(folder)/\(found.2)"
                #expect(paths.contains(path), "\(file.path) imports \(path)")
            }
        }
    }

    /// Nothing that would make markup or code from text, and nothing from elsewhere. Cut in two so that this file may be searched as well.
    @Test func `no file makes markup from text or loads from elsewhere`() {
        let banned = [
            "inner" + "HTML", "outer" + "HTML", "insertAdjacent" + "HTML", "document.wr" + "ite", "ev" + "al(", "new Func" + "tion",
            "javascript" + ":", "createContextual" + "Fragment", "console.l" + "og", "TO" + "DO", "DOMPar" + "ser",
        ]
        for file in pageFiles {
            for word in banned { #expect(!file.text.contains(word), "\(file.path) holds \(word)") }
        }
        for file in pageFiles where !file.path.hasSuffix(".svg") {
            for line in file.text.split(separator: "\n") where line.contains("://") {
                let isKnown = ["http://www.w3.org/", "https?:", "geo:"].contains { line.contains($0) }
                #expect(isKnown, "\(file.path): \(line)")
            }
            if file.path.hasSuffix(".html") {
                #expect(!file.text.contains("style=\"") && file.text.firstMatch(of: /\son[a-z]+="/) == nil, "\(file.path)")
                #expect(file.text.matches(of: /<script/).count == file.text.matches(of: /<script [^>]*src=/).count, "\(file.path)")
            }
        }
    }

    @Test func `files and lines are short`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/Pages/web").standardized
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.contains(".") && !$0.hasSuffix(".svg") }
        #expect(paths.count > 100)
        for path in paths {
            let lines = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
                .split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count <= 401, "\(path) has \(lines.count) lines: split it")
            for (number, line) in lines.enumerated() where line.count > 160 {
                Issue.record("\(path):\(number + 1) has \(line.count) characters: break it")
            }
        }
    }
}
