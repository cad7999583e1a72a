import HTTP
import Postgres
import Runtime

/// Fields of receivers that several shapes share.
private enum WebhookSchema {
    static let url = Schema.string(1...2_048)
    static let description = Schema.string(0...200)
    static let eventType = Schema.string(
        3...60,
        pattern: Pattern("^[a-z_]+\\.[a-z_]+$") { text in
            let parts = text.split(separator: 0x2E, omittingEmptySubsequences: false)
            return parts.count == 2 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F } }
        })
    static let eventTypes = Schema.array(of: eventType, 0...50)
    static let settable: [WebhookEndpoint.State] = [.active, .paused]
}

struct WebhookEndpointBody: Codable, Sendable, APIType {
    let url: String
    let organizationId: ID<Organization>?
    let description: String?
    let eventTypes: [String]?

    static let schema = Schema.object(
        "WebhookEndpointBody", "A receiver to be",
        [
            .required("url", WebhookSchema.url, "https, in the public internet; redirects are not followed"),
            .optional("organizationId", .id, "Gets the events of this subtree; absent gets all"),
            .optional("description", WebhookSchema.description, "For people"),
            .optional("eventTypes", WebhookSchema.eventTypes, "Only these; absent or empty is all but message.requested"),
        ])
}

struct WebhookEndpointChangeBody: Codable, Sendable, APIType {
    let url: String?
    let description: String?
    let eventTypes: [String]?
    let state: WebhookEndpoint.State?

    static let schema = Schema.object(
        "WebhookEndpointChange", "What changes; what is absent stays",
        [
            .optional("url", WebhookSchema.url), .optional("description", WebhookSchema.description),
            .optional("eventTypes", WebhookSchema.eventTypes),
            .optional("state", .oneOf(WebhookSchema.settable.map(\.rawValue)), "paused: deliveries wait; active: also out of disabled"),
        ])
}

struct WebhookEndpointAnswer: Codable, Sendable, APIType {
    let id: ID<WebhookEndpoint>
    let url: String
    let organizationId: ID<Organization>?
    let description: String
    let eventTypes: [String]
    let state: WebhookEndpoint.State
    let disabledReason: String?
    let previousSecretUntil: String?
    let createdAt: String
    let updatedAt: String

    init(_ endpoint: WebhookEndpoint) {
        id = endpoint.id
        url = endpoint.url
        organizationId = endpoint.organizationID
        description = endpoint.description
        eventTypes = endpoint.eventTypes
        state = endpoint.state
        disabledReason = endpoint.disabledReason
        previousSecretUntil = endpoint.previousSecretUntil?.description
        createdAt = endpoint.createdAt.description
        updatedAt = endpoint.updatedAt.description
    }

    static let schema = Schema.object(
        "WebhookEndpoint", "A receiver of webhooks",
        [
            .required("id", .id), .required("url", WebhookSchema.url), .optional("organizationId", .id),
            .required("description", WebhookSchema.description), .required("eventTypes", WebhookSchema.eventTypes),
            .required("state", .oneOf(WebhookEndpoint.State.allCases.map(\.rawValue))),
            .optional("disabledReason", .string(1...100), "gone: it answered 410"),
            .optional("previousSecretUntil", .dateTime, "Until then the secret of before signs too"),
            .required("createdAt", .dateTime), .required("updatedAt", .dateTime),
        ])
}

struct WebhookEndpointList: Codable, Sendable, APIType {
    let items: [WebhookEndpointAnswer]
    let next: String?

    static let schema = Schema.object(
        "WebhookEndpointList", "A page of receivers",
        [.required("items", .array(of: WebhookEndpointAnswer.schema, 0...200)), PageCursor.next])
}

struct WebhookSecretAnswer: Codable, Sendable, APIType {
    let endpoint: WebhookEndpointAnswer
    let secret: String

    static let schema = Schema.object(
        "WebhookSecret", "A receiver and its secret",
        [.required("endpoint", WebhookEndpointAnswer.schema), .required("secret", .string(50...50), "whsec_…, shown this once")])
}

struct WebhookRotationBody: Codable, Sendable, APIType {
    let overlapSeconds: Int?

    static let schema = Schema.object(
        "WebhookRotation", "How a secret ends",
        [.optional("overlapSeconds", .integer(0...604_800), "The secret of before signs too for so long; a day by default")])
}

struct WebhookReplayBody: Codable, Sendable, APIType {
    let fromEventId: ID<WebhookDelivery>

    static let schema = Schema.object(
        "WebhookReplay", "Where to start again", [.required("fromEventId", .id, "The first event to be delivered again")])
}

struct WebhookReplayAnswer: Codable, Sendable, APIType {
    let deliveries: Int

    static let schema = Schema.object(
        "WebhookReplayed", "What was started", [.required("deliveries", .integer(0...Int64.max), "Events to be delivered again")])
}

struct WebhookStartedAnswer: Codable, Sendable, APIType {
    let deliveryId: ID<WebhookDelivery>

    static let schema = Schema.object(
        "WebhookStarted", "A delivery was started", [.required("deliveryId", .id, "To be found in the log of deliveries")])
}

struct WebhookDeliveryAnswer: Codable, Sendable, APIType {
    let id: ID<WebhookDelivery>
    let eventId: Int64
    let eventType: String?
    let subject: String
    let state: WebhookDelivery.State
    let attempts: Int
    let dueAt: String?
    let lastStatus: Int?
    let lastError: String?
    let lastAnswer: String?
    let lastAttemptAt: String?
    let createdAt: String

    init(_ delivery: WebhookDelivery) {
        id = delivery.id
        eventId = delivery.eventID
        eventType = delivery.eventType
        subject = delivery.subject
        state = delivery.state
        attempts = delivery.attempts
        dueAt = delivery.state == .waiting ? delivery.dueAt.description : nil
        lastStatus = delivery.lastStatus
        lastError = delivery.lastError
        lastAnswer = delivery.lastAnswer
        lastAttemptAt = delivery.lastAttemptAt?.description
        createdAt = delivery.createdAt.description
    }

    private static let word = Schema.string(0...4_096)

    static let schema = Schema.object(
        "WebhookDelivery", "One event for one receiver",
        [
            .required("id", .id), .required("eventId", .id), .optional("eventType", word, "Absent once the event was swept"),
            .required("subject", word, "Events of one subject arrive in their order"),
            .required("state", .oneOf(WebhookDelivery.State.allCases.map(\.rawValue))), .required("attempts", .integer(0...1_000)),
            .optional("dueAt", .dateTime, "When it is tried next"), .optional("lastStatus", .integer(100...599)),
            .optional("lastError", word, "Why no answer came"), .optional("lastAnswer", word, "The answer's beginning"),
            .optional("lastAttemptAt", .dateTime), .required("createdAt", .dateTime),
        ])
}

struct WebhookDeliveryList: Codable, Sendable, APIType {
    let items: [WebhookDeliveryAnswer]
    let next: String?

    static let schema = Schema.object(
        "WebhookDeliveryList", "A page of deliveries",
        [.required("items", .array(of: WebhookDeliveryAnswer.schema, 0...200)), PageCursor.next])
}
