import Crypto
import HTTP
import Postgres
import Runtime

/// What a page learns that signed in: its token stays in a cookie, out of reach of scripts.
struct PageSessionAnswer: Codable, Sendable, APIType {
    let page: String
    let expiresInSeconds: Int

    static let schema = Schema.object(
        "PageSession", "A session whose token stands in a cookie that scripts cannot read",
        [
            .required("page", .oneOf(PageSession.allCases.map(\.rawValue)), "What `X-Waystation-Page` says in calls by this cookie"),
            .required("expiresInSeconds", .integer(1...Int64.max)),
        ])

    /// For the bodies of routes that sign in.
    static let field = Schema.Field.optional(
        "cookie", .boolean, "The token goes into a cookie that scripts cannot read, and the answer is a PageSession")

    static let response = ResponseDeclaration.json(200, PageSessionAnswer.self, "Asked for as a cookie: it is set")
}

extension PageSession {
    /// As long as browsers keep a cookie; a tablet is paired anew after that.
    static let deviceLifetimeSeconds: Int64 = 400 * 86_400

    /// What the page shows in `X-CSRF-Token`: follows from the token, and says nothing of it.
    static func crossSiteToken(of token: String) -> String {
        Base64URL.encode(SHA256.hash(Array("waystation cross-site\n\(token)".utf8)))
    }

    /// The answer that opens the page's session.
    func open(_ token: String, lifetimeSeconds: Int64, _ request: Request) -> Response {
        var response = Response.json(PageSessionAnswer(page: rawValue, expiresInSeconds: Int(lifetimeSeconds)))
            .with("Cache-Control", "no-store")
        let fields = cookies(
            token: token, crossSiteToken: Self.crossSiteToken(of: token), lifetimeSeconds: lifetimeSeconds, isSecure: request.isSecure)
        response.headers += fields
        return response
    }

    /// The same of an answer that holds a token, where the caller asked for a cookie; a problem stays what it is.
    func open<Answer: TokenAnswer>(
        _ answer: Answer.Type, of response: Response, asCookie: Bool?, lifetimeSeconds: Int64, _ request: Request
    ) throws -> Response {
        guard asCookie == true, response.status < 300, let bytes = response.bytes else { return response }
        return open(try JSON.decode(answer, from: bytes).token, lifetimeSeconds: lifetimeSeconds, request)
    }
}

/// An answer that shows a token, once.
protocol TokenAnswer: Decodable {
    var token: String { get }
}

extension MemberSessionTokenAnswer: TokenAnswer {}
extension AccountSessionTokenAnswer: TokenAnswer {}
extension DeviceKeyAnswer: TokenAnswer {
    var token: String { key }
}

/// Signing out, whoever it is.
struct SignOutRoutes: Sendable {
    let members: MemberSessionStore
    let accounts: AccountSessionStore
    let authenticator: RegistryAuthenticator

    var all: [Route] { [signOut] }

    private var signOut: Route {
        Route(
            .post, "/v1/sign-out", summary: "Ends the session that asks, and its cookie; of a device only the cookie", tag: "Accounts",
            access: .authenticated, responses: [.empty(204, "It is over")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            var response = Response.empty()
            if let member = request.principal as? MemberPrincipal {
                _ = try await members.end(member.sessionID, of: member.memberID)
                response.headers += PageSession.worker.endedCookies
            } else if let organizer = request.principal as? OrganizerPrincipal {
                if let session = organizer.sessionID { _ = try await accounts.end(session, of: organizer.accountID) }
                response.headers += PageSession.desk.endedCookies
            } else {
                response.headers += PageSession.device.endedCookies
            }
            authenticator.forgetAll()
            return response
        }
    }
}
