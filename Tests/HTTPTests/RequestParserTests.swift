import HTTP
import Runtime
import TestSupport
import Testing

struct RequestParserTests {
    @Test func `a plain request is a head and an end`() {
        #expect(
            ParserHarness.lines("GET /a?b=c HTTP/1.1\r\nHost: x:80\r\nAccept:  */* \t\r\n\r\n")
                == ["head get /a?b=c none keepsAlive=true expects=false Host=x:80&Accept=*/*", "end "])
    }

    @Test func `a length gives the body and what follows is the next request`() {
        #expect(
            ParserHarness.lines("PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhelloGET /2 HTTP/1.1\r\nHost: x\r\n\r\n")
                == [
                    "head put / length(5) keepsAlive=true expects=false host=x&content-length=5", "end hello",
                    "head get /2 none keepsAlive=true expects=false Host=x", "end ",
                ])
    }

    @Test func `chunks are joined, extensions and trailers dropped`() {
        let body = "4\r\nWiki\r\n5;name=value ; other=\"quo\\\"ted\";flag\r\npedia\r\nA \t;x\r\n0123456789\r\n000\r\nX-Sum: 1\r\n\r\n"
        #expect(
            ParserHarness.lines("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n" + body)
                == [
                    "head post / chunked keepsAlive=true expects=false Host=x&Transfer-Encoding=Chunked", "end Wikipedia0123456789",
                ])
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "keepsAlive=false"),
        ("GET / HTTP/1.1\r\nHost: x\r\nConnection: foo , CLOSE\r\n\r\n", "keepsAlive=false"),
        ("GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n", "keepsAlive=true"),
        ("GET / HTTP/1.1\r\nHost: x\r\nConnection: enclosed\r\n\r\n", "keepsAlive=true"),
        ("GET / HTTP/1.0\r\n\r\n", "keepsAlive=false"),
        ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "keepsAlive=true"),
        ("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", "keepsAlive=false"),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-Continue\r\n\r\na", "expects=true"),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n", "expects=false"),
        ("POST / HTTP/1.0\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\na", "expects=false"),
        ("GET http://x:8/a?b HTTP/1.1\r\nHost: X:8\r\n\r\n", "head get /a?b "),
        ("GET http://x HTTP/1.1\r\nHost: x\r\n\r\n", "head get / "),
        ("GET HTTP://x?q HTTP/1.1\r\nHost: x\r\n\r\n", "head get /?q "),
        ("OPTIONS * HTTP/1.1\r\nHost: [::1]:8\r\n\r\n", "head options * "),
        ("\r\nGET /after HTTP/1.1\r\nHost: x\r\n\r\n", "head get /after "),
        ("BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n", "head other /pot "),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 000000000000000000\r\n\r\n", "length(0)"),
        ("GET / HTTP/1.1\r\nHost: x\r\nEmpty:\r\nX: \u{E9}\r\n\r\n", "Empty=&X=\u{E9}"),
    ])
    func `what a client may send is understood`(bytes: String, part: String) {
        let lines = ParserHarness.lines(bytes)
        #expect(lines.first?.contains(part) == true, "\(lines)")
        #expect(lines.last?.hasPrefix("end") == true, "\(lines)")
    }

    @Test func `a byte at a time and any other split give the same events`() {
        let streams =
            MustRejectTests.cases.map(\.bytes) + [
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3;a=b\r\nabc\r\n0\r\nT: v\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: y\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: x\r\n\r\nPOST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"
                    + "abcdDELETE /x HTTP/1.1\r\nHost: x\r\n\r\n",
            ]
        let seed = SeededGenerator.seeds(1)[0]
        var generator = SeededGenerator(seed: seed)
        for stream in streams {
            let bytes = Array(("GET /first HTTP/1.1\r\nHost: a\r\n\r\n" + stream).utf8)
            let whole = ParserHarness.lines(bytes)
            var single = ParserHarness()
            for byte in bytes {
                single.feed([byte])
                if single.lines.last?.hasPrefix("failed") == true { break }
            }
            #expect(single.lines == whole)
            for _ in 0..<20 {
                var harness = ParserHarness()
                var rest = bytes[...]
                while !rest.isEmpty, harness.lines.last?.hasPrefix("failed") != true {
                    let count = Int.random(in: 1...min(rest.count, 40), using: &generator)
                    harness.feed(rest.prefix(count))
                    rest = rest.dropFirst(count)
                }
                #expect(harness.lines == whole, "seed \(seed)")
            }
        }
    }

    @Test func `random damage never lets a parse depend on its split`() {
        let seed = SeededGenerator.seeds(1)[0]
        var generator = SeededGenerator(seed: seed)
        let chunks = "3;a=b\r\nabc\r\n0\r\nT: v\r\n\r\n"
        let stream = "POST /a?b=%41 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)GET / HTTP/1.1\r\nHost: y\r\n\r\n"
        let base = Array(stream.utf8)
        let spice = Array("\r\n\0 \t:;,0x+-_%#\u{7F}Aa9".utf8)
        let limits = ParserLimits(requestLineBytesMax: 40, headerBytesMax: 60, headerFieldsMax: 3, chunkExtensionBytesMax: 8)
        for round in 0..<3_000 {
            var bytes = base
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                let byte = spice[Int.random(in: 0..<spice.count, using: &generator)]
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[place] = byte
                case 1: bytes.insert(byte, at: place)
                case 2: bytes.remove(at: place)
                default: bytes.insert(contentsOf: Array(repeating: byte, count: Int.random(in: 1...70, using: &generator)), at: place)
                }
            }
            let whole = ParserHarness.lines(bytes, limits: limits, bodyBytesMax: 50)
            var harness = ParserHarness(limits: limits, bodyBytesMax: 50)
            for byte in bytes where harness.lines.last?.hasPrefix("failed") != true { harness.feed([byte]) }
            #expect(harness.lines == whole, "seed \(seed), round \(round): \(String(decoding: bytes, as: UTF8.self).debugDescription)")
        }
    }

    @Test func `a lent buffer changes nothing`() {
        var harness = ParserHarness()
        var spare: [UInt8] = []
        for _ in 0..<3 {
            harness.parser.exchangeBuffer(&spare)
            harness.feed(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
            #expect(!harness.parser.isBuffering)
            harness.parser.exchangeBuffer(&spare)
        }
        #expect(harness.lines.filter { $0 == "end " }.count == 3)
        #expect(spare.capacity == 0 || spare.isEmpty)
    }
}
