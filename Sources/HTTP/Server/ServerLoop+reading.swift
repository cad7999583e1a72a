import Glibc
import Runtime

extension ServerLoop {
    /// Reads once; epoll is level-triggered and tells again.
    func receive(_ connection: Connection) {
        let count = recv(connection.key.descriptor, &received, received.count, 0)
        if count < 0 {
            if errno != EAGAIN && errno != EINTR { disconnect(connection) }
            return
        }
        if count == 0 {
            endInput(connection)
            return
        }
        if connection.phase != .open {
            discard(connection, count)
            return
        }
        if !connection.parser.isBuffering { connection.parser.exchangeBuffer(&spareInput) }
        connection.parser.append(received[0..<count])
        process(connection)
    }

    /// The client shut its side: what it asked is still answered, except streams of events, which only it could end.
    private func endInput(_ connection: Connection) {
        connection.inputEnded = true
        if connection.phase == .lingering {
            disconnect(connection)
            return
        }
        if case .streaming(isEvents: true, _) = connection.exchange?.stage {
            disconnect(connection)
            return
        }
        if connection.exchange?.stream != nil { endStream(connection, .failure(.disconnected)) }
        process(connection)
    }

    /// Takes events out of the parser while there is nothing to wait for, then sends what was answered with one call.
    func process(_ connection: Connection) {
        var hasMore: Bool
        repeat {
            hasMore = !parse(connection)
            settle(connection)
            // A long pipeline stops for room; if the socket took all of it at once, no event will come to go on by.
        } while hasMore && self.connection(connection.key) === connection && mayParse(connection)
    }

    /// Whether the parser needs more bytes; false when it stopped because something has to be waited for.
    private func parse(_ connection: Connection) -> Bool {
        date.refresh(loop.now)
        if connection.output.isEmpty { swap(&connection.output, &spareOutput) }
        while mayParse(connection) {
            switch connection.parser.next() {
            case nil:
                if connection.inputEnded { endRequests(connection) }
                return true
            case .head(let head): begin(connection, head)
            case .body(let slice): take(connection, slice)
            case .end: endBody(connection)
            case .failed(let failure): fail(connection, failure)
            }
        }
        return false
    }

    /// Nothing more will come: what is incomplete never will be whole, what is answered goes out.
    private func endRequests(_ connection: Connection) {
        if case .receiving = connection.exchange?.stage { connection.exchange = nil }
        if connection.exchange == nil { connection.phase = .closing }
    }

    /// Sends, lends the buffers back and sets what is waited for next.
    func settle(_ connection: Connection) {
        flush(connection)
        guard self.connection(connection.key) === connection else { return }
        if connection.pendingBytes == 0 {
            connection.output.removeAll(keepingCapacity: connection.output.capacity <= 262_144)
            connection.sent = 0
            if connection.output.capacity > spareOutput.capacity { swap(&connection.output, &spareOutput) }
            connection.output = []
        }
        if !connection.parser.isBuffering { connection.parser.exchangeBuffer(&spareInput) }
        updateInterest(connection)
        updateDeadline(connection)
    }

    /// One request is served at a time, and none while the client does not read its answers.
    func mayParse(_ connection: Connection) -> Bool {
        guard connection.phase == .open, connection.pendingBytes < 65_536 else { return false }
        guard let exchange = connection.exchange else { return !connection.closesAfterExchange }
        if let feed = exchange.stream {
            return feed.outcome == nil && feed.waiting.count < BodyFeed.bufferedBytesMax
        }
        if case .receiving = exchange.stage { return true }
        return false
    }

    // MARK: The request

    private func begin(_ connection: Connection, _ head: RequestHead) {
        let requestID = head.headers["X-Request-Id"].flatMap { RequestIDs.isSane($0) ? $0 : nil } ?? ids.next()
        var entry: RouteEntry?
        var captures: [String] = []
        var refusal: Response?
        switch api.direct(head.method, head.path) {
        case .entry(let found, let values): (entry, captures) = (found, values)
        case .answer(let response): refusal = response
        }
        if isStopping || !head.keepsAlive { connection.closesAfterExchange = true }
        connection.headStarted = head.framing == .none ? nil : loop.now
        connection.exchange = Exchange(
            head: head, requestID: requestID, started: loop.now, entry: entry, captures: captures, refusal: refusal)
        if head.framing == .none { return }
        let bodyBytesMax = refusal == nil ? entry?.bodyBytesMax ?? 0 : 65_536
        connection.parser.bodyBytesMax = bodyBytesMax
        if head.expectsContinue {
            if let refusal {
                // The body was never sent, so its bytes must not be waited for.
                closeAfter(connection)
                respond(connection, refusal, subject: nil)
                return
            }
            var isTooLong = false
            if case .length(let length) = head.framing { isTooLong = length > bodyBytesMax }
            // Where a handler reads the body, it is asked for when the handler wants it: a refusal spares the client the upload.
            if !isTooLong, entry?.streamsBody != true { connection.output.append(contentsOf: ResponseHead.continue) }
        }
        if let entry, entry.streamsBody {
            connection.exchange?.stream = BodyFeed(owesContinue: head.expectsContinue)
            let key = connection.key
            start(connection, entry, .stream(BodyStream { await self.nextPiece(key) }))
        }
    }

    private func take(_ connection: Connection, _ slice: ArraySlice<UInt8>) {
        guard let exchange = connection.exchange else { return }
        exchange.bodyBytes += slice.count
        if let feed = exchange.stream {
            feed.waiting.append(contentsOf: slice)
            feedReader(connection)
        } else if exchange.refusal == nil {
            exchange.body.append(contentsOf: slice)
        }
    }

    private func endBody(_ connection: Connection) {
        guard let exchange = connection.exchange else { return }
        connection.headStarted = nil
        if exchange.stream != nil {
            endStream(connection, .success(()))
            return
        }
        if let refusal = exchange.refusal {
            respond(connection, refusal, subject: nil)
            return
        }
        guard let entry = exchange.entry else { return }
        let body: RequestBody = exchange.head.framing == .none ? .none : .bytes(exchange.body)
        exchange.body = []
        if entry.isImmediate {
            let incoming = API.Incoming(
                head: exchange.head, captures: exchange.captures, requestID: exchange.requestID, loop: loop, body: body,
                peer: Peer(address: connection.address, proxies: api.proxies))
            respond(connection, api.answerImmediately(incoming, entry), subject: nil)
        } else {
            start(connection, entry, body)
        }
    }

    /// Not a request (any more): answered, then closed for good.
    private func fail(_ connection: Connection, _ failure: ParseFailure) {
        closeAfter(connection)
        connection.headStarted = nil
        if case .malformed = failure { load.malformed.increment() }
        if let exchange = connection.exchange {
            if exchange.stream != nil {
                endStream(connection, .failure(failure == .bodyTooLarge ? .tooLarge : .malformed))
                return
            }
            if failure == .bodyTooLarge, let refusal = exchange.refusal {
                respond(connection, refusal, subject: nil)
                return
            }
        } else {
            connection.exchange = Exchange(withoutRequest: ids.next(), started: loop.now)
        }
        respond(connection, .problem(failure.problem), subject: nil)
    }

    /// No request after this one, and what the client still sends is thrown away.
    func closeAfter(_ connection: Connection) {
        connection.closesAfterExchange = true
        connection.hasUnread = true
    }

    private func discard(_ connection: Connection, _ count: Int) {
        connection.writtenBytes += count
        // A client that goes on sending after its refusal has had its chance.
        if connection.writtenBytes > 4 << 20 { disconnect(connection) }
    }

    // MARK: The handler

    private func start(_ connection: Connection, _ entry: RouteEntry, _ body: RequestBody) {
        guard let exchange = connection.exchange else { return }
        let incoming = API.Incoming(
            head: exchange.head, captures: exchange.captures, requestID: exchange.requestID, loop: loop, body: body,
            peer: Peer(address: connection.address, proxies: api.proxies))
        if let response = api.answerBeforehand(incoming, entry) {
            respond(connection, response, subject: nil)
            return
        }
        exchange.stage = .handling
        exchange.task = Self.launch(self, connection.key, api, incoming, entry)
    }

    /// Outside the actor, so that the handler is not isolated to it.
    private nonisolated static func launch(
        _ server: ServerLoop, _ key: ConnectionKey, _ api: API, _ incoming: API.Incoming, _ entry: RouteEntry
    ) -> Task<Void, Never> {
        Task(executorPreference: server.loop) {
            let (response, subject) = await api.answer(incoming, entry)
            guard let source = await server.complete(key, response, subject) else { return }
            await server.run(key, source, entry.route.template, incoming.requestID)
        }
    }

    /// The handler's answer is here; a streamed one is given back to be run.
    private func complete(_ key: ConnectionKey, _ response: Response, _ subject: String?) -> Response.Body? {
        guard let connection = connection(key), connection.exchange != nil else { return nil }
        date.refresh(loop.now)
        let source = respond(connection, response, subject: subject)
        process(connection)
        return source
    }
}
