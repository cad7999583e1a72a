import Crypto
import Postgres
import Runtime

/// Receivers of webhooks: every statement about them.
package struct WebhookEndpointStore: Sendable {
    let database: Database
    let sealer: Sealer

    static let secretColumn = SealedColumn(table: "webhook_endpoint", column: "secret")
    private static let columns = """
        endpoint.endpoint_id, endpoint.organization_id, endpoint.url, endpoint.description, endpoint.event_types, endpoint.state,
        endpoint.disabled_reason, endpoint.previous_secret_until, endpoint.created_at, endpoint.updated_at,
        endpoint.version
        """

    /// - Returns: the receiver and its secret, which is shown this once; nil where the organization is unknown or out of scope.
    func create(
        _ body: WebhookEndpointBody, scope: Scope, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> (endpoint: WebhookEndpoint, secret: String)? {
        let drawn = try await querying.query("select nextval(pg_get_serial_sequence('webhook_endpoint', 'endpoint_id'))")
        guard let row = drawn.first else { throw .decoding("a number was expected") }
        let id: ID<WebhookEndpoint> = try row.decode(0)
        let secret = WebhookSecret.random()
        let made = try await querying.query(
            """
            insert into webhook_endpoint as endpoint (
                endpoint_id, organization_id, url, description, event_types, state, secret_sealed, created_by)
            overriding system value
            select \(id), wanted.organization_id, \(body.url), \(body.description ?? ""), \(body.eventTypes ?? []), 'active',
                \(sealer.seal(secret.bytes, in: Self.secretColumn, row: id.rawValue)), \(subject)
            from (select \(body.organizationId)::bigint as organization_id) wanted
            where \(fragment: scope.condition("wanted.organization_id"))
                and (wanted.organization_id is null
                    or exists (select from organization where organization.organization_id = wanted.organization_id))
            returning \(raw: Self.columns)
            """)
        guard let row = made.first else { return nil }
        return (try Self.endpoint(row), secret.text)
    }

    /// Receivers of the scope, from the one after `after` on.
    func list(scope: Scope, after: ID<WebhookEndpoint>?, limit: Int) async throws(PostgresError) -> [WebhookEndpoint] {
        let rows = try await database.query(
            """
            select \(raw: Self.columns) from webhook_endpoint endpoint
            where endpoint.deleted_at is null and endpoint.endpoint_id > \(after ?? ID(0))
                and \(fragment: scope.condition("endpoint.organization_id"))
            order by endpoint.endpoint_id limit \(limit)
            """)
        var endpoints: [WebhookEndpoint] = []
        for row in rows { endpoints.append(try Self.endpoint(row)) }
        return endpoints
    }

    /// - Parameter locks: until the transaction ends.
    func find(
        _ id: ID<WebhookEndpoint>, scope: Scope, locks: Bool = false, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> WebhookEndpoint? {
        let rows = try await (querying ?? database).query(
            """
            select \(raw: Self.columns) from webhook_endpoint endpoint where \(fragment: Self.one(id, scope))
            \(raw: locks ? "for no key update of endpoint" : "")
            """)
        return try rows.first.map { row throws(PostgresError) in try Self.endpoint(row) }
    }

    /// Changes what is told; activating a disabled receiver forgets why it was disabled.
    func change(
        _ id: ID<WebhookEndpoint>, _ body: WebhookEndpointChangeBody, scope: Scope, in querying: any Querying
    ) async throws(PostgresError) -> WebhookEndpoint? {
        let rows = try await querying.query(
            """
            update webhook_endpoint endpoint
            set
                url = coalesce(\(body.url), url),
                description = coalesce(\(body.description), description),
                event_types = coalesce(\(body.eventTypes), event_types),
                state = coalesce(\(body.state?.rawValue), state),
                disabled_reason = case when \(body.state?.rawValue) is null then disabled_reason end,
                failures = 0,
                resume_at = '-infinity',
                version = version + 1,
                updated_at = clock_timestamp()
            where \(fragment: Self.one(id, scope))
            returning \(raw: Self.columns)
            """)
        return try rows.first.map { row throws(PostgresError) in try Self.endpoint(row) }
    }

    /// Ends it; what waited for it is dropped.
    func delete(_ id: ID<WebhookEndpoint>, scope: Scope, in querying: any Querying) async throws(PostgresError) -> Bool {
        let ended = try await querying.query(
            """
            update webhook_endpoint endpoint set deleted_at = clock_timestamp(), updated_at = clock_timestamp()
            where \(fragment: Self.one(id, scope))
            """)
        guard ended.affectedRows == 1 else { return false }
        _ = try await querying.query(
            """
            update webhook_delivery set state = 'dropped', ended_at = clock_timestamp(), last_error = 'the receiver was deleted'
            where endpoint_id = \(id) and state = 'waiting'
            """)
        return true
    }

    /// A new secret; the one of before signs too for `overlapSeconds`.
    func rotateSecret(
        _ id: ID<WebhookEndpoint>, overlapSeconds: Int, scope: Scope, in querying: any Querying
    ) async throws(PostgresError) -> (endpoint: WebhookEndpoint, secret: String)? {
        let secret = WebhookSecret.random()
        let rows = try await querying.query(
            """
            update webhook_endpoint endpoint
            set
                previous_secret_sealed = case when \(overlapSeconds) > 0 then secret_sealed end,
                previous_secret_until =
                    case when \(overlapSeconds) > 0 then clock_timestamp() + \(overlapSeconds) * interval '1 second' end,
                secret_sealed = \(sealer.seal(secret.bytes, in: Self.secretColumn, row: id.rawValue)),
                version = version + 1,
                updated_at = clock_timestamp()
            where \(fragment: Self.one(id, scope))
            returning \(raw: Self.columns)
            """)
        guard let row = rows.first else { return nil }
        return (try Self.endpoint(row), secret.text)
    }

    private static func one(_ id: ID<WebhookEndpoint>, _ scope: Scope) -> SQL {
        "endpoint.endpoint_id = \(id) and endpoint.deleted_at is null and \(fragment: scope.condition("endpoint.organization_id"))"
    }

    private static func endpoint(_ row: Row) throws(PostgresError) -> WebhookEndpoint {
        guard let state = WebhookEndpoint.State(rawValue: try row.decode(5)) else { throw .decoding("an unknown state of a receiver") }
        return WebhookEndpoint(
            id: try row.decode(0), organizationID: try row.decode(1), url: try row.decode(2), description: try row.decode(3),
            eventTypes: try row.decode(4), state: state, disabledReason: try row.decode(6), previousSecretUntil: try row.decode(7),
            createdAt: try row.decode(8), updatedAt: try row.decode(9),
            version: try row.decode(10))
    }
}
