import Testing

@testable import HTTP

struct SmallPartsTests {
    @Test func `the byte sets are those of the RFCs`() {
        let letters = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
        let unreserved = letters.union("-._~".utf8)
        let subDelimiters = Set("!$&'()*+,;=".utf8)
        let expected: [(ByteSet, Set<UInt8>)] = [
            (.token, letters.union("!#$%&'*+-.^_`|~".utf8)),
            (.target, unreserved.union(subDelimiters).union(":/?@[]%".utf8)),
            (.hostName, unreserved.union(subDelimiters).union("%".utf8)),
            (.addressLiteral, Set("0123456789abcdefABCDEF:.".utf8)),
        ]
        for (set, bytes) in expected {
            #expect(Set((UInt8.min...UInt8.max).filter { set.contains($0) }) == bytes)
        }
    }

    @Test(
        arguments: [
            (nil, Language.zh), ("", .zh), ("en", .en), ("en-US,en;q=0.9", .en), ("zh-CN,zh;q=0.9,en;q=0.8", .zh), ("fr", .zh), ("*", .zh),
            ("fr, en;q=0.1", .en),
            ("en;q=0", .zh), ("zh;q=0.2, en;q=0.3", .en), ("EN", .en), (";;,,q=", .zh), ("zh;q=0,en", .en),
        ] as [(String?, Language)])
    func `the language is the one liked best`(field: String?, language: Language) {
        #expect(Language(accepting: field) == language)
    }

    @Test func `request ids are fifteen characters, count up and never repeat`() {
        var ids = RequestIDs()
        let made = (0..<3_000).map { _ in ids.next() }
        #expect(Set(made).count == made.count)
        #expect(made.allSatisfy { $0.utf8.count == 15 && RequestIDs.isSane($0) })
    }

    @Test(arguments: [
        ("abc-1_2.3:4", true), ("", false), (String(repeating: "a", count: 128), true), (String(repeating: "a", count: 129), false),
        ("a b", false), ("a\r\nb", false), ("é", false),
    ])
    func `a client's request id is taken if it is harmless`(id: String, isSane: Bool) {
        #expect(RequestIDs.isSane(id) == isSane)
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (1_709_210_096, "Thu, 29 Feb 2024 12:34:56 GMT"),
    ])
    func `dates are written as RFC 9110 wants them`(seconds: Int, text: String) {
        #expect(DateField.text(seconds) == text)
    }

    @Test func `figures are written in Prometheus' format`() {
        let metrics = Metrics()
        let first = metrics.counter("a_total", "All A", labels: ["kind": "x\"y\\z\n"])
        first.increment(by: 2)
        metrics.gauge("b", "A level") { 1.5 }
        let histogram = metrics.histogram("c_seconds", "Times", buckets: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 3] { histogram.observe(value) }
        _ = metrics.counter("a_total", "All A", labels: ["kind": "w"])
        #expect(
            metrics.text() == """
                # HELP a_total All A
                # TYPE a_total counter
                a_total{kind="x\\"y\\\\z\\n"} 2
                a_total{kind="w"} 0
                # HELP b A level
                # TYPE b gauge
                b 1.5
                # HELP c_seconds Times
                # TYPE c_seconds histogram
                c_seconds_bucket{le="0.1"} 2
                c_seconds_bucket{le="1.0"} 3
                c_seconds_bucket{le="+Inf"} 4
                c_seconds_sum 3.65
                c_seconds_count 4

                """)
    }

    @Test func `an event's data keeps its lines and its name cannot start another field`() {
        let event = ServerSentEvent(event: "a\ndata: x", data: "1\r\n2\n\n3", id: "7\n")
        #expect(String(decoding: event.encoded, as: UTF8.self) == "id: 7\nevent: adata: x\ndata: 1\ndata: 2\ndata: \ndata: 3\n\n")
    }

    @Test(arguments: [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
        ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
        ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false), ("00-1-2-3", false),
    ])
    func `a trace parent is taken only when well-formed`(text: String, isGood: Bool) {
        #expect(isTraceParent(text) == isGood)
    }
}
