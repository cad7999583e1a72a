/// What an API answered, with a check of it against the route's declaration.
package struct TestResponse: Sendable {
    package let status: Int
    package let body: [UInt8]

    /// False where a streamed body broke off.
    package let isWhole: Bool

    /// A sentence when the answer is not what the route declares: status, content type, problem code or schema. Nil when all is well.
    package let undeclared: String?
    private let headers: [(String, String)]

    init(_ response: Response, bytes: [UInt8], isWhole: Bool, route: Route?) {
        status = response.status
        body = bytes
        self.isWhole = isWhole
        headers = (response.contentType.map { [("Content-Type", $0)] } ?? []) + response.headers
        undeclared = route.flatMap { Self.undeclared(response, bytes, $0) }
    }

    package func header(_ name: String) -> String? {
        headers.first { $0.0.lowercased() == name.lowercased() }?.1
    }

    /// Every line of a field that may come more than once.
    package func allHeaders(_ name: String) -> [String] { headers.filter { $0.0.lowercased() == name.lowercased() }.map(\.1) }

    package var text: String { String(decoding: body, as: UTF8.self) }

    package func json<T: Decodable>(_ type: T.Type) throws -> T {
        try JSON.decode(type, from: body)
    }

    /// The problem document, if it is one.
    package var problem: ProblemDocument? {
        guard header("Content-Type") == ProblemDocument.contentType else { return nil }
        do { return try json(ProblemDocument.self) } catch { return nil }
    }

    package var problemCode: String? { problem?.code }
    package var reasonCodes: [String] { problem?.reasons.map(\.code) ?? [] }

    private static func undeclared(_ response: Response, _ bytes: [UInt8], _ route: Route) -> String? {
        let place = "\(route.method.rawValue) \(route.template)"
        if let code = response.problemCode {
            let known = route.problems.map(\.code) + HTTPProblem.all.map(\.code)
            return known.contains(code) ? nil : "\(place) does not declare the problem \(code)"
        }
        let sameStatus = route.responses.filter { $0.status == response.status }
        guard !sameStatus.isEmpty else { return "\(place) does not declare the status \(response.status)" }
        let essence = response.contentType.flatMap { MediaType.parse($0)?.essence }
        guard let declared = sameStatus.first(where: { essence.map($0.contentTypes.contains) ?? $0.contentTypes.isEmpty }) else {
            return "\(place) does not declare the content type \(essence ?? "none") of its \(response.status)"
        }
        guard let schema = declared.schema, !bytes.isEmpty else { return nil }
        do {
            let found = try JSONValidator.violations(of: schema, in: bytes)
            return found.isEmpty ? nil : "\(place): " + found.map { "\($0.pointer ?? "") \($0.code)" }.joined(separator: ", ")
        } catch {
            return "\(place): the answer is not JSON"
        }
    }
}
