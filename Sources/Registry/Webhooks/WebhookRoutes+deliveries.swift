import HTTP
import Runtime

/// The log of deliveries, and what is started by hand.
extension WebhookRoutes {
    var deliveryRoutes: [Route] { [test, list, replay, resend] }

    private var test: Route {
        Route(
            .post, "/v1/webhook-endpoints/{id}/test", summary: "Sends a receiver an event of the type webhook.test", tag: "Webhooks",
            access: .permission(RegistryPermission.webhooksWrite), parameters: [Self.id, IdempotencyStore.parameter],
            responses: [.json(202, WebhookStartedAnswer.self, "It is on its way")], problems: Self.problems
        ) { request in
            try await idempotency.once(request) { transaction in
                let endpoint = try await found(request, RegistryPermission.webhooksWrite, in: transaction)
                let delivery = try await deliveries.test(endpoint.id, in: transaction)
                try await record("webhook_endpoint.tested", endpoint, [:], request, in: transaction)
                return .json(WebhookStartedAnswer(deliveryId: delivery), status: 202)
            }
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/webhook-endpoints/{id}/deliveries", summary: "Lists what a receiver was and is to be sent, the newest first",
            tag: "Webhooks", access: .permission(RegistryPermission.webhooksRead),
            parameters: [Self.id] + PageCursor.parameters + [
                .query("state", .oneOf(WebhookDelivery.State.allCases.map(\.rawValue)), "Only these; dead is the dead letters")
            ],
            responses: [.json(200, WebhookDeliveryList.self, "A page")],
            problems: [WebhookProblem.endpointNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let endpoint = try await found(request, RegistryPermission.webhooksRead)
            let (before, limit) = PageCursor.read(request, of: WebhookDelivery.self)
            let state = request.optionalParameter("state", as: String.self).flatMap(WebhookDelivery.State.init(rawValue:))
            let found = try await deliveries.list(of: endpoint.id, state: state, before: before, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(WebhookDeliveryList(items: items.map(WebhookDeliveryAnswer.init), next: next))
        }
    }

    private var replay: Route {
        Route(
            .post, "/v1/webhook-endpoints/{id}/replay", summary: "Delivers all events again, from one on", tag: "Webhooks",
            access: .permission(RegistryPermission.webhooksWrite), parameters: [Self.id, IdempotencyStore.parameter],
            body: .json(WebhookReplayBody.self, limitBytes: 1_024),
            responses: [.json(202, WebhookReplayAnswer.self, "They are on their way")], problems: Self.problems
        ) { request in
            let first = try request.json(WebhookReplayBody.self).fromEventId.rawValue
            return try await idempotency.once(request) { transaction in
                let endpoint = try await found(request, RegistryPermission.webhooksWrite, in: transaction)
                let count = try await deliveries.replay(to: endpoint.id, from: first, in: transaction)
                try await record(
                    "webhook_endpoint.replayed", endpoint, ["fromEventId": "\(first)", "deliveries": "\(count)"], request, in: transaction)
                return .json(WebhookReplayAnswer(deliveries: count), status: 202)
            }
        }
    }

    private var resend: Route {
        Route(
            .post, "/v1/webhook-endpoints/{id}/deliveries/{deliveryId}/resend", summary: "Delivers the event of an ended delivery again",
            tag: "Webhooks", access: .permission(RegistryPermission.webhooksWrite),
            parameters: [Self.id, .path("deliveryId", .id, "The delivery"), IdempotencyStore.parameter],
            responses: [.json(202, WebhookStartedAnswer.self, "It is on its way")],
            problems: [WebhookProblem.deliveryNotFound] + Self.problems
        ) { request in
            let old = request.parameter("deliveryId", as: ID<WebhookDelivery>.self)
            return try await idempotency.once(request) { transaction in
                let endpoint = try await found(request, RegistryPermission.webhooksWrite, in: transaction)
                guard let delivery = try await deliveries.resend(old, to: endpoint.id, in: transaction) else {
                    throw Problem(WebhookProblem.deliveryNotFound)
                }
                try await record("webhook_endpoint.resent", endpoint, ["delivery": "\(old)"], request, in: transaction)
                return .json(WebhookStartedAnswer(deliveryId: delivery), status: 202)
            }
        }
    }
}
