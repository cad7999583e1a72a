/// Every problem that a route can answer with: those it declares and those that come with what it is.
enum RouteProblems {
    static func of(_ route: Route) -> [ProblemType] {
        var problems = [
            HTTPProblem.malformed, HTTPProblem.methodNotAllowed, HTTPProblem.notAcceptable, HTTPProblem.timeout,
            HTTPProblem.bodyTooLarge, HTTPProblem.targetTooLong, HTTPProblem.expectationFailed, HTTPProblem.headersTooLarge,
            HTTPProblem.tooManyHeaders, HTTPProblem.internal, HTTPProblem.overloaded,
            // A query that is not declared is refused on every route.
            HTTPProblem.unknownParameter, HTTPProblem.invalidParameter,
        ]
        if route.access != .anyone { problems += [HTTPProblem.tokenMissing, HTTPProblem.tokenInvalid] }
        if route.access != .anyone && route.method != .get { problems.append(HTTPProblem.crossSiteRefused) }
        if case .permission = route.access { problems.append(HTTPProblem.notPermitted) }
        if route.parameters.contains(where: { $0.place == .path }) { problems.append(HTTPProblem.notFound) }
        if route.parameters.contains(where: { $0.place != .path }) { problems.append(HTTPProblem.duplicateParameter) }
        if route.parameters.contains(where: { $0.place != .path && $0.isRequired }) { problems.append(HTTPProblem.missingParameter) }
        if !route.body.contentTypes.isEmpty { problems += [HTTPProblem.bodyMissing, HTTPProblem.unsupportedMediaType] }
        if case .json = route.body.kind {
            problems += [
                HTTPProblem.malformedJSON, HTTPProblem.invalidUTF8, HTTPProblem.tooDeep, HTTPProblem.duplicateKey,
                HTTPProblem.invalidBody,
            ]
        }
        for problem in route.problems where !problems.contains(problem) { problems.append(problem) }
        return problems
    }
}
