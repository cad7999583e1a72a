import HTTP
import Postgres
import Runtime

/// Receivers of webhooks, over HTTP.
struct WebhookRoutes: Sendable {
    let endpoints: WebhookEndpointStore
    let deliveries: WebhookDeliveryStore
    let idempotency: IdempotencyStore
    let audit: AuditStore
    let allowsPrivate: Bool

    var all: [Route] { [create, list, read, change, delete, rotateSecret] + deliveryRoutes }

    static let id = Parameter.path("id", .id, "The receiver")
    static let problems = [WebhookProblem.endpointNotFound] + IdempotencyStore.problems

    private var create: Route {
        Route(
            .post, "/v1/webhook-endpoints", summary: "Adds a receiver of webhooks", tag: "Webhooks",
            access: .permission(RegistryPermission.webhooksWrite), parameters: [IdempotencyStore.parameter],
            body: .json(WebhookEndpointBody.self, limitBytes: 16_384),
            responses: [.json(201, WebhookSecretAnswer.self, "The receiver and its secret, shown this once")],
            problems: [WebhookProblem.invalid] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(WebhookEndpointBody.self)
            try check(body.url)
            let subject = request.principal?.subject ?? "anyone"
            return try await idempotency.once(request) { transaction in
                let scope = request.scope(of: RegistryPermission.webhooksWrite)
                guard let (endpoint, secret) = try await endpoints.create(body, scope: scope, by: subject, in: transaction) else {
                    throw Problem(WebhookProblem.invalid, violations: [WebhookProblem.organizationUnknown])
                }
                try await record("webhook_endpoint.created", endpoint, [:], request, in: transaction)
                return Response.json(WebhookSecretAnswer(endpoint: WebhookEndpointAnswer(endpoint), secret: secret), status: 201)
                    .with("Location", "/v1/webhook-endpoints/\(endpoint.id)").with("ETag", endpoint.entityTag)
                    .with("Cache-Control", "no-store")
            }
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/webhook-endpoints", summary: "Lists receivers of webhooks in the order of their numbers", tag: "Webhooks",
            access: .permission(RegistryPermission.webhooksRead), parameters: PageCursor.parameters,
            responses: [.json(200, WebhookEndpointList.self, "A page")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (after, limit) = PageCursor.read(request, of: WebhookEndpoint.self)
            let scope = request.scope(of: RegistryPermission.webhooksRead)
            let found = try await endpoints.list(scope: scope, after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(WebhookEndpointList(items: items.map(WebhookEndpointAnswer.init), next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/webhook-endpoints/{id}", summary: "One receiver", tag: "Webhooks",
            access: .permission(RegistryPermission.webhooksRead), parameters: [Self.id],
            responses: [.json(200, WebhookEndpointAnswer.self, "The receiver; its ETag names the version")],
            problems: [WebhookProblem.endpointNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            Self.answer(try await found(request, RegistryPermission.webhooksRead))
        }
    }

    private var change: Route {
        Route(
            .patch, "/v1/webhook-endpoints/{id}", summary: "Changes, pauses or activates a receiver", tag: "Webhooks",
            access: .permission(RegistryPermission.webhooksWrite), parameters: [Self.id, EntityTag.ifMatch],
            body: .json(WebhookEndpointChangeBody.self, limitBytes: 16_384),
            responses: [.json(200, WebhookEndpointAnswer.self, "The receiver")],
            problems: [WebhookProblem.invalid, WebhookProblem.changed] + Self.problems
        ) { request in
            let body = try request.json(WebhookEndpointChangeBody.self)
            if let url = body.url { try check(url) }
            return try await idempotency.once(request) { transaction in
                let scope = request.scope(of: RegistryPermission.webhooksWrite)
                let id = try await held(request, in: transaction).id
                guard let endpoint = try await endpoints.change(id, body, scope: scope, in: transaction) else {
                    throw Problem(WebhookProblem.endpointNotFound)
                }
                try await record("webhook_endpoint.changed", endpoint, ["state": endpoint.state.rawValue], request, in: transaction)
                return Self.answer(endpoint)
            }
        }
    }

    private var delete: Route {
        Route(
            .delete, "/v1/webhook-endpoints/{id}", summary: "Ends a receiver; what waits for it is dropped", tag: "Webhooks",
            access: .permission(RegistryPermission.webhooksWrite), parameters: [Self.id, EntityTag.ifMatch],
            responses: [.empty(204, "It is gone")], problems: [WebhookProblem.changed] + Self.problems
        ) { request in
            try await idempotency.once(request) { transaction in
                let endpoint = try await held(request, in: transaction)
                guard try await endpoints.delete(endpoint.id, scope: .everything, in: transaction) else {
                    throw Problem(WebhookProblem.endpointNotFound)
                }
                try await record("webhook_endpoint.deleted", endpoint, [:], request, in: transaction)
                return .empty(204)
            }
        }
    }

    private var rotateSecret: Route {
        Route(
            .post, "/v1/webhook-endpoints/{id}/rotate-secret",
            summary: "Gives a receiver a new secret; the one of before signs on for a while",
            tag: "Webhooks", access: .permission(RegistryPermission.webhooksWrite),
            parameters: [Self.id, EntityTag.ifMatch, IdempotencyStore.parameter], body: .json(WebhookRotationBody.self, limitBytes: 1_024),
            responses: [.json(200, WebhookSecretAnswer.self, "The receiver and its new secret, shown this once")],
            problems: [WebhookProblem.changed] + Self.problems
        ) { request in
            let overlap = try request.json(WebhookRotationBody.self).overlapSeconds ?? 86_400
            return try await idempotency.once(request) { transaction in
                let scope = request.scope(of: RegistryPermission.webhooksWrite)
                let id = try await held(request, in: transaction).id
                guard let (endpoint, secret) = try await endpoints.rotateSecret(id, overlapSeconds: overlap, scope: scope, in: transaction)
                else { throw Problem(WebhookProblem.endpointNotFound) }
                try await record("webhook_endpoint.secret_rotated", endpoint, [:], request, in: transaction)
                return Response.json(WebhookSecretAnswer(endpoint: WebhookEndpointAnswer(endpoint), secret: secret))
                    .with("ETag", endpoint.entityTag).with("Cache-Control", "no-store")
            }
        }
    }

    private static func answer(_ endpoint: WebhookEndpoint) -> Response {
        Response.json(WebhookEndpointAnswer(endpoint)).with("ETag", endpoint.entityTag)
    }

    /// The receiver to be changed, locked, as the request read it.
    private func held(_ request: Request, in transaction: any Querying) async throws -> WebhookEndpoint {
        let endpoint = try await found(request, RegistryPermission.webhooksWrite, locks: true, in: transaction)
        if let version = request.versionToChange, version != endpoint.version { throw Problem(WebhookProblem.changed) }
        return endpoint
    }

    private func check(_ url: String) throws(Problem) {
        if WebhookEndpoint.Target(url, allowsPrivate: allowsPrivate) == nil {
            throw Problem(WebhookProblem.invalid, violations: [WebhookProblem.urlRefused])
        }
    }

    func found(
        _ request: Request, _ permission: Permission, locks: Bool = false, in querying: (any Querying)? = nil
    ) async throws -> WebhookEndpoint {
        let scope = request.scope(of: permission)
        guard let endpoint = try await endpoints.find(request.parameter("id"), scope: scope, locks: locks, in: querying) else {
            throw Problem(WebhookProblem.endpointNotFound)
        }
        return endpoint
    }

    func record(
        _ action: String, _ endpoint: WebhookEndpoint, _ details: [String: String], _ request: Request, in querying: any Querying
    ) async throws(PostgresError) {
        try await audit.record(
            action, subject: "webhook_endpoint:\(endpoint.id)", organization: endpoint.organizationID, details: details, request,
            in: querying)
    }
}
