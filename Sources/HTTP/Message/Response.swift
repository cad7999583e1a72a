/// What a handler answers. The API adds request id and problem text, the connection date, length and connection fields.
package struct Response: Sendable {
    enum Body: Sendable {
        case none
        case bytes([UInt8])
        case stream(@Sendable (ResponseWriter) async throws -> Void)
        case events(@Sendable (EventStream) async throws -> Void)
        /// Rendered once language and request id are known.
        case problem(Problem)
    }

    package var status: Int
    package var contentType: String?
    package var headers: [(String, String)] = []
    var body: Body

    /// The code of the problem that it renders.
    var problemCode: String?

    init(status: Int, contentType: String? = nil, body: Body) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// A value as JSON; one that cannot be encoded (a number that is not finite) becomes a bare 500.
    package static func json(_ value: some Encodable & APIType, status: Int = 200) -> Response {
        do {
            return Response(status: status, contentType: "application/json", body: .bytes(try JSON.encode(value)))
        } catch {
            return .problem(Problem(HTTPProblem.internal))
        }
    }

    /// A value that writes itself as JSON.
    package static func json(_ value: some Encodable & APIType & DirectJSON, status: Int = 200) -> Response {
        Response(status: status, contentType: "application/json", body: .bytes(JSON.bytes(of: value)))
    }

    package static func bytes(_ bytes: [UInt8], contentType: String, status: Int = 200) -> Response {
        Response(status: status, contentType: contentType, body: .bytes(bytes))
    }

    package static func text(_ text: String, contentType: String = "text/plain; charset=utf-8", status: Int = 200) -> Response {
        Response(status: status, contentType: contentType, body: .bytes(Array(text.utf8)))
    }

    package static func empty(_ status: Int = 204) -> Response { Response(status: status, body: .none) }

    package static func problem(_ problem: Problem) -> Response { Response(status: problem.type.status, body: .problem(problem)) }

    /// A body written piece by piece, as fast as the client reads. An error cuts the connection, so a body is never taken for whole.
    package static func stream(
        contentType: String, status: Int = 200, _ write: @escaping @Sendable (ResponseWriter) async throws -> Void
    ) -> Response {
        Response(status: status, contentType: contentType, body: .stream(write))
    }

    /// Server-sent events until the closure returns, the client leaves or the server stops.
    package static func events(_ send: @escaping @Sendable (EventStream) async throws -> Void) -> Response {
        var response = Response(status: 200, contentType: "text/event-stream", body: .events(send))
        response.headers.append(("Cache-Control", "no-store"))
        return response
    }

    /// A document to look at and to print: it loads and runs nothing, whatever names stand in it, and nobody frames it.
    package func asDocument() -> Response {
        with(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
    }

    /// The same with one header field more. Control characters are left out of the value, so that nothing can end the field early.
    package func with(_ name: String, _ value: String) -> Response {
        precondition(!name.isEmpty && name.utf8.allSatisfy { ByteSet.token.contains($0) }, "a field's name is a token")
        var copy = self
        copy.headers.append((name, String(String.UnicodeScalarView(value.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))))
        return copy
    }
}
