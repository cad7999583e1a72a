package import Postgres
package import Runtime

/// One event for one receiver.
package struct WebhookDelivery: Sendable {
    package enum State: String, Sendable, CaseIterable, Codable {
        case waiting, delivered
        /// The last try failed too; it can be sent again by hand.
        case dead
        /// Nobody wants it any more: it expired, or the receiver is gone.
        case dropped
    }

    package let id: ID<WebhookDelivery>
    package let endpointID: ID<WebhookEndpoint>
    package let eventID: Int64
    /// Nil once the event was swept.
    package let eventType: String?
    package let subject: String
    package let state: State
    package let attempts: Int
    package let dueAt: Timestamp
    package let lastStatus: Int?
    package let lastError: String?
    package let lastAnswer: String?
    package let lastAttemptAt: Timestamp?
    package let createdAt: Timestamp
}

/// A delivery whose turn it is, with all that sending takes.
struct WebhookTask: Sendable {
    let id: ID<WebhookDelivery>
    let endpointID: ID<WebhookEndpoint>
    let url: String
    /// The one in force first.
    let secrets: [WebhookSecret]
    let webhookID: String
    /// Of one subject, nothing is sent after what failed.
    let subject: String
    let body: [UInt8]
    /// So many tries failed before.
    let attempts: Int
    /// Failures in a row to reach the receiver.
    let endpointFailures: Int
    let expires: Bool
    /// Whether the body holds personal data, so that nothing of the answer may be kept.
    let isSealed: Bool
}

/// What came of sending.
struct WebhookOutcome: Sendable {
    enum Result: Sendable, Equatable {
        case delivered
        case again(Duration)
        case dead
        /// 410: the receiver wants nothing any more.
        case gone
        /// Not tried: what must go before it failed.
        case untried
    }

    let task: WebhookTask
    let result: Result
    var status: Int?
    var error: String?
    var answer: String?
    /// How long the receiver is left alone, where it could not be reached.
    var rest: Duration?
}
