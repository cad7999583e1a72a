import Runtime

/// Calls one server over HTTP/1.1, with TLS where its address says `https`. Blocking: for threads, never for loops.
///
/// The certificate and the host's name are always checked. One connection is kept between calls. Redirects are not followed. Nothing is
/// ever sent twice by itself: a caller that repeats a call does so with the same request id.
package final class HTTPClient {
    /// Where names may lead.
    package enum Reach: Sendable {
        case anywhere
        /// Only into the public internet: a name is resolved once, and only public addresses of it are connected to.
        case publicOnly
    }

    /// What happens to a body beyond the limit.
    package enum BodyLimit: Sendable {
        case refuse(beyondBytes: Int)
        case cut(beyondBytes: Int)

        fileprivate var bytes: Int {
            switch self {
            case .refuse(let bytes), .cut(let bytes): bytes
            }
        }
    }

    package let address: ServerAddress
    private let bearer: String?
    private let connectTimeout: Duration
    private let reach: Reach
    private let context: TLSContext?
    private var connection: ClientConnection?
    private var lastUse = MonotonicTime.current

    /// A server ends idle connections after a minute or more; a kept one is not used so late that it could be just ending.
    private static let keptFor = Duration.seconds(20)

    /// - Parameters:
    ///   - baseURL: `https://host[:port][/prefix]`.
    ///   - bearer: sent as the token of every request.
    ///   - connectTimeout: for resolving the name, connecting and the TLS handshake, each.
    ///   - trustedCertificates: a PEM file of certificates that are trusted instead of the system's.
    package init(
        baseURL: String, bearer: String? = nil, connectTimeout: Duration = .seconds(5), trustedCertificates: String? = nil,
        reach: Reach = .anywhere
    ) throws(HTTPClientError) {
        guard let address = ServerAddress(baseURL) else { throw .invalidAddress }
        self.address = address
        self.bearer = bearer
        self.connectTimeout = connectTimeout
        self.reach = reach
        context = address.isEncrypted ? try TLSContext(trustedCertificates: trustedCertificates) : nil
    }

    /// Sends a request and reads its whole answer, all within `deadline`.
    /// - Parameters:
    ///   - path: with its query, already percent-encoded; put after the address's own path.
    ///   - headers: further ones; `Host`, `Content-Length`, `Authorization` and `User-Agent` are set here.
    package func send(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil, deadline: Duration = .seconds(30),
        bodyLimit: BodyLimit = .refuse(beyondBytes: 16_777_216)
    ) throws(HTTPClientError) -> HTTPClientResponse {
        let end = MonotonicTime.current + deadline
        let bytes = try request(method, path, headers, body)
        let connection = try connected(until: end)
        // Kept again only after a whole answer.
        self.connection = nil
        try connection.write(bytes, until: end)
        var parser = AnswerParser(isHead: method == "HEAD")
        var answer: [UInt8] = []
        var isCut = false
        while !parser.isComplete, !isCut {
            try Self.read(connection, into: &parser, until: end)
            answer += parser.takeBody()
            if answer.count > bodyLimit.bytes {
                guard case .cut = bodyLimit else { throw .answerTooLarge }
                answer.removeLast(answer.count - bodyLimit.bytes)
                isCut = true
            }
        }
        guard let head = parser.head else { throw .malformedAnswer }
        if parser.keepsAlive, !isCut {
            self.connection = connection
            lastUse = .current
        }
        return HTTPClientResponse(status: head.status, headers: head.headers, body: answer, isCut: isCut)
    }

    /// Reads a stream of server-sent events, on a connection of its own, until `onEvent` returns false or the stream ends.
    /// - Parameters:
    ///   - lastEventID: goes out as `Last-Event-ID`.
    ///   - silence: the longest time without a byte; servers send a comment now and then to show they are there.
    ///   - onOpen: called once the stream has begun.
    /// - Throws: `.closed` never for an end that the server announced: then it returns.
    package func events(
        _ path: String, lastEventID: String? = nil, silence: Duration = .seconds(60), onOpen: () -> Void = {},
        onEvent: (HTTPClientEvent) -> Bool
    ) throws(HTTPClientError) {
        var headers = [("Accept", "text/event-stream"), ("Cache-Control", "no-store")]
        if let lastEventID { headers.append(("Last-Event-ID", lastEventID)) }
        let bytes = try request("GET", path, headers, nil)
        let connection = try open(until: .current + silence)
        try connection.write(bytes, until: .current + silence)
        var parser = AnswerParser()
        var stream = EventStreamParser()
        var isOpen = false
        while !parser.isComplete {
            try Self.read(connection, into: &parser, until: .current + silence)
            guard let head = parser.head else { continue }
            if !isOpen {
                guard head.status == 200, head.header("Content-Type")?.lowercased().hasPrefix("text/event-stream") == true else {
                    throw .noEventStream(status: head.status)
                }
                isOpen = true
                onOpen()
            }
            for event in try stream.feed(parser.takeBody()) where !onEvent(event) { return }
        }
    }

    /// Ends the connection kept.
    package func close() { connection = nil }

    private static func read(
        _ connection: ClientConnection, into parser: inout AnswerParser, until deadline: MonotonicTime
    ) throws(HTTPClientError) {
        if let piece = try connection.read(until: deadline) { try parser.feed(piece) } else { try parser.finish() }
    }

    private func connected(until deadline: MonotonicTime) throws(HTTPClientError) -> ClientConnection {
        if let connection, MonotonicTime.current < lastUse + Self.keptFor, connection.isQuiet { return connection }
        connection = nil
        return try open(until: deadline)
    }

    private func open(until deadline: MonotonicTime) throws(HTTPClientError) -> ClientConnection {
        var addresses = try NameResolver.addresses(
            of: address.host, port: address.port, deadline: min(deadline, .current + connectTimeout))
        if case .publicOnly = reach {
            addresses.removeAll { !$0.isPublic }
            guard !addresses.isEmpty else { throw .privateAddress }
        }
        return try ClientConnection(
            to: addresses, host: address.host, context: context, timeout: connectTimeout, deadline: deadline)
    }

    private func request(
        _ method: String, _ path: String, _ headers: [(String, String)], _ body: [UInt8]?
    ) throws(HTTPClientError) -> [UInt8] {
        let target = address.pathPrefix + path
        let isToken = { (text: String) in !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") } }
        guard isToken(method), target.hasPrefix("/"), target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
            throw .invalidRequest
        }
        var fields = [("Host", address.authority), ("User-Agent", "waystation")]
        if let bearer { fields.append(("Authorization", "Bearer \(bearer)")) }
        if body != nil || ["POST", "PUT", "PATCH"].contains(method) { fields.append(("Content-Length", String(body?.count ?? 0))) }
        var text = "\(method) \(target) HTTP/1.1\r\n"
        for (name, value) in fields + headers {
            guard isToken(name), value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else { throw .invalidRequest }
            text += "\(name): \(value)\r\n"
        }
        return Array((text + "\r\n").utf8) + (body ?? [])
    }
}
