import FoundationEssentials

/// The body of a refusal: RFC 9457 with the members that this API adds.
package struct ProblemDocument: Codable, Sendable, APIType {
    package struct Reason: Codable, Sendable, APIType {
        package let code: String
        package let detail: String
        package let pointer: String?
        package let parameter: String?

        package static let schema = Schema.object(
            "Reason", "One failing condition",
            [
                .required("code", .string(1...100), "Stable"),
                .required("detail", .string(0...2_000), "In the language asked for"),
                .optional("pointer", .string(0...20_000), "JSON pointer into the request's body"),
                .optional("parameter", .string(0...100), "The query, path or header parameter"),
            ])
    }

    package let type: String
    package let title: String
    package let status: Int
    package let detail: String
    package let instance: String
    package let code: String
    package let reasons: [Reason]
    package let retryable: Bool
    package let requestId: String

    package static let contentType = "application/problem+json"

    package static let schema = Schema.object(
        "Problem", "Why a request was refused (RFC 9457)",
        [
            .required("type", .string(1...200), "urn:waystation:problem: and the code"),
            .required("title", .string(1...200), "The kind of problem, in the language asked for"),
            .required("status", .integer(400...599)),
            .required("detail", .string(0...2_000), "This occurrence, in the language asked for"),
            .required("instance", .string(1...200), "urn:waystation:request: and the request id"),
            .required("code", .string(1...100), "Stable, in families"),
            .required("reasons", .array(of: Reason.schema, 0...1_000), "Every failing condition"),
            .required("retryable", .boolean, "Whether the same request may succeed later"),
            .required("requestId", .string(1...128)),
        ])

    init(_ problem: Problem, _ language: Language, requestID: String) {
        type = "urn:waystation:problem:" + problem.type.code
        title = problem.type.title[language]
        status = problem.type.status
        detail = problem.detail?[language] ?? problem.type.title[language]
        instance = "urn:waystation:request:" + requestID
        code = problem.type.code
        reasons = problem.violations.map {
            Reason(code: $0.code, detail: $0.detail[language], pointer: $0.pointer, parameter: $0.parameter)
        }
        retryable = problem.type.retryable
        requestId = requestID
    }

    func encoded() -> [UInt8] {
        do {
            return try JSON.encode(self)
        } catch {
            preconditionFailure("a problem document holds only strings, integers and booleans")
        }
    }
}
