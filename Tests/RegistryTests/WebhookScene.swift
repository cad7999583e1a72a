import Crypto
import HTTP
import Postgres
import Runtime
import Scheduler
import TestSupport
import Testing

@testable import Registry

/// A registry that sends to this machine, tries again at once, and a receiver.
struct WebhookScene: Sendable {
    let database: Database
    let registry: Registry
    let webhooks: Webhooks
    let client: TestClient
    let owner: String
    let receiver: WebhookReceiver

    func call(_ method: HTTP.Method, _ path: String, _ json: String? = nil) async -> TestResponse {
        let response = await client.send(
            method, "/v1/webhook-endpoints" + path, bearer: owner, body: json.map { Array($0.utf8) },
            contentType: json == nil ? nil : "application/json")
        #expect(response.undeclared == nil, "\(response.text)")
        return response
    }

    func addReceiver(_ types: String = "[]") async throws -> (id: ID<WebhookEndpoint>, secret: String) {
        let made = await call(.post, "", #"{"url":"\#(receiver.url)","eventTypes":\#(types)}"#)
        #expect(made.status == 201, "\(made.text)")
        let answer = try made.json(WebhookSecretAnswer.self)
        return (answer.endpoint.id, answer.secret)
    }

    func emit(_ subject: String, _ number: Int, in querying: (any Querying)? = nil) async throws {
        try await registry.outbox.emit(
            "member.joined", subject: subject, organization: nil, data: ["n": number], in: querying ?? database)
    }

    func count(_ condition: String) async throws -> Int {
        try await database.query("select count(*) from webhook_delivery where \(raw: condition)")[0].decode(0)
    }

    /// Makes deliveries of `events` events and sends until nothing is due.
    func deliver(events: Int) async throws {
        while try await database.query("select count(*) from outbox_event where enqueued_at is null")[0].decode(0) > 0 {
            _ = try await webhooks.enqueue()
        }
        #expect(try await database.query("select count(*) from outbox_event")[0].decode(0, as: Int.self) >= events)
        while try await webhooks.deliver() == .more {}
    }
}

/// Runs `body` in a scene of its own.
func withWebhookScene(_ body: @Sendable (WebhookScene) async throws -> Void) async throws {
    try await withDatabase { database in
        let registry = Registry(
            database: database, keys: .random(), loops: TestLoops.all, settings: RegistrySettings(webhooksAllowPrivate: true))
        var webhooks = registry.webhooks
        webhooks.sender = WebhookSender(
            allowsPrivate: true,
            retry: WebhookRetry(delays: Array(repeating: .zero, count: 500), delaysOfExpiring: [.zero, .zero], rests: [.zero]),
            clock: Clock())
        let receiver = WebhookReceiver()
        try await receiver.start()
        let scene = WebhookScene(
            database: database, registry: registry, webhooks: webhooks,
            client: TestClient(API(routes: registry.routes, authenticator: registry.authenticator), loop: TestLoops.all[0]),
            owner: try await registry.accounts.createOwner(name: "owner"), receiver: receiver)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(scene)) } catch { outcome = .failure(error) }
        await receiver.stop()
        try outcome.get()
    }
}
