package import Crypto
package import HTTP
package import Postgres
package import Runtime
package import Scheduler
import Synchronization

/// Webhooks: receivers, and the jobs that bring them every event of the outbox at least once, those of one subject in their order.
package struct Webhooks: Sendable {
    let endpoints: WebhookEndpointStore
    let deliveries: WebhookDeliveryStore
    package let routes: [Route]
    var sender: WebhookSender
    /// In one run; a receiver's share keeps a slow one from taking all.
    var leaseMax = 128
    var leasePerEndpoint = 32

    private static let eventsInRun = 1_000
    private static let eventDays = 30
    private static let deliveryDays = 90

    package init(
        database: Database, keys: Keys, idempotency: IdempotencyStore, audit: AuditStore, clock: Clock, settings: RegistrySettings
    ) {
        let sealer = Sealer(keys)
        endpoints = WebhookEndpointStore(database: database, sealer: sealer)
        deliveries = WebhookDeliveryStore(database: database, sealer: sealer)
        sender = WebhookSender(allowsPrivate: settings.webhooksAllowPrivate, retry: .standard, clock: clock)
        routes =
            WebhookRoutes(
                endpoints: endpoints, deliveries: deliveries, idempotency: idempotency, audit: audit,
                allowsPrivate: settings.webhooksAllowPrivate
            ).all
    }

    package var jobs: [Job] {
        [
            Job("webhooks.enqueue", every: .milliseconds(500)) { () async throws -> JobResult in try await enqueue() },
            Job("webhooks.deliver", every: .milliseconds(500)) { () async throws -> JobResult in try await deliver() },
            Job("webhooks.sweep", every: .seconds(60)) { () async throws -> JobResult in try await sweep() },
        ]
    }

    func enqueue() async throws -> JobResult {
        try await deliveries.enqueue(eventCount: Self.eventsInRun) == Self.eventsInRun ? .more : .idle
    }

    /// One run: what is due is sent, each receiver's on a thread of its own, and what came of it is written down receiver by receiver.
    func deliver() async throws -> JobResult {
        let tasks = try await deliveries.lease(count: leaseMax, perEndpoint: leasePerEndpoint)
        if tasks.isEmpty { return .idle }
        let byEndpoint = Dictionary(grouping: tasks, by: \.endpointID)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for tasks in byEndpoint.values {
                group.addTask {
                    // A server that stops waits for the one under way, not for all.
                    let stop = StopMark()
                    let outcomes = try await withTaskCancellationHandler {
                        try await onThread(name: "webhook") { [sender] in sender.send(tasks, stopped: { stop.isSet }) }.get()
                    } onCancel: {
                        stop.set()
                    }
                    try await deliveries.finish(outcomes)
                }
            }
            try await group.waitForAll()
        }
        return .more
    }

    func sweep() async throws -> JobResult {
        try await deliveries.wipe()
        return try await deliveries.sweep(eventDays: Self.eventDays, deliveryDays: Self.deliveryDays, rows: 1_000) ? .more : .idle
    }
}

/// Set once, seen from another thread.
private final class StopMark: Sendable {
    private let mark = Atomic(false)

    var isSet: Bool { mark.load(ordering: .relaxed) }
    func set() { mark.store(true, ordering: .relaxed) }
}
