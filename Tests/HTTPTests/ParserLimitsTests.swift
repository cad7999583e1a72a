import HTTP
import Testing

/// Every published limit at N-1, N and N+1.
struct ParserLimitsTests {
    private let limits = ParserLimits.standard

    @Test func `the limits are those published`() {
        #expect(
            limits == ParserLimits(requestLineBytesMax: 8_192, headerBytesMax: 32_768, headerFieldsMax: 100, chunkExtensionBytesMax: 1_024))
    }

    @Test(arguments: [(-1, "end "), (0, "end "), (1, "failed requestLineTooLong")])
    func `a request line of 8 KiB is read, one byte more is 414`(excess: Int, last: String) {
        let frame = "GET / HTTP/1.1".utf8.count
        let target = "/" + String(repeating: "a", count: limits.requestLineBytesMax + excess - frame)
        check("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n", last)
    }

    @Test(arguments: [(-1, "end "), (0, "end "), (1, "failed headersTooLarge")])
    func `a header block of 32 KiB is read, one byte more is 431`(excess: Int, last: String) {
        let frame = "Host: x\r\nX: \r\n".utf8.count
        let value = String(repeating: "v", count: limits.headerBytesMax + excess - frame)
        check("GET / HTTP/1.1\r\nHost: x\r\nX: \(value)\r\n\r\n", last)
        check("GET / HTTP/1.1\r\nX: \(value)\r\nHost: x\r\n\r\n", last)
    }

    @Test(arguments: [(-1, "end "), (0, "end "), (1, "failed tooManyFields")])
    func `a hundred fields are read, one more is 431`(excess: Int, last: String) {
        let fields = String(repeating: "X: y\r\n", count: limits.headerFieldsMax + excess - 1)
        check("GET / HTTP/1.1\r\nHost: x\r\n\(fields)\r\n", last)
    }

    @Test(arguments: [(-1, "end "), (0, "end "), (1, "failed malformed(HTTP.Malformation.chunkExtensionsTooLong)")])
    func `chunk extensions of 1 KiB in all are read, one byte more is 400`(excess: Int, last: String) {
        let total = limits.chunkExtensionBytesMax + excess
        let head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        check(head + "0;" + String(repeating: "e", count: total - 1) + "\r\n\r\n", last)
        // The same in pieces: 4 bytes a chunk.
        let chunks = String(repeating: "1;abc\r\nz\r\n", count: total / 4)
        let rest = total % 4 == 0 ? "" : ";" + String(repeating: "e", count: total % 4 - 1)
        let body = String(repeating: "z", count: total / 4)
        if total % 4 != 1 { check(head + chunks + "0" + rest + "\r\n\r\n", last == "end " ? "end \(body)" : last) }
    }

    @Test(arguments: [(-1, "end"), (0, "end"), (1, "failed bodyTooLarge")])
    func `a body of the route's limit is read, one byte more is 413`(excess: Int, last: String) {
        let body = String(repeating: "b", count: 100 + excess)
        let length = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        #expect(ParserHarness.lines(length, bodyBytesMax: 100).last?.hasPrefix(last) == true)
        let half = body.utf8.count / 2
        let sizes = [half, body.utf8.count - half].map { String($0, radix: 16) }
        let chunked =
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "\(sizes[0])\r\n\(body.prefix(half))\r\n\(sizes[1])\r\n\(body.dropFirst(half))\r\n0\r\n\r\n"
        #expect(ParserHarness.lines(chunked, bodyBytesMax: 100).last?.hasPrefix(last) == true)
    }

    @Test func `a chunk size of sixteen digits is too large, not an overflow`() {
        let head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(ParserHarness.lines(head + "FFFFFFFFFFFFFFFF\r\n").last == "failed bodyTooLarge")
        #expect(ParserHarness.lines(head + "7FFFFFFFFFFFFFFF\r\n", bodyBytesMax: .max - 1).last == "failed bodyTooLarge")
    }

    @Test func `an endless line fails before its end`() {
        var harness = ParserHarness()
        for _ in 0..<9 { harness.feed(Array(repeating: 0x41, count: 1_024)) }
        #expect(harness.lines.last == "failed requestLineTooLong")
        var fields = ParserHarness()
        fields.feed(Array("GET / HTTP/1.1\r\n".utf8))
        for _ in 0..<33 { fields.feed(Array(repeating: 0x41, count: 1_024)) }
        #expect(fields.lines.last == "failed headersTooLarge")
    }

    private func check(_ stream: String, _ last: String) {
        let bytes = Array(stream.utf8)
        #expect(ParserHarness.lines(bytes).last == last)
        var harness = ParserHarness()
        for byte in bytes where harness.lines.last?.hasPrefix("failed") != true { harness.feed([byte]) }
        #expect(harness.lines.last == last)
    }
}
