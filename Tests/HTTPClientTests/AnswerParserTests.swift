import Runtime
import TestSupport
import Testing

@testable import HTTPClient

@Suite struct AnswerParserTests {
    private func parse(_ text: String, isHead: Bool = false, ends: Bool = false) throws -> (parser: AnswerParser, body: String) {
        var parser = AnswerParser(isHead: isHead)
        var body: [UInt8] = []
        try parser.feed(Array(text.utf8))
        body += parser.takeBody()
        if ends { try parser.finish() }
        return (parser, String(decoding: body, as: UTF8.self))
    }

    @Test func `bodies end by length, by chunks, by the end of the connection, or are not there`() throws {
        let sized = try parse("HTTP/1.1 200 OK\r\nContent-Length:  3 \r\nX: a\r\n\r\nabc")
        #expect(sized.body == "abc" && sized.parser.isComplete && sized.parser.keepsAlive && sized.parser.head?.header("x") == "a")
        let chunked = try parse("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nTrailer: 1\r\n\r\n")
        #expect(chunked.body == "abcd" && chunked.parser.isComplete && chunked.parser.keepsAlive)
        let open = try parse("HTTP/1.1 200 OK\r\n\r\nabc", ends: true)
        #expect(open.body == "abc" && open.parser.isComplete && !open.parser.keepsAlive)
        #expect(try parse("HTTP/1.1 204 No Content\r\n\r\n").parser.isComplete)
        #expect(try parse("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", isHead: true).parser.isComplete)
        let interim = try parse("HTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
        #expect(interim.parser.head?.status == 201 && interim.parser.isComplete)
        #expect(try !parse("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: Close\r\n\r\n").parser.keepsAlive)
        #expect(try !parse("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").parser.keepsAlive)
    }

    @Test func `an answer that two readers could read differently is refused`() {
        let bad = [
            "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 OK\r\n\r\n", "\r\n", "HTTP/1.1 200 OK\n\n",
            "HTTP/1.1 101 Switching\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "HTTP/1.1 200 OK\r\nX : a\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", "HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
        ]
        for text in bad { #expect(throws: HTTPClientError.self, "\(text)") { try parse(text) } }
        for cut in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na"] {
            #expect(throws: HTTPClientError.closed, "\(cut)") { try parse(cut, ends: true) }
        }
        let long = "HTTP/1.1 200 OK\r\n" + String(repeating: "X: \(String(repeating: "a", count: 1_000))\r\n", count: 70) + "\r\n"
        #expect(throws: HTTPClientError.answerTooLarge) { try parse(long) }
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `pieces of any size make the same answer, and garbage never more than an error`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        var expected: [UInt8] = []
        for _ in 0..<Int.random(in: 0..<20, using: &generator) {
            let body = generator.bytes(Int.random(in: 1...300, using: &generator)).map { $0 % 26 + 97 }
            expected += body
            text += String(body.count, radix: 16) + "\r\n" + String(decoding: body, as: UTF8.self) + "\r\n"
        }
        text += "0\r\n\r\n"
        var bytes = Array(text.utf8)
        var parser = AnswerParser()
        var body: [UInt8] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...40, using: &generator)
            try parser.feed(Array(rest.prefix(count)))
            body += parser.takeBody()
            rest = rest.dropFirst(count)
        }
        #expect(parser.isComplete && body == expected)
        for _ in 0..<300 {
            var broken = AnswerParser()
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            do throws(HTTPClientError) { try broken.feed(bytes) } catch { continue }
        }
    }

    @Test func `events are cut at empty lines, whatever ends the lines`() throws {
        let text = "\u{FEFF}: hello\nevent: open\ndata: a\ndata:b\nid: 7\n\ndata: second\r\n\r\nid\revent:x\rdata\r\rretry: 5\n\ndata: lost"
        let expected = [
            HTTPClientEvent(event: "open", data: "a\nb", id: "7"), HTTPClientEvent(event: "message", data: "second", id: "7"),
            HTTPClientEvent(event: "x", data: "", id: ""),
        ]
        for size in 1...9 {
            var parser = EventStreamParser()
            var events: [HTTPClientEvent] = []
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                events += try parser.feed(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            #expect(events == expected)
        }
        var parser = EventStreamParser()
        #expect(throws: HTTPClientError.answerTooLarge) { try parser.feed([UInt8](repeating: 65, count: 2_000_000)) }
    }

    @Test func `only addresses of the public internet count as public`() throws {
        let outside = ["1.1.1.1", "172.15.0.1", "172.32.0.1", "100.128.0.1", "2400:cb00::1", "::ffff:8.8.8.8", "2a00::1"]
        let inside = [
            "0.0.0.0", "10.0.0.1", "127.9.9.9", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "192.0.0.1",
            "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1",
            "fd12::1", "ff02::1", "::ffff:10.0.0.1", "::10.0.0.1", "64:ff9b::10.0.0.1", "2001::1", "2001:db8::1", "2002:a00:1::", "3fff::1",
        ]
        for text in outside { #expect(NetworkAddress(literal: text, port: 1)?.isPublic == true, "\(text)") }
        for text in inside { #expect(NetworkAddress(literal: text, port: 1)?.isPublic == false, "\(text)") }
        for text in ["127.1", "0x7f.0.0.1", "2130706433", "localhost", "010.0.0.1", ""] {
            #expect(NetworkAddress(literal: text, port: 1) == nil, "\(text)")
        }
    }
}
