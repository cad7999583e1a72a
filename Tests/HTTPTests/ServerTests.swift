import Runtime
import Testing

@testable import HTTP

/// The server over real sockets.
struct ServerTests {
    /// Runs `body` beside a server on two loops, and stops it.
    private func serve(
        loopCount: Int = 2, connectionsMax: Int = 100, times: HTTPServer.TimeLimits = .init(), grace: Duration = .seconds(5),
        _ body: (_ port: UInt16, _ server: HTTPServer) async throws -> Void
    ) async throws {
        let loops = try (0..<loopCount).map { try EventLoop.start(name: "http-\($0)") }
        var configuration = HTTPServer.Configuration(host: "127.0.0.1", port: 0, connectionsMax: connectionsMax)
        configuration.timeLimits = times
        let server = HTTPServer(SampleAPI.make(), loops: loops, configuration: configuration)
        try await server.start()
        do {
            try await body(server.port, server)
        } catch {
            await server.stop(grace: .zero)
            throw error
        }
        await server.stop(grace: grace)
        #expect(server.connectionCount == 0)
        for loop in loops { loop.shutDown() }
    }

    private func quick(_ change: (inout HTTPServer.TimeLimits) -> Void) -> HTTPServer.TimeLimits {
        var times = HTTPServer.TimeLimits()
        change(&times)
        return times
    }

    @Test func `requests are answered one after another on one connection`() async throws {
        try await serve { port, _ in
            let client = try BlockingClient(port: port)
            let first = try #require(try client.call(.get, "/healthz", headers: [("X-Request-Id", "mine-1")]))
            #expect(first.status == 200 && first.text == "{\"status\":\"ok\"}" && first.header("X-Request-Id") == "mine-1")
            #expect(first.header("Date")?.hasSuffix("GMT") == true && first.header("Connection") == nil)
            let head = try #require(try client.call(.head, "/healthz"))
            #expect(head.header("Content-Length") == "15" && head.body.isEmpty)
            let options = try #require(try client.call(.options, "/healthz"))
            #expect(options.status == 204 && options.header("Content-Length") == nil)
            let note = try client.call(
                .post, "/v1/notes", headers: [("Authorization", "Bearer wso_test"), ("Content-Type", "application/json")],
                body: Array("{\"text\":\"a\",\"count\":1}".utf8))
            #expect(note?.status == 201)
            #expect(try client.call(.post, "/nowhere", body: [1, 2, 3])?.status == 404)
            let last = try client.call(.get, "/healthz", headers: [("Connection", "close")])
            #expect(last?.header("Connection") == "close")
            #expect(try client.readToEnd().isEmpty)
        }
    }

    @Test(arguments: [("/healthz", 1_500), ("/openapi.json", 40)])
    func `a pipeline is answered to its end, however long its answers`(path: String, count: Int) async throws {
        try await serve { port, _ in
            let client = try BlockingClient(port: port)
            try client.send(String(repeating: "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n", count: count))
            for number in 0..<count { try #require(client.read()?.status == 200, "answer \(number)") }
        }
    }

    @Test func `a pipeline is answered in order, its malformed end with 400 and a close`() async throws {
        try await serve { port, _ in
            let client = try BlockingClient(port: port)
            let paths = ["/healthz", "/v1/notes/latest", "/v1/search?q=1", "/v1/search?q=2", "/healthz"]
            let good = paths.map { "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
            try client.send(good + "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n" + good)
            var texts: [String] = []
            for _ in paths { texts.append(try #require(try client.read()).text) }
            #expect(texts == ["{\"status\":\"ok\"}", "latest", "1|-", "2|-", "{\"status\":\"ok\"}"])
            let refused = try #require(try client.read())
            #expect(refused.status == 400 && refused.header("Connection") == "close" && refused.text.contains("http.malformed"))
            #expect(try client.read() == nil)
        }
    }

    @Test func `every stream of the must-reject list gets one refusal and the end`() async throws {
        try await serve { port, _ in
            for (name, bytes, failure) in MustRejectTests.cases {
                let client = try BlockingClient(port: port)
                try client.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" + bytes + "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try client.read()?.status == 200, "\(name)")
                #expect(try client.read()?.status == failure.problem.type.status, "\(name)")
                #expect(try client.read() == nil, "\(name)")
            }
        }
    }

    @Test func `100 Continue comes when the body is wanted, the refusal when it is not`() async throws {
        try await serve { port, _ in
            func ask(_ path: String, _ length: Int) throws -> BlockingClient {
                let client = try BlockingClient(port: port)
                try client.send(
                    "POST \(path) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer wso_test\r\nContent-Type: application/json\r\n"
                        + "Expect: 100-continue\r\nContent-Length: \(length)\r\n\r\n")
                return client
            }
            let body = "{\"text\":\"a\",\"count\":1}"
            let wanted = try ask("/v1/notes", body.utf8.count)
            #expect(try wanted.read()?.status == 100)
            try wanted.send(body)
            #expect(try wanted.read()?.status == 201)
            #expect(try wanted.call(.get, "/healthz")?.status == 200)
            for (path, length, status) in [("/nowhere", 10, 404), ("/v1/notes", 201, 413), ("/healthz", 10, 405)] {
                let refused = try ask(path, length)
                let answer = try #require(try refused.read())
                #expect(answer.status == status && answer.header("Connection") == "close")
                #expect(try refused.readToEnd().isEmpty)
            }
        }
    }

    @Test(arguments: [(199, 422), (200, 422), (201, 413)])
    func `a body of the route's limit is read, one byte more is 413`(count: Int, status: Int) async throws {
        try await serve { port, _ in
            let client = try BlockingClient(port: port)
            let body = Array("{\"text\":\"\"".utf8) + Array(repeating: 0x20, count: count - 11) + [0x7D, 0x20].prefix(1)
            let headers = [("Authorization", "Bearer wso_test"), ("Content-Type", "application/json")]
            let padded = body + Array(repeating: 0x20, count: count - body.count)
            #expect(try client.call(.post, "/v1/notes", headers: headers, body: padded)?.status == status)
        }
    }

    @Test func `a refused client that is still sending meets no reset`() async throws {
        try await serve { port, _ in
            let client = try BlockingClient(port: port)
            let piece = [UInt8](repeating: 0x20, count: 100_000)
            try client.send("POST /v1/notes HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n")
            try client.send(piece)
            let refused = try #require(try client.read())
            #expect(refused.status == 413 && refused.header("Connection") == "close")
            #expect(try client.readToEnd().isEmpty)
            for _ in 0..<9 { try client.send(piece) }
        }
    }

    @Test func `a streamed body is read piece by piece, in both framings`() async throws {
        try await serve { port, _ in
            let client = try BlockingClient(port: port)
            let bytes = [UInt8](repeating: 0x61, count: 3_000_000)
            #expect(try client.call(.post, "/v1/upload", headers: [("Content-Type", "text/csv")], body: bytes)?.text == "3000000")
            try client.send("POST /v1/upload HTTP/1.1\r\nHost: a\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<10 { try client.send(Array("C350\r\n".utf8) + bytes.prefix(50_000) + [0x0D, 0x0A]) }
            try client.send("0\r\n\r\n")
            #expect(try client.read()?.text == "500000")
            #expect(try client.call(.post, "/v1/upload", headers: [("Content-Type", "text/csv")], body: bytes + [1])?.status == 413)
        }
    }

    @Test func `a streamed body is asked for only when its handler wants it`() async throws {
        try await serve { port, _ in
            let head = "HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\nContent-Type: "
            let wanted = try BlockingClient(port: port)
            try wanted.send("POST /v1/upload \(head)text/csv\r\n\r\n")
            #expect(try wanted.read()?.status == 100)
            try wanted.send("abc")
            #expect(try wanted.read()?.text == "3")
            let refused = try BlockingClient(port: port)
            try refused.send("POST /v1/upload \(head)text/plain\r\n\r\n")
            #expect(try refused.read()?.status == 415)
            #expect(try refused.read() == nil)
        }
    }

    @Test func `streams are chunked for 1_1 and end with the connection for 1_0; a broken one is never whole`() async throws {
        try await serve { port, _ in
            let client = try BlockingClient(port: port)
            #expect(try client.call(.get, "/v1/download")?.body.count == 3_000_000)
            #expect(try client.call(.get, "/v1/events")?.text.contains("id: 3\n") == true)
            #expect(try client.call(.get, "/v1/cut") == nil)
            let old = try BlockingClient(port: port)
            try old.send("GET /v1/download HTTP/1.0\r\n\r\n")
            let answer = try #require(try old.read())
            #expect(answer.body.count == 3_000_000 && answer.header("Transfer-Encoding") == nil)
        }
    }

    @Test func `a client that shuts its write side still gets its answers`() async throws {
        try await serve { port, _ in
            let client = try BlockingClient(port: port)
            let latest = "GET /v1/notes/latest HTTP/1.1\r\nHost: a\r\n\r\n"
            try client.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" + latest + latest + "GET / HTTP")
            client.finishWriting()
            #expect(try client.read()?.status == 200)
            #expect(try client.read()?.text == "latest")
            #expect(try client.read()?.text == "latest")
            #expect(try client.read() == nil)
        }
    }

    @Test func `slow heads and bodies are told 408, idle connections just closed`() async throws {
        let times = quick {
            $0.header = .milliseconds(50)
            $0.body = .milliseconds(50)
            $0.idle = .milliseconds(50)
            $0.linger = .milliseconds(50)
        }
        try await serve(times: times) { port, _ in
            let head = try BlockingClient(port: port)
            try head.send("GET / HT")
            #expect(try head.read()?.status == 408)
            #expect(try head.read() == nil)
            let body = try BlockingClient(port: port)
            try body.send("POST /v1/notes HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\na")
            #expect(try body.read()?.status == 408)
            let stream = try BlockingClient(port: port)
            try stream.send("POST /v1/upload HTTP/1.1\r\nHost: a\r\nContent-Type: text/csv\r\nContent-Length: 9\r\n\r\na")
            #expect(try stream.read()?.status == 408)
            // One that comes too late with its request has been closed already.
            var answered: BlockingClient?
            while answered == nil {
                let client = try BlockingClient(port: port)
                do { if try client.call(.get, "/healthz")?.status == 200 { answered = client } } catch is SystemError {}
            }
            #expect(try answered?.readToEnd().isEmpty == true)
            #expect(try BlockingClient(port: port).readToEnd().isEmpty)
        }
    }

    @Test func `a client that does not read is dropped`() async throws {
        try await serve(
            times: quick {
                $0.write = .milliseconds(50); $0.bytesPerSecondMin = 1 << 40
            }
        ) { port, server in
            let client = try BlockingClient(port: port)
            // Asks for some hundred megabytes and reads none: the socket's buffers fill and the server gives up.
            try client.send(String(repeating: "GET /v1/download HTTP/1.1\r\nHost: a\r\n\r\n", count: 100))
            while server.connectionCount > 0 { await Task.yield() }
        }
    }

    @Test func `beyond the cap a connection is answered 503 and closed, below it is served again`() async throws {
        try await serve(connectionsMax: 2) { port, server in
            var clients = [try BlockingClient(port: port), try BlockingClient(port: port)]
            for client in clients { #expect(try client.call(.get, "/healthz")?.status == 200) }
            let third = try BlockingClient(port: port)
            let refused = try #require(try third.read())
            #expect(refused.status == 503 && refused.header("Retry-After") == "1" && refused.text.contains("http.overloaded"))
            #expect(try third.read() == nil)
            clients.removeLast()
            while server.connectionCount > 1 { await Task.yield() }
            #expect(try BlockingClient(port: port).call(.get, "/healthz")?.status == 200)
        }
    }

    @Test func `stopping closes idle connections and finishes what is under way`() async throws {
        // One loop, so that what closes the idle connections has told the busy one too.
        try await serve(loopCount: 1) { port, server in
            let idle = try BlockingClient(port: port)
            #expect(try idle.call(.get, "/healthz")?.status == 200)
            let busy = try BlockingClient(port: port)
            try busy.send("POST /v1/upload HTTP/1.1\r\nHost: a\r\nContent-Type: text/csv\r\nContent-Length: 3\r\n\r\na")
            let asked = try BlockingClient(port: port)
            #expect(try asked.call(.get, "/healthz")?.status == 200)
            // On a thread of its own: clients that wait may hold all those of the pool.
            let stopping = try EventLoop.start(name: "stopping")
            let stopped = Task(executorPreference: stopping) { await server.stop(grace: .seconds(10)) }
            #expect(try idle.readToEnd().isEmpty)
            #expect(try asked.readToEnd().isEmpty)
            try busy.send("bc")
            let answer = try #require(try busy.read())
            #expect(answer.text == "3" && answer.header("Connection") == "close")
            await stopped.value
            stopping.shutDown()
            #expect(server.connectionCount == 0)
            #expect(throws: SystemError.self) { try BlockingClient(port: port) }
        }
    }

    @Test func `a quiet event stream is kept open by comments, and ends with its client or with the server`() async throws {
        let before = SampleAPI.ticksEnded.value
        try await serve(loopCount: 1, times: quick { $0.heartbeat = .milliseconds(20) }) { port, server in
            let leaving = try BlockingClient(port: port)
            try leaving.send("GET /v1/ticks HTTP/1.1\r\nHost: a\r\n\r\n")
            var seen: [UInt8] = []
            while seen.split(separator: Array(": still here\n\n".utf8)).count < 3 { seen += try #require(try leaving.readSome()) }
            #expect(String(decoding: seen, as: UTF8.self).contains("Content-Type: text/event-stream\r\n"))
            #expect(String(decoding: seen, as: UTF8.self).contains("data: first\n\n"))
            leaving.finishWriting()
            while SampleAPI.ticksEnded.value < before + 1 { await Task.yield() }

            let staying = try BlockingClient(port: port)
            try staying.send("GET /v1/ticks HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try #require(try staying.readSome())
            await server.stop(grace: .seconds(10))
            #expect(String(decoding: try staying.readToEnd(), as: UTF8.self).hasSuffix("0\r\n\r\n"))
            while SampleAPI.ticksEnded.value < before + 2 { await Task.yield() }
        }
    }

    @Test func `a load generator counts every answer and sees each body`() async throws {
        try await serve { port, _ in
            let loop = try EventLoop.start(name: "load")
            let generator = LoadGenerator(
                loop, port: port,
                next: { connection, number in
                    number == 20 ? nil : Array("GET /v1/search?q=\(connection)-\(number) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
                },
                onAnswer: { connection, number, status, body in
                    #expect(status == 200 && String(decoding: body, as: UTF8.self) == "\(connection)-\(number)|-")
                })
            let outcome = try await generator.run(connections: 8, duration: .seconds(60))
            #expect(outcome.answers == 160 && outcome.byStatus == [200: 160] && outcome.failures == 0)
            #expect(
                outcome.latenciesMicroseconds.count == 160 && outcome.percentileMilliseconds(0.99) >= outcome.percentileMilliseconds(0.5))
            loop.shutDown()
        }
    }

    @Test func `a port that is taken is an error at start`() async throws {
        try await serve { port, _ in
            let loop = try EventLoop.start(name: "second")
            let second = HTTPServer(SampleAPI.make(), loops: [loop], configuration: .init(host: "127.0.0.1", port: port))
            await #expect(throws: SystemError.self) { try await second.start() }
            loop.shutDown()
        }
    }
}
