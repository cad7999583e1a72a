import HTTP
package import Postgres
package import Registry
package import Runtime

/// Venues and which devices redeem there: every statement about them.
package struct VenueStore: Sendable {
    private let database: Database
    private let clockOffsetMicroseconds: Int64

    /// - Parameter clock: its offset is added to the database's clock.
    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    private var now: SQL { "clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond'" }

    private static let columns = """
        venue.venue_id, venue.organization_id, venue.name, venue.address, venue.latitude, venue.longitude, venue.closed_at,
        venue.close_reason,
        array(select device_id from venue_device where venue_device.venue_id = venue.venue_id order by device_id limit 100)
        """

    private static func venue(_ row: Row) throws(PostgresError) -> VenueAnswer {
        VenueAnswer(
            id: try row.decode(0), organizationId: try row.decode(1), name: try row.decode(2), address: try row.decode(3),
            latitude: try row.decode(4), longitude: try row.decode(5), closedAt: try row.decode(6, as: Timestamp?.self)?.description,
            closeReason: try row.decode(7), deviceIds: try row.decode(8))
    }

    /// Nil when its organization lies outside of `scope` or is none.
    package func create(
        _ body: VenueBody, within scope: Scope, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> VenueAnswer? {
        let rows = try await querying.query(
            """
            insert into venue (organization_id, name, address, latitude, longitude, created_by, created_at)
            select organization_id, \(body.name), \(body.address), \(body.latitude), \(body.longitude), \(subject), \(fragment: now)
            from organization
            where organization_id = \(body.organizationId) and \(fragment: scope.condition("organization.organization_id"))
            returning \(raw: Self.columns)
            """)
        return try rows.first.map { row throws(PostgresError) in try Self.venue(row) }
    }

    /// Nil too outside of `scope`.
    package func find(
        _ id: ID<Venue>, within scope: Scope, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> VenueAnswer? {
        let rows = try await (querying ?? database).query(
            """
            select \(raw: Self.columns) from venue
            where venue_id = \(id) and \(fragment: scope.condition("venue.organization_id"))
            """)
        return try rows.first.map { row throws(PostgresError) in try Self.venue(row) }
    }

    /// In order of their ids, from the one after `after`.
    package func list(within scope: Scope, after: ID<Venue>?, limit: Int) async throws(PostgresError) -> [VenueAnswer] {
        let rows = try await database.query(
            """
            select \(raw: Self.columns) from venue
            where venue_id > \(after?.rawValue ?? 0) and \(fragment: scope.condition("venue.organization_id"))
            order by venue_id
            limit \(limit)
            """)
        var venues: [VenueAnswer] = []
        for row in rows { venues.append(try Self.venue(row)) }
        return venues
    }

    /// Everything but its organization.
    package func change(_ id: ID<Venue>, _ body: VenueBody, in querying: any Querying) async throws(PostgresError) -> VenueAnswer? {
        let rows = try await querying.query(
            """
            update venue
            set name = \(body.name), address = \(body.address), latitude = \(body.latitude), longitude = \(body.longitude)
            where venue_id = \(id) and organization_id = \(body.organizationId)
            returning \(raw: Self.columns)
            """)
        return try rows.first.map { row throws(PostgresError) in try Self.venue(row) }
    }

    /// - Returns: whether it was open; again changes nothing.
    package func close(_ id: ID<Venue>, reason: String, in querying: any Querying) async throws(PostgresError) -> Bool {
        try await querying.query(
            """
            update venue
            set closed_at = \(fragment: now), close_reason = \(reason)
            where venue_id = \(id) and closed_at is null
            """
        ).affectedRows == 1
    }

    // MARK: Devices

    /// Binds a device, from wherever it redeemed before.
    /// - Returns: whether it was bound elsewhere or nowhere.
    package func bind(
        _ device: ID<Device>, to venue: ID<Venue>, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> Bool {
        try await querying.query(
            """
            insert into venue_device as known (device_id, venue_id, bound_by, bound_at)
            values (\(device), \(venue), \(subject), \(fragment: now))
            on conflict on constraint venue_device_pkey do update
            set venue_id = excluded.venue_id, bound_by = excluded.bound_by, bound_at = excluded.bound_at
            where known.venue_id <> excluded.venue_id
            """
        ).affectedRows == 1
    }

    /// - Returns: whether it was bound there.
    package func unbind(_ device: ID<Device>, from venue: ID<Venue>, in querying: any Querying) async throws(PostgresError) -> Bool {
        try await querying.query("delete from venue_device where device_id = \(device) and venue_id = \(venue)").affectedRows == 1
    }
}
