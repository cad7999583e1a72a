/// How long a request's body is (RFC 9112, section 6).
package enum Framing: Hashable, Sendable {
    case none
    case length(Int)
    case chunked
}

/// Everything before a request's body, checked by the parser.
package struct RequestHead: Sendable {
    package var method: Method

    /// Path and query in origin form, as sent: not decoded, starting with `/`, or `*` for OPTIONS.
    package let target: String

    /// Where the query begins, if there is one.
    let queryMark: String.Index?
    package var headers: Headers
    package var framing: Framing

    /// Whether the connection may serve another request after this one (RFC 9112, section 9.3).
    package var keepsAlive: Bool

    /// Whether the client waits for `100 Continue` before it sends the body.
    package var expectsContinue: Bool

    /// HTTP/1.0 knows no chunks and no interim answers.
    package var isVersion10: Bool

    package init(
        method: Method, target: String, headers: Headers = Headers(), framing: Framing = .none, keepsAlive: Bool = true,
        expectsContinue: Bool = false, isVersion10: Bool = false
    ) {
        self.method = method
        self.target = target
        queryMark = target.utf8.firstIndex(of: 0x3F)
        self.headers = headers
        self.framing = framing
        self.keepsAlive = keepsAlive
        self.expectsContinue = expectsContinue
        self.isVersion10 = isVersion10
    }

    /// The target without its query.
    var path: Substring { queryMark.map { target[..<$0] } ?? target[...] }

    /// What stands behind the question mark.
    var query: Substring? { queryMark.map { target[target.utf8.index(after: $0)...] } }
}
