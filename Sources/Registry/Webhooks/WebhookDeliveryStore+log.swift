import Postgres
import Runtime

/// What people see of deliveries and start by hand.
extension WebhookDeliveryStore {
    private static let columns = """
        delivery.delivery_id, delivery.endpoint_id, delivery.event_id, event.type, delivery.subject, delivery.state, delivery.attempts,
        delivery.due_at, delivery.last_status, delivery.last_error, delivery.last_answer, delivery.last_attempt_at, delivery.created_at
        """

    /// Deliveries of a receiver, the newest first, older than `before`.
    func list(
        of endpointID: ID<WebhookEndpoint>, state: WebhookDelivery.State?, before: ID<WebhookDelivery>?, limit: Int
    ) async throws(PostgresError) -> [WebhookDelivery] {
        let rows = try await database.query(
            """
            select \(raw: Self.columns)
            from webhook_delivery delivery
            left join outbox_event event on event.event_id = delivery.event_id
            where delivery.endpoint_id = \(endpointID)
                and delivery.delivery_id < \(before ?? ID(.max))
                and delivery.state = coalesce(\(state?.rawValue), delivery.state)
            order by delivery.delivery_id desc
            limit \(limit)
            """)
        var deliveries: [WebhookDelivery] = []
        for row in rows { deliveries.append(try Self.delivery(row)) }
        return deliveries
    }

    /// An event for this receiver alone, to see whether it arrives.
    func test(_ endpointID: ID<WebhookEndpoint>, in querying: any Querying) async throws(PostgresError) -> ID<WebhookDelivery> {
        let rows = try await querying.query(
            """
            with event as (
                insert into outbox_event (type, subject, data, enqueued_at)
                values ('webhook.test', \("webhook_endpoint:\(endpointID)"), \("{\"endpointId\":\(endpointID)}"), clock_timestamp())
                returning event_id, subject
            )
            insert into webhook_delivery (endpoint_id, event_id, subject)
            select \(endpointID), event_id, subject from event
            returning delivery_id
            """)
        guard let row = rows.first else { throw .decoding("the new delivery was expected") }
        return try row.decode(0)
    }

    /// Delivers all events again that the receiver wants, from `firstEventID` on, in their order; sealed messages are gone for good.
    /// - Returns: how many.
    func replay(
        to endpointID: ID<WebhookEndpoint>, from firstEventID: Int64, in querying: any Querying
    ) async throws(PostgresError) -> Int {
        try await querying.query(
            """
            insert into webhook_delivery (endpoint_id, event_id, subject)
            select endpoint.endpoint_id, event.event_id, event.subject
            from webhook_endpoint endpoint
            join outbox_event event on event.event_id >= \(firstEventID) and event.enqueued_at is not null and event.data is not null
            where endpoint.endpoint_id = \(endpointID)
                and event.type <> 'webhook.test'
                and (cardinality(endpoint.event_types) = 0 or event.type = any(endpoint.event_types))
                and (
                    endpoint.organization_id is null
                    or exists (
                        select from organization_ancestor scope
                        where scope.organization_id = event.organization_id and scope.ancestor_id = endpoint.organization_id
                    )
                )
            order by event.transaction_id, event.event_id
            """
        ).affectedRows
    }

    /// Delivers the event of an ended delivery once more.
    /// - Returns: nil when there is no such delivery of this receiver, it waits, or its event is gone.
    func resend(
        _ id: ID<WebhookDelivery>, to endpointID: ID<WebhookEndpoint>, in querying: any Querying
    ) async throws(PostgresError) -> ID<WebhookDelivery>? {
        let rows = try await querying.query(
            """
            insert into webhook_delivery (endpoint_id, event_id, subject)
            select delivery.endpoint_id, delivery.event_id, delivery.subject
            from webhook_delivery delivery
            join outbox_event event on event.event_id = delivery.event_id and event.data is not null
            where delivery.delivery_id = \(id) and delivery.endpoint_id = \(endpointID) and delivery.state <> 'waiting'
            returning delivery_id
            """)
        return try rows.first.map { row throws(PostgresError) in try row.decode(0) }
    }

    private static func delivery(_ row: Row) throws(PostgresError) -> WebhookDelivery {
        guard let state = WebhookDelivery.State(rawValue: try row.decode(5)) else { throw .decoding("an unknown state of a delivery") }
        return WebhookDelivery(
            id: try row.decode(0), endpointID: try row.decode(1), eventID: try row.decode(2), eventType: try row.decode(3),
            subject: try row.decode(4), state: state, attempts: try row.decode(6), dueAt: try row.decode(7), lastStatus: try row.decode(8),
            lastError: try row.decode(9), lastAnswer: try row.decode(10), lastAttemptAt: try row.decode(11), createdAt: try row.decode(12))
    }
}
