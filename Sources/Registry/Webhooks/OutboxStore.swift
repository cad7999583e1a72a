package import Crypto
import HTTP
package import Postgres
package import Runtime

/// Tells the world outside what happened: a row in the transaction of the thing itself, delivered afterwards.
package struct OutboxStore: Sendable {
    private let sealer: Sealer

    /// What a sealed event's row is bound to.
    static let dataColumn = SealedColumn(table: "outbox_event", column: "data")

    package init(_ keys: Keys) {
        sealer = Sealer(keys)
    }

    /// - Parameters:
    ///   - type: `member.joined`.
    ///   - subject: events of one subject are delivered in their order: `member:12`.
    ///   - organization: whose receivers get it; nil for the whole union's.
    ///   - data: thin: numbers, no personal data.
    package func emit(
        _ type: String, subject: String, organization: ID<Organization>?, data: some Encodable & Sendable, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            insert into outbox_event (type, subject, organization_id, data)
            values (\(type), \(subject), \(organization), \(try Self.json(data)))
            """)
    }

    /// The same for what holds personal data, such as a message to a phone: readable only by whoever delivers it, then wiped.
    /// - Parameter validSeconds: after them nobody wants it any more.
    package func emitSealed(
        _ type: String, subject: String, organization: ID<Organization>?, data: some Encodable & Sendable, validSeconds: Int64,
        in querying: any Querying
    ) async throws(PostgresError) {
        let drawn = try await querying.query("select nextval(pg_get_serial_sequence('outbox_event', 'event_id'))")
        guard let row = drawn.first else { throw .decoding("a number was expected") }
        let eventID: Int64 = try row.decode(0)
        let sealed = sealer.seal(Array(try Self.json(data).utf8), in: Self.dataColumn, row: eventID)
        _ = try await querying.query(
            """
            insert into outbox_event (event_id, type, subject, organization_id, data_sealed, expires_at)
            overriding system value
            values (\(eventID), \(type), \(subject), \(organization), \(sealed), now() + \(validSeconds) * interval '1 second')
            """)
    }

    private static func json(_ data: some Encodable & Sendable) throws(PostgresError) -> String {
        do {
            return String(decoding: try JSON.encode(data), as: UTF8.self)
        } catch {
            throw .decoding("an event that JSON cannot hold")
        }
    }
}
