import FoundationEssentials
import HTTP
import Runtime
import Synchronization
import TestSupport

@testable import Registry

/// A receiver of webhooks that notes what came and answers as it is told.
final class WebhookReceiver: Sendable {
    struct Receipt: Sendable {
        let id: String
        let timestamp: String
        let signatures: [String]
        let body: [UInt8]
        let status: Int

        var text: String { String(decoding: body, as: UTF8.self) }

        func isSigned(by secret: String) -> Bool {
            guard let bytes = Data(base64Encoded: String(secret.dropFirst(6))), let seconds = Int64(timestamp) else { return false }
            return signatures.contains(WebhookSecret(bytes: Array(bytes)).signature(id: id, timestamp: seconds, body: body))
        }
    }

    private struct State: Sendable {
        var receipts: [Receipt] = []
        var status: @Sendable (_ body: String) -> Int = { _ in 200 }
    }

    private let state = Mutex(State())
    private let server = Mutex<HTTPServer?>(nil)
    private let known = Mutex<UInt16>(0)

    var receipts: [Receipt] { state.withLock { $0.receipts } }
    var url: String { "http://127.0.0.1:\(known.withLock { $0 })/hook" }

    func answer(_ status: @escaping @Sendable (_ body: String) -> Int) { state.withLock { $0.status = status } }

    /// Comes up, at the same place as before.
    func start() async throws {
        let route = Route(
            .post, "/hook", summary: "Takes a webhook", access: .anyone, body: .bytes(["application/json"], limitBytes: 1_000_000),
            responses: [.text(200, "Taken")]
        ) { [self] request in
            let body = request.bytes
            let status = state.withLock { state in
                let status = state.status(String(decoding: body, as: UTF8.self))
                state.receipts.append(
                    Receipt(
                        id: request.headers["webhook-id"] ?? "", timestamp: request.headers["webhook-timestamp"] ?? "",
                        signatures: (request.headers["webhook-signature"] ?? "").split(separator: " ").map(String.init), body: body,
                        status: status))
                return status
            }
            var response = Response.text("echo: " + String(decoding: body, as: UTF8.self))
            response.status = status
            return response
        }
        let port = known.withLock { $0 }
        let made = HTTPServer(
            API(routes: [route]), loops: [TestLoops.all[1]], configuration: HTTPServer.Configuration(host: "127.0.0.1", port: port))
        try await made.start()
        known.withLock { $0 = made.port }
        server.withLock { $0 = made }
    }

    /// Goes, with whatever is under way.
    func stop() async {
        let running = server.withLock { server in
            defer { server = nil }
            return server
        }
        await running?.stop(grace: .zero)
    }
}
