import HTTP
import Runtime
import Synchronization
import TestSupport
import Testing

@testable import HTTPClient

/// The client against our own server, over real sockets.
@Suite struct HTTPClientTests {
    private static func routes(_ marks: Marks) -> [Route] {
        [
            Route(
                .post, "/v1/echo", summary: "Echoes", access: .anyone, body: .bytes(["text/plain"], limitBytes: 5_000_000),
                responses: [.bytes(200, ["text/plain"], "The same")]
            ) { request in
                marks.seen.withLock { $0.append(request.headers["X-Mark"] ?? "") }
                return .bytes(request.bytes, contentType: "text/plain")
            },
            Route(.get, "/v1/mine", summary: "Needs a token", access: .authenticated, responses: [.text(200, "Who")]) { request in
                .text(request.principal?.subject ?? "")
            },
            Route(.get, "/v1/never", summary: "Answers when the test ends", access: .anyone, responses: [.text(200, "Nothing")]) { _ in
                for await _ in marks.end.stream {}
                return .text("")
            },
            Route(.get, "/v1/chunks", summary: "In pieces", access: .anyone, responses: [.bytes(200, ["text/csv"], "Rows")]) { _ in
                .stream(contentType: "text/csv") { writer in
                    for number in 0..<2_000 { try await writer.write(Array("row \(number)\n".utf8)) }
                }
            },
            Route(.get, "/v1/ticks", summary: "Counts", access: .anyone, responses: [.events("Numbers")]) { request in
                let first = Int(request.headers["Last-Event-ID"] ?? "") ?? 0
                return .events { events in
                    for number in first + 1...first + 3 {
                        try await events.send(ServerSentEvent(event: "tick", data: "{\"n\":\(number)}", id: "\(number)"))
                    }
                }
            },
        ]
    }

    private func serve(
        _ body: @Sendable (_ base: String, _ marks: Marks) throws -> Void
    ) async throws {
        let marks = Marks()
        let api = API(
            routes: Self.routes(marks),
            authenticator: FixedAuthenticator(["wso_x": TestPrincipal(subject: "account:1", permissions: [])]))
        let server = HTTPServer(api, loops: TestLoops.all, configuration: HTTPServer.Configuration(host: "127.0.0.1", port: 0))
        try await server.start()
        let port = server.port
        let outcome: Result<Void, any Error>
        do { outcome = .success(try body("http://127.0.0.1:\(port)", marks)) } catch { outcome = .failure(error) }
        marks.end.continuation.finish()
        await server.stop(grace: .zero)
        try outcome.get()
    }

    fileprivate final class Marks: Sendable {
        let seen = Mutex<[String]>([])
        let end = AsyncStream<Void>.makeStream()
    }

    @Test func `requests go out and whole answers come back, over one connection`() async throws {
        try await serve { base, marks in
            let client = try HTTPClient(baseURL: base + "/v1/", bearer: "wso_x")
            let large = [UInt8](repeating: 65, count: 3_000_000)
            for (number, body) in [[], Array("工会".utf8), large].enumerated() {
                let answer = try client.send(
                    "POST", "/echo", headers: [("Content-Type", "text/plain"), ("X-Mark", "\(number)")], body: body)
                #expect(answer.status == (body.isEmpty ? 400 : 200))
                if !body.isEmpty { #expect(answer.body == body) }
            }
            #expect(marks.seen.withLock { $0 } == ["1", "2"])
            #expect(try client.send("GET", "/mine").text == "account:1")
            #expect(try client.send("HEAD", "/mine").body.isEmpty)
            let rows = try client.send("GET", "/chunks")
            #expect(rows.header("transfer-encoding") == "chunked" && rows.text.hasSuffix("row 1999\n") && !rows.isCut)
            let missing = try client.send("GET", "/nothing?a=%20")
            #expect(missing.status == 404 && missing.header("content-type") == "application/problem+json")
        }
    }

    @Test func `a deadline holds, and a limit on the body cuts or refuses`() async throws {
        try await serve { base, _ in
            let client = try HTTPClient(baseURL: base)
            #expect(throws: HTTPClientError.timedOut) { try client.send("GET", "/v1/never", deadline: .milliseconds(50)) }
            #expect(try client.send("GET", "/healthz").status == 200, "a new connection after the late one")
            let cut = try client.send("GET", "/v1/chunks", bodyLimit: .cut(beyondBytes: 4_096))
            #expect(cut.isCut && cut.body.count == 4_096)
            #expect(throws: HTTPClientError.answerTooLarge) {
                try client.send("GET", "/v1/chunks", bodyLimit: .refuse(beyondBytes: 4_096))
            }
        }
    }

    @Test func `events come one by one, go on after the last one seen, and end when the reader has enough`() async throws {
        try await serve { base, _ in
            let client = try HTTPClient(baseURL: base)
            var events: [HTTPClientEvent] = []
            var opened = 0
            try client.events("/v1/ticks", onOpen: { opened += 1 }) { event in
                events.append(event)
                return true
            }
            #expect(opened == 1)
            #expect(events == (1...3).map { HTTPClientEvent(event: "tick", data: "{\"n\":\($0)}", id: "\($0)") })
            events = []
            try client.events("/v1/ticks", lastEventID: "3") { event in
                events.append(event)
                return events.count < 2
            }
            #expect(events.map(\.id) == ["4", "5"])
            #expect(throws: HTTPClientError.noEventStream(status: 404)) { try client.events("/v1/none") { _ in true } }
            #expect(throws: HTTPClientError.noEventStream(status: 406)) { try client.events("/healthz") { _ in true } }
        }
    }

    @Test func `nobody there, no such name and no way inside are told apart`() throws {
        // Port 9 of this machine: nobody discards here.
        let nobody = try HTTPClient(baseURL: "http://127.0.0.1:9")
        #expect { try nobody.send("GET", "/") } throws: { error in
            if case .unreachable = error as? HTTPClientError { true } else { false }
        }
        #expect { try HTTPClient(baseURL: "http://name.invalid").send("GET", "/") } throws: { error in
            [.unknownHost, .timedOut].contains(error as? HTTPClientError)
        }
        for host in ["127.0.0.1", "localhost", "[::1]", "10.1.2.3", "169.254.169.254", "[::ffff:192.168.0.1]", "[fe80::1]"] {
            let client = try HTTPClient(baseURL: "http://\(host):9", reach: .publicOnly)
            #expect(throws: HTTPClientError.privateAddress, "\(host)") { try client.send("GET", "/") }
        }
    }

    @Test func `what would split a request is refused before anything is sent`() throws {
        let client = try HTTPClient(baseURL: "http://127.0.0.1:9")
        for path in ["", "a", "/a b", "/a\r\nX: y", "/工", "/a#b"] {
            #expect(throws: HTTPClientError.invalidRequest, "\(path)") { try client.send("GET", path) }
        }
        for (name, value) in [("X", "a\r\nY: b"), ("X Y", "a"), ("X:", "a"), ("", "a"), ("X", "a\0")] {
            #expect(throws: HTTPClientError.invalidRequest) { try client.send("GET", "/", headers: [(name, value)]) }
        }
        let bad = [
            "", "ftp://a", "http://", "https:///x", "http://a:0", "http://a:99999", "http://a:+1", "http://u@a", "http://a/?q#f",
            "http://a b",
            "http://[1.2.3.4]", "http://[::1", "http://工会.cn", "http://a\\b", "HTTP://a",
        ]
        for url in bad { #expect(throws: HTTPClientError.invalidAddress, "\(url)") { try HTTPClient(baseURL: url) } }
        let address = try #require(ServerAddress("https://Example.COM:443/api//"))
        #expect(address.authority == "example.com" && address.pathPrefix == "/api" && address.port == 443 && address.isEncrypted)
        #expect(ServerAddress("http://[2001:db8::1]:8080")?.authority == "[2001:db8::1]:8080")
    }
}
