import FoundationEssentials
import Glibc
import Runtime
import TestSupport
import Testing

@Suite struct LogTests {
    /// What `body` logs, as it stands in the file.
    private func logged(_ level: Log.Level = .debug, _ format: Log.Format, _ body: (Log) -> Void) throws -> String {
        var ends: [CInt] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let log = Log(try LogSink(descriptor: ends[1]), level: level, format: format, clock: Clock { 1_795_245_121_123_456 })
        body(log)
        log.flush()
        var bytes = [UInt8](repeating: 0, count: 60_000)
        let count = read(ends[0], &bytes, bytes.count)
        close(ends[0])
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    private static let nasty: [Unicode.Scalar] =
        (0..<0x30).compactMap { Unicode.Scalar($0) } + ["\u{7F}", "\"", "\\", "站", "😀", "\u{2028}", "a", "é", "{", "}"]

    @Test(arguments: SeededGenerator.seeds(50))
    func `a JSON line is one line and gives back what went in, whatever a stranger sent`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var text = ""
        for _ in 0..<Int.random(in: 0...200, using: &random) {
            if let scalar = Self.nasty.randomElement(using: &random) { text.unicodeScalars.append(scalar) }
        }
        let line = try logged(.debug, .json) { $0.info("request", ["path": .text(text), "status": 200, "slow": false]) }
        #expect(line.utf8.filter { $0 == 0x0A }.count == 1 && line.hasSuffix("\n"), "seed \(seed)")
        #expect(!line.dropLast().utf8.contains { $0 < 0x20 || $0 == 0x7F }, "seed \(seed)")
        struct Line: Decodable, Equatable { let time: String, level: String, event: String, path: String, status: Int, slow: Bool }
        let decoded = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
        #expect(Array(decoded.path.unicodeScalars) == Array(text.unicodeScalars), "seed \(seed)")
        #expect(decoded.time == "2026-11-21T07:12:01.123456Z" && decoded.level == "info" && decoded.event == "request")
        #expect(decoded.status == 200 && decoded.slow == false)
    }

    @Test func `a text line quotes only what needs it`() throws {
        let line = try logged(.debug, .text) {
            $0.warning("door.opened", ["station": 7, "name": "East Gate", "code": "a=b", "plain": "yes", "seconds": .decimal(0.5)])
        }
        #expect(
            line == "2026-11-21T07:12:01.123456Z warning door.opened station=7 name=\"East Gate\" code=\"a=b\" plain=yes seconds=0.5\n")
    }

    @Test(arguments: ["a\nb", "\u{1B}[2Jx", "tab\tbed", "rub\u{7F}out", "back\\slash"])
    func `no control character of a stranger reaches the terminal`(text: String) throws {
        let line = try logged(.debug, .text) { $0.info("request", ["agent": .text(text)]) }
        #expect(!line.dropLast().utf8.contains { $0 < 0x20 || $0 == 0x7F })
    }

    @Test func `numbers that JSON has no word for are null`() throws {
        let line = try logged(.debug, .json) { $0.info("measured", ["ratio": .decimal(.nan), "most": .decimal(.infinity)]) }
        #expect(line.hasSuffix("\"ratio\":null,\"most\":null}\n"))
    }

    @Test func `lines below the level are not written`() throws {
        let lines = try logged(.notice, .text) { log in
            log.debug("a")
            log.info("b")
            log.notice("c")
            log.error("d")
            #expect(!log.writes(.info) && log.writes(.notice))
        }
        #expect(lines.split(separator: "\n").map { $0.split(separator: " ")[2] } == ["c", "d"])
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `timestamps are those of ISO 8601`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let seconds = Int64.random(in: 0...253_402_300_799, using: &random)
        let date = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
        #expect(timestamp(microseconds: seconds * 1_000_000 + 7) == date.dropLast() + ".000007Z", "seed \(seed)")
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"), (-1_000_000, "1969-12-31T23:59:59.000000Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
        ] as [(Int64, String)])
    func `timestamps at the ends`(microseconds: Int64, text: String) {
        #expect(timestamp(microseconds: microseconds) == text)
        // Beyond them nobody is promised a text, but it is one.
        for far in [Int64.min, Int64.max] { #expect(timestamp(microseconds: far).utf8.count == 27) }
    }
}
