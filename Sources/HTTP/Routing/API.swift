package import Runtime

/// All routes with what they share: the thing a server serves and a test calls.
///
/// Adds `/openapi.json`, `/healthz`, `/readyz` and `/metrics`; checks what routes declare; renders problems.
package struct API: Sendable {
    let router: Router
    let authenticator: any Authenticator
    let log: Log
    package let metrics: Metrics
    let proxies: Int
    let unrouted: RouteFigures
    private let onRequestFinished: (@Sendable (FinishedRequest) -> Void)?

    /// The routes declared, those of the API itself included.
    package let routes: [Route]

    /// - Parameters:
    ///   - proxies: reverse proxies in front, whose `X-Forwarded-For` is believed.
    ///   - isReady: the names of what is not ready; an empty list is ready.
    ///   - onRequestFinished: is called on the request's loop and must not block.
    package init(
        routes: [Route], authenticator: any Authenticator = NoAuthenticator(), title: String = "Waystation", version: String = "1",
        log: Log = .silent, metrics: Metrics = Metrics(), proxies: Int = 0, isReady: @escaping @Sendable () async -> [String] = { [] },
        onRequestFinished: (@Sendable (FinishedRequest) -> Void)? = nil
    ) {
        let inner = routes + API.ownRoutes(metrics: metrics, isReady: isReady)
        self.routes = inner + [API.documentRoute(APIDocument(routes: inner, title: title, version: version))]
        self.authenticator = authenticator
        self.log = log
        self.metrics = metrics
        self.proxies = proxies
        self.onRequestFinished = onRequestFinished
        unrouted = RouteFigures(method: "", template: "")
        let entries = self.routes.map { RouteEntry($0) }
        router = Router(entries)
        RouteFigures.publish([unrouted] + entries.map(\.figures), in: metrics)
    }

    // MARK: Answering

    /// Where a request goes: a route with its captures, or an answer at once.
    enum Direction: Sendable {
        case entry(RouteEntry, captures: [String])
        case answer(Response)
    }

    /// Finds the route; 404, 405 and OPTIONS are answered here.
    func direct(_ method: Method, _ path: Substring) -> Direction {
        if path == "*" { return .answer(.empty(204).with("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")) }
        guard let (place, allow, captures) = router.find(path) else { return .answer(.problem(Problem(HTTPProblem.notFound))) }
        if let entry = place.entries[method == .head ? .get : method] { return .entry(entry, captures: captures) }
        if method == .options { return .answer(.empty(204).with("Allow", allow)) }
        return .answer(.problem(Problem(HTTPProblem.methodNotAllowed, headers: [("Allow", allow)])))
    }

    /// A routed request before its checks.
    struct Incoming: Sendable {
        let head: RequestHead
        let captures: [String]
        let requestID: String
        let loop: EventLoop
        let body: RequestBody
        let peer: Peer
    }

    /// Answers at once, for routes that are immediate.
    func answerImmediately(_ incoming: Incoming, _ entry: RouteEntry) -> Response {
        guard case .immediate(let handler) = entry.route.handler else {
            preconditionFailure("only an immediate route is answered immediately")
        }
        do {
            return handler(try entry.check(incoming, principal: nil))
        } catch {
            return .problem(error)
        }
    }

    /// What the route answers whoever asks, if it does; nil sends the request the usual way, which names what is wrong with it.
    func answerBeforehand(_ incoming: Incoming, _ entry: RouteEntry) -> Response? {
        guard let beforehand = entry.route.beforehand, showsToken(incoming.head.headers) else { return nil }
        do {
            return beforehand(try entry.check(incoming, principal: nil))
        } catch {
            return nil
        }
    }

    private func showsToken(_ headers: Headers) -> Bool {
        headers["Authorization"] != nil || PageSession.worker.token(in: headers) != nil
    }

    /// Answers a request: who may, checks, handler; every error becomes a problem.
    func answer(_ incoming: Incoming, _ entry: RouteEntry) async -> (response: Response, subject: String?) {
        var subject: String?
        do {
            let principal = try await authenticate(incoming, entry.route.access)
            subject = principal?.subject
            let request = try entry.check(incoming, principal: principal)
            switch entry.route.handler {
            case .immediate(let handler): return (handler(request), subject)
            case .task(let handler): return (try await handler(request), subject)
            }
        } catch {
            if let problem = Problem(error) { return (.problem(problem), subject) }
            logUnknown(error, incoming.requestID, entry.route.template)
            return (.problem(Problem(HTTPProblem.internal)), subject)
        }
    }

    /// An undeclared error is logged by its type: its text may hold anything.
    func logUnknown(_ error: any Error, _ requestID: String, _ template: String) {
        log.error(
            "http.unknown_error",
            ["requestId": .text(requestID), "route": .text(template), "type": .text(String(reflecting: type(of: error)))])
    }

    /// Renders what is still a problem and counts the answer.
    func finish(
        _ response: Response, _ head: RequestHead, _ entry: RouteEntry?, requestID: String, started: MonotonicTime, subject: String?
    ) -> Response {
        var response = response
        if case .problem(let problem) = response.body {
            let extra = response.headers
            response = problem.response(Language(accepting: head.headers["Accept-Language"]), requestID: requestID)
            response.headers.append(contentsOf: extra)
        }
        // What only some may see is nothing to keep for whoever stands between, however the caller showed who they are.
        if let entry, entry.route.access != .anyone, !response.headers.contains(where: { $0.0 == "Cache-Control" }) {
            response.headers.append(("Cache-Control", "no-store"))
        }
        let duration = MonotonicTime.current - started
        (entry?.figures ?? unrouted).count(status: response.status, duration: duration)
        if let onRequestFinished {
            let trace = head.headers["traceparent"].flatMap { isTraceParent($0) ? String($0.dropFirst(3).prefix(32)) : nil }
            onRequestFinished(
                FinishedRequest(
                    method: head.method, template: entry?.route.template ?? "", status: response.status, duration: duration,
                    requestID: requestID, traceID: trace, subject: subject, problemCode: response.problemCode))
        }
        return response
    }

    private func authenticate(_ incoming: Incoming, _ access: Access) async throws -> (any Principal)? {
        if access == .anyone { return nil }
        let challenge = "Bearer realm=\"waystation\""
        guard let field = incoming.head.headers["Authorization"] else {
            switch pageToken(incoming.head.method, incoming.head.headers) {
            case .none: throw Problem(HTTPProblem.tokenMissing, headers: [("WWW-Authenticate", challenge)])
            case .crossSite: throw Problem(HTTPProblem.crossSiteRefused)
            case .some(let tokens): return try await principal(ofPage: tokens, incoming.loop, access)
            }
        }
        guard let token = bearerToken(field), let principal = try await authenticator.principal(bearer: token, on: incoming.loop) else {
            throw Problem(HTTPProblem.tokenInvalid, headers: [("WWW-Authenticate", challenge + ", error=\"invalid_token\"")])
        }
        if case .permission(let permission) = access, !principal.may(permission) {
            throw Problem(HTTPProblem.notPermitted, headers: [])
        }
        return principal
    }
}

extension API {
    /// Who stands behind a page's cookies: of those in force the first that may make the call.
    private func principal(ofPage tokens: [String], _ loop: EventLoop, _ access: Access) async throws -> any Principal {
        var isKnown = false
        for token in tokens {
            guard let principal = try await authenticator.principal(bearer: token, on: loop) else { continue }
            if case .permission(let permission) = access, !principal.may(permission) {
                isKnown = true
                continue
            }
            return principal
        }
        throw Problem(isKnown ? HTTPProblem.notPermitted : HTTPProblem.tokenInvalid, headers: [])
    }
}

/// The token of `Bearer TOKEN` (RFC 6750, section 2.1); nil for another scheme or a token of other characters.
private func bearerToken(_ field: String) -> String? {
    guard field.utf8.count <= 4_096, field.prefix(7).lowercased() == "bearer " else { return nil }
    let token = field.dropFirst(7).trimmed
    let allowed = token.utf8.allSatisfy { ByteSet.bearer.contains($0) }
    return allowed && !token.isEmpty ? token : nil
}
