import HTTP
import Testing

/// The list of what is answered 400 and closed: each line is one way in which two parsers could come to disagree.
struct MustRejectTests {
    static let host = "Host: a\r\n"

    static let cases: [(name: String, bytes: String, failure: ParseFailure)] = [
        // Framing by length
        ("length and chunked", post("Content-Length: 3\r\nTransfer-Encoding: chunked"), .malformed(.transferEncodingWithContentLength)),
        ("chunked and length", post("Transfer-Encoding: chunked\r\nContent-Length: 3"), .malformed(.transferEncodingWithContentLength)),
        ("two lengths", post("Content-Length: 3\r\nContent-Length: 4"), .malformed(.contentLengthRepeated)),
        ("the same length twice", post("Content-Length: 3\r\nContent-Length: 3"), .malformed(.contentLengthRepeated)),
        ("a list of lengths", post("Content-Length: 3, 3"), .malformed(.contentLength)),
        ("a length with a plus", post("Content-Length: +3"), .malformed(.contentLength)),
        ("a length with a minus", post("Content-Length: -3"), .malformed(.contentLength)),
        ("a hexadecimal length", post("Content-Length: 0x3"), .malformed(.contentLength)),
        ("a length with an underscore", post("Content-Length: 1_0"), .malformed(.contentLength)),
        ("a length with a space", post("Content-Length: 1 0"), .malformed(.contentLength)),
        ("an empty length", post("Content-Length:"), .malformed(.contentLength)),
        ("a length of 19 digits", post("Content-Length: 0000000000000000001"), .malformed(.contentLength)),
        ("a length with a fraction", post("Content-Length: 3.0"), .malformed(.contentLength)),
        ("a length in other digits", post("Content-Length: ٣"), .malformed(.contentLength)),
        // Framing by chunks
        ("xchunked", post("Transfer-Encoding: xchunked"), .malformed(.transferEncoding)),
        ("chunked with a comma before", post("Transfer-Encoding: ,chunked"), .malformed(.transferEncoding)),
        ("chunked with a comma behind", post("Transfer-Encoding: chunked,"), .malformed(.transferEncoding)),
        ("identity", post("Transfer-Encoding: identity"), .malformed(.transferEncoding)),
        ("gzip, chunked", post("Transfer-Encoding: gzip, chunked"), .malformed(.transferEncoding)),
        ("chunked, chunked", post("Transfer-Encoding: chunked, chunked"), .malformed(.transferEncoding)),
        ("chunked on two lines", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), .malformed(.transferEncoding)),
        ("chunked with a parameter", post("Transfer-Encoding: chunked;a=b"), .malformed(.transferEncoding)),
        ("quoted chunked", post("Transfer-Encoding: \"chunked\""), .malformed(.transferEncoding)),
        ("chunked with a vertical tab", post("Transfer-Encoding: \u{0B}chunked"), .malformed(.fieldValue)),
        ("chunked with bytes beyond ASCII", post("Transfer-Encoding: chunked\u{A0}"), .malformed(.transferEncoding)),
        ("an empty coding", post("Transfer-Encoding:"), .malformed(.transferEncoding)),
        ("chunked in 1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", .malformed(.transferEncodingInVersion10)),
        ("a chunk size with 0x", chunked("0x3\r\nabc\r\n0\r\n\r\n"), .malformed(.chunkSize)),
        ("a chunk size with +", chunked("+3\r\nabc\r\n0\r\n\r\n"), .malformed(.chunkSize)),
        ("a chunk size with -", chunked("-3\r\nabc\r\n0\r\n\r\n"), .malformed(.chunkSize)),
        ("a chunk size with _", chunked("1_0\r\nabc\r\n0\r\n\r\n"), .malformed(.chunkSize)),
        ("a chunk size with a space before", chunked(" 3\r\nabc\r\n0\r\n\r\n"), .malformed(.chunkSize)),
        ("a chunk size with a space behind", chunked("3 \r\nabc\r\n0\r\n\r\n"), .malformed(.chunkExtension)),
        ("a chunk size of 17 digits", chunked("00000000000000003\r\nabc\r\n0\r\n\r\n"), .malformed(.chunkSize)),
        ("an empty chunk size", chunked("\r\nabc\r\n0\r\n\r\n"), .malformed(.chunkSize)),
        ("a chunk size line with a bare LF", chunked("3\nabc\r\n0\r\n\r\n"), .malformed(.lineEnd)),
        ("no CRLF after a chunk", chunked("3\r\nabcX0\r\n\r\n"), .malformed(.chunkEnd)),
        ("a bare LF after a chunk", chunked("3\r\nabc\n0\r\n\r\n"), .malformed(.chunkEnd)),
        ("a bare CR after a chunk", chunked("3\r\nabc\rX0\r\n\r\n"), .malformed(.chunkEnd)),
        ("a CR in a chunk extension", chunked("3;a=\rb\r\nabc\r\n0\r\n\r\n"), .malformed(.chunkExtension)),
        ("a control character in a quoted extension", chunked("3;a=\"\u{01}\"\r\nabc\r\n0\r\n\r\n"), .malformed(.chunkExtension)),
        ("an open quote in an extension", chunked("3;a=\"b\r\nabc\r\n0\r\n\r\n"), .malformed(.chunkExtension)),
        ("an extension without a name", chunked("3;\r\nabc\r\n0\r\n\r\n"), .malformed(.chunkExtension)),
        ("a length in the trailers", chunked("0\r\nContent-Length: 3\r\n\r\n"), .malformed(.trailerField)),
        ("a coding in the trailers", chunked("0\r\nTransfer-Encoding: chunked\r\n\r\n"), .malformed(.trailerField)),
        ("a host in the trailers", chunked("0\r\nHost: b\r\n\r\n"), .malformed(.trailerField)),
        ("a token in the trailers", chunked("0\r\nAuthorization: Bearer x\r\n\r\n"), .malformed(.trailerField)),
        ("a malformed trailer", chunked("0\r\nno colon\r\n\r\n"), .malformed(.fieldName)),
        // Lines
        ("a bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", .malformed(.lineEnd)),
        ("a bare LF after a field", "GET / HTTP/1.1\r\nHost: a\n\r\n", .malformed(.lineEnd)),
        ("a bare LF as the empty line", "GET / HTTP/1.1\r\nHost: a\r\n\n", .malformed(.lineEnd)),
        ("a bare CR in a value", get("X: a\rb"), .malformed(.lineEnd)),
        ("a bare CR in the request line", "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.target)),
        ("two empty lines before the request", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.requestLine)),
        ("NUL in a value", get("X: a\0b"), .malformed(.fieldValue)),
        ("DEL in a value", get("X: a\u{7F}b"), .malformed(.fieldValue)),
        ("a space before the colon", get("X : a"), .malformed(.fieldName)),
        ("a tab before the colon", get("X\t: a"), .malformed(.fieldName)),
        ("a space in a name", get("X Y: a"), .malformed(.fieldName)),
        ("NUL in a name", get("X\0: a"), .malformed(.fieldName)),
        ("a name beyond ASCII", get("Ü: a"), .malformed(.fieldName)),
        ("a bracket in a name", get("X(: a"), .malformed(.fieldName)),
        ("an empty name", get(": a"), .malformed(.fieldName)),
        ("a line without a colon", get("X"), .malformed(.fieldName)),
        ("a folded line", get("X: a\r\n b"), .malformed(.foldedLine)),
        ("a line folded with a tab", get("X: a\r\n\tb"), .malformed(.foldedLine)),
        ("a space before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", .malformed(.foldedLine)),
        // Host
        ("no host", "GET / HTTP/1.1\r\n\r\n", .malformed(.hostMissing)),
        ("two hosts", get("Host: a"), .malformed(.hostRepeated)),
        ("an empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", .malformed(.hostInvalid)),
        ("a list of hosts", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", .malformed(.hostInvalid)),
        ("a user in the host", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", .malformed(.hostInvalid)),
        ("a path in the host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .malformed(.hostInvalid)),
        ("a port that is no number", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", .malformed(.hostInvalid)),
        ("an open bracket in the host", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", .malformed(.hostInvalid)),
        ("another host in the target", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.hostMismatch)),
        ("a user in the target", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.target)),
        // Request line
        ("a fragment", "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.target)),
        ("a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.requestLine)),
        ("two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.requestLine)),
        ("a tab as the separator", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.requestLine)),
        ("a target beyond ASCII", "GET /ü HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.target)),
        ("NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.target)),
        ("an encoded NUL in the target", "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.target)),
        ("a cut percent sign", "GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.target)),
        ("a percent sign before no digits", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.target)),
        ("a target without slash", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.target)),
        ("an asterisk for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.target)),
        ("https in the target", "GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.target)),
        ("CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", .malformed(.target)),
        ("no version", "GET /\r\nHost: a\r\n\r\n", .malformed(.requestLine)),
        ("version 0.9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", .malformed(.version)),
        ("version 1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", .malformed(.version)),
        ("version 2.0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .malformed(.version)),
        ("a version in small letters", "GET / http/1.1\r\nHost: a\r\n\r\n", .malformed(.version)),
        ("a version with a zero", "GET / HTTP/1.01\r\nHost: a\r\n\r\n", .malformed(.version)),
        ("a bracket in the method", "GE(T / HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.method)),
        ("an empty method", " / HTTP/1.1\r\nHost: a\r\n\r\n", .malformed(.requestLine)),
        ("another protocol", "SSH-2.0-OpenSSH_9.2\r\n", .malformed(.requestLine)),
        // Expectations
        ("another expectation", post("Content-Length: 3\r\nExpect: 200-ok"), .expectationFailed),
        ("two expectations", post("Content-Length: 3\r\nExpect: 100-continue, x"), .expectationFailed),
    ]

    static func get(_ field: String) -> String { "GET / HTTP/1.1\r\n\(host)\(field)\r\n\r\n" }
    static func post(_ fields: String) -> String { "POST / HTTP/1.1\r\n\(host)\(fields)\r\n\r\nabc" }
    static func chunked(_ body: String) -> String { "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n\(body)" }

    @Test(arguments: 0..<cases.count)
    func `a stream that could be read in two ways is refused`(index: Int) {
        let (name, bytes, failure) = Self.cases[index]
        let lines = ParserHarness.lines(bytes)
        #expect(lines.last == "failed \(failure)", "\(name)")
        #expect(lines.filter { $0.hasPrefix("end") }.isEmpty, "\(name): nothing of it is a complete request")
    }

    @Test(arguments: 0..<cases.count)
    func `what stands before a malformed request is read, what stands behind it never`(index: Int) {
        let (name, bytes, failure) = Self.cases[index]
        let good = "GET /good HTTP/1.1\r\nHost: a\r\n\r\n"
        var harness = ParserHarness()
        harness.feed(Array((good + bytes).utf8))
        // An empty line is forgiven once before a request, so behind a whole one the count begins anew.
        #expect(harness.lines.prefix(2) == ["head get /good none keepsAlive=true expects=false Host=a", "end "], "\(name)")
        #expect(harness.lines.last == "failed \(failure)", "\(name)")
        let count = harness.lines.count
        harness.feed(Array(good.utf8))
        #expect(harness.lines[count...].allSatisfy { $0 == "failed \(failure)" }, "\(name): a failure is final")
    }
}
