import Runtime
import Synchronization
import Testing

@testable import HTTP

struct APITests {
    private static let loop = Result { try EventLoop.start(name: "api") }
    private let client: TestClient

    init() throws {
        client = TestClient(SampleAPI.make(), loop: try Self.loop.get())
    }

    private func note(_ text: String, contentType: String? = "application/json", headers: [(String, String)] = []) async -> TestResponse {
        await client.send(
            .post, "/v1/notes", bearer: SampleAPI.token, headers: headers, body: Array(text.utf8), contentType: contentType)
    }

    // MARK: Routing

    @Test func `literals win over parameters and values are decoded once`() async {
        #expect(await client.send(.get, "/v1/notes/latest").text == "latest")
        #expect(await client.send(.get, "/v1/words/a%2Fb%2520/echo").text == "a/b%20")
        #expect(await client.send(.get, "/v1/w%6Frds/%E5%BC%A0/echo").text == "张")
    }

    @Test(arguments: [
        "/", "/v1", "/v1/notes/", "/v1/notes//", "//healthz", "/healthz/", "/v1/words//echo", "/v1/../healthz", "/v1/words/%FF/echo",
        "/HEALTHZ",
    ])
    func `a path that is not declared is 404`(path: String) async {
        #expect(await client.send(.get, path).problemCode == "http.not_found")
    }

    @Test(arguments: ["0", "-1", "1.0", "01", "+1", "x", "9223372036854775808", "%31%00", " 1"])
    func `a malformed id is 404`(id: String) async {
        let response = await client.send(.get, "/v1/notes/\(id)", bearer: SampleAPI.token)
        #expect(response.problemCode == "http.not_found")
    }

    @Test func `another method is 405 with what is allowed, OPTIONS tells the same, HEAD has no body`() async {
        let refused = await client.send(.trace, "/v1/notes/7")
        #expect(refused.status == 405 && refused.header("Allow") == "GET, HEAD, OPTIONS")
        #expect(await client.send(.other, "/v1/notes").header("Allow") == "OPTIONS, POST")
        let options = await client.send(.options, "/v1/notes/7")
        #expect(options.status == 204 && options.header("Allow") == "GET, HEAD, OPTIONS" && options.body.isEmpty)
        let head = await client.send(.head, "/v1/notes/latest")
        #expect(head.status == 200 && head.body.isEmpty)
        #expect(await client.send(.head, "/v1/notes").status == 405)
    }

    // MARK: Who may

    @Test func `without a valid token it is 401 with a challenge, without the permission 403`() async throws {
        let missing = await client.send(.get, "/v1/notes/1")
        #expect(missing.problemCode == "auth.token_missing" && missing.header("WWW-Authenticate") == "Bearer realm=\"waystation\"")
        for field in [
            "Bearer wrong", "Basic d3NvX3Rlc3Q=", "Bearer", "Bearer ", "wso_test", "Bearer wso_test wso_test", "Bearer wso_t\u{E9}st",
        ] {
            let response = await client.send(.get, "/v1/notes/1", headers: [("Authorization", field)])
            #expect(response.problemCode == "auth.token_invalid", "\(field)")
            #expect(response.header("WWW-Authenticate")?.hasSuffix("error=\"invalid_token\"") == true)
        }
        #expect(await client.send(.get, "/v1/notes/1", headers: [("authorization", "bearer wso_test")]).status == 200)
        let forbidden = try await client.send(.post, "/v1/notes", json: Note(text: "a", count: 1), bearer: "wsd_other")
        #expect(forbidden.problemCode == "auth.not_permitted")
    }

    @Test func `what only some may see is kept by nobody on the way, whoever asked and however it went`() async throws {
        #expect(await client.send(.get, "/v1/notes/1", bearer: SampleAPI.token).header("Cache-Control") == "no-store")
        #expect(await client.send(.get, "/v1/notes/0", bearer: SampleAPI.token).header("Cache-Control") == "no-store")
        #expect(await client.send(.get, "/v1/notes/1").header("Cache-Control") == "no-store")
        #expect(await client.send(.get, "/v1/notes/latest").header("Cache-Control") == nil)
    }

    // MARK: Content

    @Test func `a body of the declared type is taken, every other refused`() async {
        let good = "{\"text\":\"a\",\"count\":1}"
        let created = await note(good)
        #expect(created.status == 201 && created.undeclared == nil && created.header("Location") == "/v1/notes/1")
        #expect(await note(good, contentType: "Application/JSON; charset=UTF-8").status == 201)
        for type in ["text/plain", "application/json; charset=gbk", "application", "", "/", "application/json/x"] {
            #expect(await note(good, contentType: type).problemCode == "http.unsupported_media_type", "\(type)")
        }
        #expect(await note(good, contentType: nil).problemCode == "http.unsupported_media_type")
        #expect(await note(good, headers: [("Content-Encoding", "gzip")]).problemCode == "http.unsupported_media_type")
        #expect(await note("").problemCode == "request.body_missing")
        #expect(await client.send(.post, "/v1/notes", bearer: SampleAPI.token).problemCode == "request.body_missing")
        #expect(await note(good + String(repeating: " ", count: 200)).problemCode == "http.body_too_large")
    }

    @Test(
        arguments: [
            (nil, 200), ("*/*", 200), ("text/*", 200), ("text/plain", 200), ("application/json", 406), ("text/plain;q=0", 406),
            ("text/*, text/plain;q=0", 406), ("*/*;q=0.1, application/json", 200), ("application/json, */*;q=0", 406), ("", 200),
            ("TEXT/PLAIN", 200),
        ] as [(String?, Int)])
    func `Accept decides between an answer and 406`(accept: String?, status: Int) async {
        let response = await client.send(.get, "/v1/notes/latest", headers: accept.map { [("Accept", $0)] } ?? [])
        #expect(response.status == status)
    }

    @Test func `parameters are checked together with the body and each fault named`() async {
        let response = await client.send(
            .post, "/v1/notes?page=1", bearer: SampleAPI.token, headers: [("Idempotency-Key", String(repeating: "k", count: 21))],
            body: Array("{\"text\":1}".utf8), contentType: "application/json")
        #expect(response.status == 422 && response.undeclared == nil)
        #expect(
            response.reasonCodes == ["request.unknown_parameter", "request.wrong_length", "request.wrong_type", "request.missing_field"])
        #expect(response.problem?.reasons.map { $0.pointer ?? $0.parameter ?? "" } == ["page", "Idempotency-Key", "/text", "/count"])
    }

    @Test(
        arguments: [
            ("kind=small&limit=9", 200, []), ("", 200, []), ("kind=tiny", 422, ["request.not_an_option"]),
            ("limit=10", 422, ["request.out_of_range"]),
            ("limit=1.0", 422, ["request.wrong_type"]), ("limit=", 422, ["request.wrong_type"]),
            ("limit=1&limit=1", 422, ["request.duplicate_parameter"]),
            ("x", 422, ["request.unknown_parameter"]), ("LIMIT=1", 422, ["request.unknown_parameter"]), ("%6Cimit=1", 200, []),
            ("limit=%FF", 422, ["request.invalid_encoding"]), ("&&limit=1&", 200, []), ("id=1", 422, ["request.unknown_parameter"]),
        ] as [(String, Int, [String])])
    func `a query is known, single and within its schema`(query: String, status: Int, reasons: [String]) async {
        let response = await client.send(.get, "/v1/notes/7?\(query)", bearer: SampleAPI.token)
        #expect(response.status == status)
        #expect(response.reasonCodes == reasons)
        #expect(response.undeclared == nil)
    }

    @Test func `a required query is needed and a plus is a space`() async {
        #expect(await client.send(.get, "/v1/search").reasonCodes == ["request.missing_parameter"])
        #expect(await client.send(.get, "/v1/search?q=a+%2Bb%26&exact=true").text == "a +b&|true")
        #expect(await client.send(.get, "/v1/search?q=a&exact=1").reasonCodes == ["request.wrong_type"])
    }

    @Test(arguments: [
        ("{\"text\":\"a\"", "request.malformed_json"), ("{\"text\":\"a\",\"text\":\"b\",\"count\":1}", "request.duplicate_key"),
        (String(repeating: "[", count: 65), "request.too_deep"), ("{\"text\":\"a\",\"count\":\"1\"}", "request.invalid_body"),
    ])
    func `a body that cannot be read is 400, one that breaks the schema 422`(text: String, code: String) async {
        let response = await note(text)
        #expect(response.problemCode == code)
        #expect(response.undeclared == nil)
    }

    // MARK: Problems

    @Test func `problems speak the client's language, their codes do not change`() async {
        let chinese = await client.send(.get, "/nowhere", headers: [("Accept-Language", "fr, zh-CN;q=0.9, en;q=0.8")])
        let english = await client.send(.get, "/nowhere", headers: [("Accept-Language", "zh;q=0.5, en-GB")])
        #expect(chinese.problem?.title == "没有这个资源" && chinese.header("Content-Language") == "zh")
        #expect(english.problem?.title == "There is no such resource" && english.header("Content-Language") == "en")
        #expect(chinese.problemCode == english.problemCode)
        #expect(chinese.problem?.type == "urn:waystation:problem:http.not_found")
    }

    @Test func `an error that nobody declared is a bare 500, one that knows its problem is that`() async {
        let broken = await client.send(.get, "/v1/broken")
        #expect(broken.problemCode == "http.internal")
        #expect(!broken.text.contains("hunter2") && !broken.text.contains("Secret"))
        let refused = await client.send(.delete, "/v1/stock", headers: [("Accept-Language", "en")])
        #expect(refused.status == 409 && refused.undeclared == nil && refused.header("Retry-After") == "7")
        #expect(refused.problem?.reasons.first?.detail == "None is left" && refused.problem?.retryable == true)
    }

    @Test func `readiness names what is missing`() async throws {
        let waiting = TestClient(SampleAPI.make(ready: ["database", "migrations"]), loop: try Self.loop.get())
        let response = await waiting.send(.get, "/readyz")
        #expect(response.status == 503 && response.header("Retry-After") == "1" && response.undeclared == nil)
        #expect(response.problem?.reasons.map(\.parameter) == ["database", "migrations"])
        #expect(await client.send(.get, "/readyz").status == 200)
    }

    @Test func `streams and events are written whole or known to be cut`() async {
        let download = await client.send(.get, "/v1/download")
        #expect(download.body.count == 3_000_000 && download.isWhole)
        let cut = await client.send(.get, "/v1/cut")
        #expect(cut.text == "begun" && !cut.isWhole)
        let events = await client.send(.get, "/v1/events")
        #expect(events.text.hasPrefix("id: 1\nevent: tick\ndata: a\ndata: b\n\nid: 2\n"))
    }

    @Test func `the hook learns the template, never the path`() async throws {
        let seen = Mutex<[FinishedRequest]>([])
        let metrics = Metrics()
        let api = SampleAPI.make(finished: { finished in seen.withLock { $0.append(finished) } }, metrics: metrics)
        let client = TestClient(api, loop: try Self.loop.get())
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        _ = await client.send(
            .get, "/v1/notes/7?kind=small", bearer: SampleAPI.token, headers: [("traceparent", trace), ("X-Request-Id", "abc")])
        _ = await client.send(.get, "/secret/path", headers: [("traceparent", "00-x")])
        let finished = seen.withLock { $0 }
        #expect(finished.map(\.template) == ["/v1/notes/{id}", ""])
        #expect(finished.map(\.status) == [200, 404] && finished.map(\.requestID) == ["abc", "test"])
        #expect(finished.map(\.traceID) == ["4bf92f3577b34da6a3ce929d0e0e4736", nil])
        #expect(finished.map(\.subject) == ["owner:1", nil] && finished.map(\.problemCode) == [nil, "http.not_found"])
        let text = await client.send(.get, "/metrics").text
        #expect(text.contains("waystation_http_requests_total{method=\"GET\",route=\"/v1/notes/{id}\",status=\"2xx\"} 1\n"))
        #expect(text.contains("waystation_http_request_seconds_count{method=\"GET\",route=\"/v1/notes/{id}\"} 1\n"))
    }
}
