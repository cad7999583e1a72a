/// One call of the API: what it is, who may make it, what it takes and gives, and what answers it.
///
/// Everything declared here is checked before the handler runs and stands in `/openapi.json`.
package struct Route: Sendable {
    enum Handler: Sendable {
        case task(@Sendable (Request) async throws -> Response)
        case immediate(@Sendable (Request) -> Response)
    }

    package let method: Method

    /// `/v1/members/{id}/code`: whole segments are literal or a parameter.
    package let template: String
    package let summary: String
    package let tag: String
    package let access: Access
    package let parameters: [Parameter]
    package let body: BodyDeclaration
    package let responses: [ResponseDeclaration]

    /// Beyond those that every route can answer.
    package let problems: [ProblemType]
    let handler: Handler

    /// Answers what needs not be known who asks for, before anybody is asked.
    private(set) var beforehand: (@Sendable (Request) -> Response?)?

    /// Whether parameters that it does not declare are overlooked.
    private(set) var takesAnyQuery = false

    /// A route whose handler runs as a task on the request's loop.
    package init(
        _ method: Method, _ template: String, summary: String, tag: String = "", access: Access, parameters: [Parameter] = [],
        body: BodyDeclaration = .none, responses: [ResponseDeclaration], problems: [ProblemType] = [],
        handler: @escaping @Sendable (Request) async throws -> Response
    ) {
        self.init(method, template, summary, tag, access, parameters, body, responses, problems, .task(handler))
    }

    /// A route that is answered within the read, without a task: for answers that need no waiting and no principal.
    package static func immediate(
        _ method: Method, _ template: String, summary: String, tag: String = "", parameters: [Parameter] = [],
        responses: [ResponseDeclaration], problems: [ProblemType] = [], handler: @escaping @Sendable (Request) -> Response
    ) -> Route {
        Route(method, template, summary, tag, .anyone, parameters, .none, responses, problems, .immediate(handler))
    }

    /// The same route taking whatever query it is opened with: other apps hang their own parameters on a page's address.
    package func withAnyQuery() -> Route {
        var route = self
        route.takesAnyQuery = true
        return route
    }

    /// The same route with an answer for everybody who shows a token, whoever it is: given within the read, without a task and without
    /// looking the token up. For what a crowd is told that comes too late. Nil: the handler answers, to whom it may.
    ///
    /// The request that it is asked with has no principal. What it tells must be public.
    package func answered(beforehand answer: @escaping @Sendable (Request) -> Response?) -> Route {
        precondition(access != .anyone, "who needs no token is answered at once anyhow")
        var route = self
        route.beforehand = answer
        return route
    }

    /// The same route with a check before its handler: what the check throws is the answer.
    package func checked(_ check: @escaping @Sendable (Request) async throws -> Void) -> Route {
        guard case .task(let handler) = handler else { preconditionFailure("an immediate route has nothing to be checked") }
        return Route(
            method, template, summary, tag, access, parameters, body, responses, problems,
            .task { request in
                try await check(request)
                return try await handler(request)
            })
    }

    private init(
        _ method: Method, _ template: String, _ summary: String, _ tag: String, _ access: Access, _ parameters: [Parameter],
        _ body: BodyDeclaration, _ responses: [ResponseDeclaration], _ problems: [ProblemType], _ handler: Handler
    ) {
        precondition([.get, .post, .put, .patch, .delete].contains(method), "\(template): HEAD and OPTIONS come by themselves")
        precondition(!summary.isEmpty, "\(method.rawValue) \(template) needs a summary")
        precondition(
            responses.contains { (200..<400).contains($0.status) }, "\(method.rawValue) \(template) needs a response that is no error")
        precondition(template.hasPrefix("/"), "a template starts with /: \(template)")
        self.method = method
        self.template = template
        self.summary = summary
        self.tag = tag
        self.access = access
        self.parameters = parameters
        self.body = body
        self.responses = responses
        self.problems = problems
        self.handler = handler
    }
}
