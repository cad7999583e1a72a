import Runtime
import Synchronization

extension API {
    private struct Health: Codable, Sendable, APIType {
        let status: String
        static let schema = Schema.object("Health", "The process is alive", [.required("status", .oneOf(["ok"]))])
    }

    /// `/healthz`, `/readyz` and `/metrics`.
    static func ownRoutes(metrics: Metrics, isReady: @escaping @Sendable () async -> [String]) -> [Route] {
        let alive = Response.json(Health(status: "ok"))
        return [
            .immediate(
                .get, "/healthz", summary: "Whether the process is alive", tag: "Operation",
                responses: [.json(200, Health.self, "It is")]
            ) { _ in alive },
            Route(
                .get, "/readyz", summary: "Whether the service can do its work: database and migrations", tag: "Operation",
                access: .anyone, responses: [.json(200, Health.self, "It can")], problems: [HTTPProblem.notReady]
            ) { _ in
                let missing = await isReady()
                if missing.isEmpty { return alive }
                let reasons = missing.map { Violation("http.not_ready", parameter: $0, zh: "\($0) 尚未就绪", en: "\($0) is not ready") }
                throw Problem(HTTPProblem.notReady, violations: reasons, retryAfterSeconds: 1)
            },
            Route(
                .get, "/metrics", summary: "Figures in Prometheus' text format", tag: "Operation", access: .anyone,
                responses: [.text(200, "The figures")]
            ) { _ in .text(metrics.text(), contentType: "text/plain; version=0.0.4; charset=utf-8") },
        ]
    }

    /// Written when somebody first asks: few do, and to write it takes a quarter of the time to start.
    static func documentRoute(_ document: APIDocument) -> Route {
        Route(
            .get, "/openapi.json", summary: "This description of the API", tag: "Operation", access: .anyone,
            responses: [.bytes(200, ["application/json"], "OpenAPI 3.1")]
        ) { _ in .bytes(try await document.bytes(), contentType: "application/json") }
    }
}

/// The description of an API, which is written once.
final class APIDocument: Sendable {
    private let routes: [Route]
    private let title: String
    private let version: String
    private let written = Mutex<[UInt8]?>(nil)

    /// - Parameter routes: all but the document's own.
    init(routes: [Route], title: String, version: String) {
        self.routes = routes
        self.title = title
        self.version = version
    }

    /// Off the loop, for it takes some milliseconds. Who asks while it is written writes it, too: the same.
    func bytes() async throws -> [UInt8] {
        if let bytes = written.withLock(\.self) { return bytes }
        let bytes = try await onThread(name: "openapi") { [self] in
            OpenAPI.document(routes: routes + [API.documentRoute(self)], title: title, version: version)
        }.get()
        written.withLock { $0 = bytes }
        return bytes
    }
}
