/// A session of one of the pages that this server serves: its token stands in a cookie that scripts cannot read.
///
/// A call by cookie names the page in `X-Waystation-Page`, for one browser may hold a session of each. Whatever changes something also
/// shows, in `X-CSRF-Token`, what only this origin's scripts can read: the value of a second cookie that follows from the token. Both
/// cookies are `SameSite=Strict`; a page of another origin can neither send them nor set the two fields (they need a preflight, which is
/// refused).
package enum PageSession: String, CaseIterable, Sendable {
    case worker, desk, device

    package static let pageField = "X-Waystation-Page"
    package static let crossSiteField = "X-CSRF-Token"

    package var cookieName: String { "waystation_" + rawValue }
    package var crossSiteCookieName: String { cookieName + "_csrf" }

    /// The two `Set-Cookie` fields that open a session.
    /// - Parameters:
    ///   - crossSiteToken: as `Authenticator.crossSiteToken(of:)` gives it.
    ///   - isSecure: whether the browser came by TLS; the cookies never go over plain HTTP then.
    package func cookies(token: String, crossSiteToken: String, lifetimeSeconds: Int64, isSecure: Bool) -> [(String, String)] {
        let shared = "; Path=/; SameSite=Strict; Max-Age=\(lifetimeSeconds)" + (isSecure ? "; Secure" : "")
        return [
            ("Set-Cookie", "\(cookieName)=\(token); HttpOnly" + shared),
            ("Set-Cookie", "\(crossSiteCookieName)=\(crossSiteToken)" + shared),
        ]
    }

    /// The two fields that end one.
    package var endedCookies: [(String, String)] {
        cookies(token: "", crossSiteToken: "", lifetimeSeconds: 0, isSecure: false)
    }

    /// The token among the request's cookies.
    func token(in headers: Headers) -> String? {
        guard let value = headers.cookie(cookieName) else { return nil }
        let isToken = !value.isEmpty && value.utf8.allSatisfy { ByteSet.bearer.contains($0) }
        return isToken ? String(value) : nil
    }

    /// Whether the request shows a session of this page. It may have ended: nothing is allowed by this.
    package func isShown(in headers: Headers) -> Bool { token(in: headers) != nil }
}

extension Headers {
    /// The value of the first cookie of this name.
    package func cookie(_ name: String) -> Substring? {
        guard let field = self["Cookie"], field.utf8.count <= 8_192 else { return nil }
        for pair in field.split(separator: ";") {
            let pair = pair.trimmed
            if pair.hasPrefix(name), pair.dropFirst(name.count).first == "=" { return pair.dropFirst(name.count + 1) }
        }
        return nil
    }
}

extension API {
    /// What stands in for `Authorization` when there is none.
    enum PageToken {
        case none
        /// A call of a page that was named, or one that only reads: those that are tried, one after another.
        case some([String])
        /// It would change something, and nothing proves that it comes from a page of ours.
        case crossSite
    }

    func pageToken(_ method: Method, _ headers: Headers) -> PageToken {
        var sessions: [PageSession] = [.desk, .worker, .device]
        let named = headers[PageSession.pageField].map { PageSession(rawValue: $0) }
        if let named { sessions = named.map { [$0] } ?? [] }
        let tokens = sessions.compactMap { $0.token(in: headers) }
        if tokens.isEmpty { return .none }
        if method == .get || method == .head { return .some(tokens) }
        guard named != nil, let shown = headers[PageSession.crossSiteField], authenticator.isCrossSiteToken(shown, of: tokens[0]) else {
            return .crossSite
        }
        return .some(tokens)
    }
}
