import Crypto
import HTTP
import Postgres
import Runtime

/// Deliveries: made from events, given to senders, ended. Every statement about them.
package struct WebhookDeliveryStore: Sendable {
    let database: Database
    let sealer: Sealer

    static let leaseSeconds = 60

    /// Makes the deliveries of events that nobody looked at yet.
    /// - Returns: how many events were looked at.
    func enqueue(eventCount: Int) async throws(PostgresError) -> Int {
        let rows = try await database.query("select webhooks_enqueue(\(Int32(eventCount)))")
        guard let row = rows.first else { throw .decoding("a count was expected") }
        return try row.decode(0)
    }

    /// Deliveries that are due, the caller's for a minute, to be sent in this order: of a receiver and subject never one without those
    /// before it.
    func lease(count: Int, perEndpoint: Int) async throws(PostgresError) -> [WebhookTask] {
        let leased = try await database.query(
            "select delivery_id from webhooks_lease(\(Int32(count)), \(Int32(perEndpoint)), \(Int32(Self.leaseSeconds)))")
        var ids: [ID<WebhookDelivery>] = []
        for row in leased { ids.append(try row.decode(0)) }
        if ids.isEmpty { return [] }
        let rows = try await database.query(
            """
            select delivery.delivery_id, delivery.endpoint_id, endpoint.url, endpoint.secret_sealed,
                case when endpoint.previous_secret_until > clock_timestamp() then endpoint.previous_secret_sealed end,
                event.event_id, event.event_uuid::text, event.type, event.subject, event.occurred_at, event.data, event.data_sealed,
                event.expires_at is not null, delivery.attempts, endpoint.failures
            from webhook_delivery delivery
            join webhook_endpoint endpoint on endpoint.endpoint_id = delivery.endpoint_id
            join outbox_event event on event.event_id = delivery.event_id
            where delivery.delivery_id = any(\(ids))
                and (event.data is not null or event.data_sealed is not null)
                and (event.expires_at is null or event.expires_at > clock_timestamp())
            order by delivery.delivery_id
            """)
        var tasks: [WebhookTask] = []
        for row in rows { if let task = try task(row) { tasks.append(task) } }
        // Wiped, expired or swept meanwhile, or sealed under a key that is gone: nothing to send.
        try await drop(Set(ids).subtracting(tasks.map(\.id)).sorted())
        return tasks
    }

    private func task(_ row: Row) throws(PostgresError) -> WebhookTask? {
        let endpointID: ID<WebhookEndpoint> = try row.decode(1)
        let eventID: Int64 = try row.decode(5)
        let open: String = try row.decode(10, as: String?.self) ?? "{}"
        let sealed: [UInt8]? = try row.decode(11)
        var sealedSecrets = [try row.decode(3, as: [UInt8].self)]
        if let previous = try row.decode(4, as: [UInt8]?.self) { sealedSecrets.append(previous) }
        let secrets: [WebhookSecret]
        let data: String
        do throws(CryptoError) {
            secrets = try sealedSecrets.map { bytes throws(CryptoError) in
                WebhookSecret(bytes: try sealer.open(bytes, in: WebhookEndpointStore.secretColumn, row: endpointID.rawValue))
            }
            if let sealed {
                data = String(decoding: try sealer.open(sealed, in: OutboxStore.dataColumn, row: eventID), as: UTF8.self)
            } else {
                data = open
            }
        } catch {
            return nil
        }
        return WebhookTask(
            id: try row.decode(0), endpointID: endpointID, url: try row.decode(2), secrets: secrets, webhookID: try row.decode(6),
            subject: try row.decode(8),
            body: Self.body(
                type: try row.decode(7), subject: try row.decode(8), occurredAt: try row.decode(9, as: Timestamp.self), data: data),
            attempts: try row.decode(13), endpointFailures: try row.decode(14), expires: try row.decode(12), isSealed: sealed != nil)
    }

    /// Types and subjects are the program's own words, without a quote or a backslash.
    private static func body(type: String, subject: String, occurredAt: Timestamp, data: String) -> [UInt8] {
        Array("{\"type\":\"\(type)\",\"timestamp\":\"\(occurredAt)\",\"subject\":\"\(subject)\",\"data\":\(data)}".utf8)
    }

    private func drop(_ ids: [ID<WebhookDelivery>]) async throws(PostgresError) {
        if ids.isEmpty { return }
        _ = try await database.query(
            """
            update webhook_delivery
            set state = 'dropped', ended_at = clock_timestamp(), leased_until = null, last_error = 'expired'
            where delivery_id = any(\(ids)) and state = 'waiting'
            """)
    }

    /// Writes down what came of sending. A delivery that ended meanwhile stays as it is.
    func finish(_ outcomes: [WebhookOutcome]) async throws(PostgresError) {
        let ids = outcomes.map(\.task.id)
        if ids.isEmpty { return }
        let states = outcomes.map { outcome in
            switch outcome.result {
            case .delivered: "delivered"
            case .again, .untried: "waiting"
            case .dead, .gone: "dead"
            }
        }
        let waits = outcomes.map { outcome -> Int64 in
            if case .again(let delay) = outcome.result { delay.milliseconds } else { 0 }
        }
        _ = try await database.query(
            """
            update webhook_delivery delivery
            set
                state = outcome.state,
                attempts = attempts + case when outcome.is_tried then 1 else 0 end,
                due_at = clock_timestamp() + outcome.wait_milliseconds * interval '1 millisecond',
                leased_until = null,
                ended_at = case when outcome.state <> 'waiting' then clock_timestamp() end,
                last_status = case when outcome.is_tried then outcome.status else last_status end,
                last_error = case when outcome.is_tried then outcome.error else last_error end,
                last_answer = case when outcome.is_tried then outcome.answer else last_answer end,
                last_attempt_at = case when outcome.is_tried then clock_timestamp() else last_attempt_at end
            from unnest(
                \(ids), \(states), \(waits), \(outcomes.map { $0.result != .untried }), \(outcomes.map { $0.status.map(Int32.init) }),
                \(outcomes.map(\.error)), \(outcomes.map(\.answer))
            ) as outcome (delivery_id, state, wait_milliseconds, is_tried, status, error, answer)
            where delivery.delivery_id = outcome.delivery_id and delivery.state = 'waiting'
            """)
        try await noteReceivers(outcomes)
        try await wipe()
    }

    private func noteReceivers(_ outcomes: [WebhookOutcome]) async throws(PostgresError) {
        let gone = Set(outcomes.filter { $0.result == .gone }.map(\.task.endpointID)).sorted()
        if !gone.isEmpty {
            _ = try await database.query(
                """
                with gone as (
                    update webhook_endpoint set state = 'disabled', disabled_reason = 'gone', version = version + 1,
                        updated_at = clock_timestamp()
                    where endpoint_id = any(\(gone)) and state <> 'disabled'
                )
                update webhook_delivery set state = 'dropped', ended_at = clock_timestamp(), last_error = 'the receiver is gone'
                where endpoint_id = any(\(gone)) and state = 'waiting'
                """)
        }
        for outcome in outcomes where outcome.rest != nil || (outcome.status != nil && outcome.task.endpointFailures > 0) {
            _ = try await database.query(
                """
                update webhook_endpoint
                set
                    failures = case when \(outcome.rest == nil) then 0 else failures + 1 end,
                    resume_at = clock_timestamp() + \(outcome.rest?.milliseconds ?? 0) * interval '1 millisecond'
                where endpoint_id = \(outcome.task.endpointID)
                """)
        }
    }

    /// Removes the content of sealed events that no receiver waits for any more, or that expired.
    func wipe() async throws(PostgresError) {
        _ = try await database.query(
            """
            update outbox_event event set data_sealed = null
            where event.data_sealed is not null
                and event.enqueued_at is not null
                and (
                    event.expires_at <= clock_timestamp()
                    or (
                        exists (select from webhook_delivery delivery where delivery.event_id = event.event_id)
                        and not exists (
                            select from webhook_delivery delivery where delivery.event_id = event.event_id and delivery.state = 'waiting'
                        )
                    )
                )
            """)
    }

    /// Removes events and deliveries that are old and ended.
    /// - Returns: whether there is more to remove.
    func sweep(eventDays: Int, deliveryDays: Int, rows: Int) async throws(PostgresError) -> Bool {
        let deliveries = try await database.query(
            """
            delete from webhook_delivery
            where delivery_id in (
                select delivery_id from webhook_delivery
                where state <> 'waiting' and ended_at < clock_timestamp() - \(deliveryDays) * interval '1 day'
                order by delivery_id limit \(rows)
            )
            """)
        let events = try await database.query(
            """
            delete from outbox_event
            where event_id in (
                select event_id from outbox_event event
                where event.occurred_at < clock_timestamp() - \(eventDays) * interval '1 day'
                    and event.enqueued_at is not null
                    and not exists (
                        select from webhook_delivery delivery where delivery.event_id = event.event_id and delivery.state = 'waiting'
                    )
                order by event.occurred_at limit \(rows)
            )
            """)
        return deliveries.affectedRows == rows || events.affectedRows == rows
    }
}
