package import Runtime

/// Calls an API without a socket: the same checks, handlers and rendering as over one, on a loop.
package struct TestClient: Sendable {
    private let api: API
    private let loop: EventLoop
    private let address: NetworkAddress?
    private let eventsMax: Int
    private var onPiece: (@Sendable (String) -> Void)?

    /// - Parameters:
    ///   - address: where its requests seem to come from.
    ///   - eventsMax: after so many pieces of a stream of events it leaves, as a client does that closes its connection.
    package init(_ api: API, loop: EventLoop, address: NetworkAddress? = .loopback, eventsMax: Int = .max) {
        self.api = api
        self.loop = loop
        self.address = address
        self.eventsMax = eventsMax
    }

    /// The same client, which tells each piece of a stream as it comes.
    package func telling(_ onPiece: @Sendable @escaping (String) -> Void) -> TestClient {
        var client = self
        client.onPiece = onPiece
        return client
    }

    /// Sends a request; `path` may have a query. A body needs a content type, which `json:` brings.
    package func send(
        _ method: Method, _ path: String, bearer: String? = nil, headers: [(String, String)] = [], body: [UInt8]? = nil,
        contentType: String? = nil
    ) async -> TestResponse {
        var fields = Headers(headers)
        if let bearer { fields.append("Authorization", "Bearer " + bearer) }
        if let contentType { fields.append("Content-Type", contentType) }
        let head = RequestHead(method: method, target: path, headers: fields, framing: body.map { .length($0.count) } ?? .none)
        let client = self
        return await Task(executorPreference: loop) { await client.answer(head, body) }.value
    }

    /// The same with a JSON body.
    package func send(
        _ method: Method, _ path: String, json: some Encodable & Sendable, bearer: String? = nil, headers: [(String, String)] = []
    ) async throws -> TestResponse {
        await send(
            method, path, bearer: bearer, headers: headers, body: try JSON.encode(json), contentType: "application/json")
    }

    private func answer(_ head: RequestHead, _ body: [UInt8]?) async -> TestResponse {
        let started = MonotonicTime.current
        let requestID = head.headers["X-Request-Id"] ?? "test"
        var entry: RouteEntry?
        var response: Response
        var subject: String?
        switch api.direct(head.method, head.path) {
        case .answer(let answer): response = answer
        case .entry(let found, let captures):
            entry = found
            if let body, body.count > found.bodyBytesMax {
                response = .problem(Problem(HTTPProblem.bodyTooLarge))
            } else {
                let taken = found.streamsBody ? RequestBody.stream(.of([body ?? []])) : body.map { .bytes($0) } ?? .none
                let incoming = API.Incoming(
                    head: head, captures: captures, requestID: requestID, loop: loop, body: taken,
                    peer: Peer(address: address, proxies: api.proxies))
                if let answer = api.answerBeforehand(incoming, found) {
                    response = answer
                } else {
                    (response, subject) = await api.answer(incoming, found)
                }
            }
        }
        response = api.finish(response, head, entry, requestID: requestID, started: started, subject: subject)
        let (bytes, isWhole) = await collect(response.body)
        return TestResponse(response, bytes: head.method == .head ? [] : bytes, isWhole: isWhole, route: entry?.route)
    }

    private func collect(_ body: Response.Body) async -> (bytes: [UInt8], isWhole: Bool) {
        let collected = Collected()
        let onPiece = onPiece
        let writer = ResponseWriter {
            await collected.append($0)
            onPiece?(String(decoding: $0, as: UTF8.self))
            return nil
        }
        do {
            switch body {
            case .none, .problem: break
            case .bytes(let bytes): return (bytes, true)
            case .stream(let write): try await write(writer)
            case .events(let send):
                let watching = Task(executorPreference: loop) { try await send(EventStream(writer)) }
                await collected.leave(after: eventsMax) { watching.cancel() }
                try await watching.value
            }
            return (await collected.bytes, true)
        } catch {
            return (await collected.bytes, false)
        }
    }

    private actor Collected {
        var bytes: [UInt8] = []
        private var pieces = 0
        private var piecesMax = Int.max
        private var leaving: (@Sendable () -> Void)?

        func append(_ more: [UInt8]) {
            bytes += more
            pieces += 1
            if pieces >= piecesMax { leaving?() }
        }

        func leave(after piecesMax: Int, _ leaving: @escaping @Sendable () -> Void) {
            self.piecesMax = piecesMax
            self.leaving = leaving
            if pieces >= piecesMax { leaving() }
        }
    }
}
