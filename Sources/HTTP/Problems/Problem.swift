/// A refusal or failure as the client sees it (RFC 9457): thrown by handlers, rendered in the client's language by the API.
package struct Problem: Error, Sendable {
    package let type: ProblemType

    /// What is particular to this occurrence; never personal data.
    package var detail: Localized?

    /// Every failing condition.
    package var violations: [Violation]
    package var retryAfterSeconds: Int?
    package var headers: [(String, String)]

    package init(
        _ type: ProblemType, detail: Localized? = nil, violations: [Violation] = [], retryAfterSeconds: Int? = nil,
        headers: [(String, String)] = []
    ) {
        self.type = type
        self.detail = detail
        self.violations = violations
        self.retryAfterSeconds = retryAfterSeconds
        self.headers = headers
    }
}

/// An error that knows its problem: thrown from a handler it becomes that; any other error becomes a bare 500, logged by its type only.
package protocol ProblemRepresentable: Error {
    var problem: Problem { get }
}

extension Problem: ProblemRepresentable {
    package var problem: Problem { self }
}

extension Problem {
    /// The problem a handler's error stands for, or nil for an error nobody declared.
    init?(_ error: any Error) {
        guard let known = error as? any ProblemRepresentable else { return nil }
        self = known.problem
    }

    /// The response with its document.
    func response(_ language: Language, requestID: String) -> Response {
        let document = ProblemDocument(self, language, requestID: requestID)
        var response = Response(status: type.status, contentType: ProblemDocument.contentType, body: .bytes(document.encoded()))
        response.headers.append(("Content-Language", language.rawValue))
        response.headers.append(("Cache-Control", "no-store"))
        if let retryAfterSeconds { response.headers.append(("Retry-After", String(retryAfterSeconds))) }
        response.headers.append(contentsOf: headers)
        response.problemCode = type.code
        return response
    }
}
