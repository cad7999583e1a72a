import HTTP
package import Postgres
package import Registry
package import Runtime

/// Where the coupons of a campaign are good: every statement about it. Venues come and go while it runs.
package struct CampaignVenueStore: Sendable {
    private let database: Database
    private let clockOffsetMicroseconds: Int64

    /// - Parameter clock: its offset is added to the database's clock.
    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    private var now: SQL { "clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond'" }

    /// A campaign as far as venues and settlements need it.
    package struct Campaign: Sendable {
        package let id: ID<CouponCampaign>
        package let organizationID: ID<Organization>
        package let title: String
        package let isGoods: Bool
    }

    /// Nil too outside of `scope`.
    package func campaign(
        _ id: ID<CouponCampaign>, within scope: Scope, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> Campaign? {
        let rows = try await (querying ?? database).query(
            """
            select organization_id, title, goods is not null
            from coupon_campaign
            where campaign_id = \(id) and \(fragment: scope.condition("coupon_campaign.organization_id"))
            """)
        return try rows.first.map { row throws(PostgresError) in
            Campaign(id: id, organizationID: try row.decode(0), title: try row.decode(1), isGoods: try row.decode(2))
        }
    }

    private static let columns = """
        venue.venue_id, venue.name, venue.address, venue.latitude, venue.longitude, venue.closed_at is not null, taking.stock,
        taking.spoken_for, taking.added_at, taking.removed_at
        """

    private static func answer(_ row: Row) throws(PostgresError) -> CampaignVenueAnswer {
        let stock: Int32? = try row.decode(6)
        return CampaignVenueAnswer(
            venueId: try row.decode(0), name: try row.decode(1), address: try row.decode(2), latitude: try row.decode(3),
            longitude: try row.decode(4), isClosed: try row.decode(5), stock: stock,
            spokenFor: stock == nil ? nil : try row.decode(7), addedAt: try row.decode(8, as: Timestamp.self).description,
            removedAt: try row.decode(9, as: Timestamp?.self)?.description)
    }

    package func find(
        _ venue: ID<Venue>, in campaign: ID<CouponCampaign>, _ querying: any Querying
    ) async throws(PostgresError) -> CampaignVenueAnswer? {
        let rows = try await querying.query(
            """
            select \(raw: Self.columns)
            from coupon_campaign_venue taking
            join venue using (venue_id)
            where taking.campaign_id = \(campaign) and taking.venue_id = \(venue)
            """)
        return try rows.first.map { row throws(PostgresError) in try Self.answer(row) }
    }

    /// In order of the venues' ids, from the one after `after`.
    package func list(
        of campaign: ID<CouponCampaign>, after: ID<Venue>?, limit: Int
    ) async throws(PostgresError) -> [CampaignVenueAnswer] {
        let rows = try await database.query(
            """
            select \(raw: Self.columns)
            from coupon_campaign_venue taking
            join venue using (venue_id)
            where taking.campaign_id = \(campaign) and taking.venue_id > \(after?.rawValue ?? 0)
            order by taking.venue_id
            limit \(limit)
            """)
        var venues: [CampaignVenueAnswer] = []
        for row in rows { venues.append(try Self.answer(row)) }
        return venues
    }

    package enum PutOutcome: Sendable {
        case added, changed, unchanged
        /// More is spoken for already.
        case stockTooLow
    }

    /// Adds a venue, once removed or never there, or changes its stock.
    package func put(
        _ venue: ID<Venue>, stock: Int32?, in campaign: ID<CouponCampaign>, by subject: String, _ querying: any Querying
    ) async throws(PostgresError) -> PutOutcome {
        let held = try await querying.query(
            """
            select stock, removed_at is null from coupon_campaign_venue
            where campaign_id = \(campaign) and venue_id = \(venue)
            for no key update
            """)
        if let row = held.first, try row.decode(1, as: Bool.self), try row.decode(0, as: Int32?.self) == stock { return .unchanged }
        let isThere = try held.first.map { row throws(PostgresError) in try row.decode(1, as: Bool.self) } ?? false
        do throws(PostgresError) {
            _ = try await querying.query(
                """
                insert into coupon_campaign_venue (campaign_id, venue_id, stock, added_at)
                values (\(campaign), \(venue), \(stock), \(fragment: now))
                on conflict on constraint coupon_campaign_venue_pkey do update
                set stock = excluded.stock, removed_at = null
                """)
        } catch {
            if error.isConstraint("coupon_campaign_venue_pick_ups_within_stock") { return .stockTooLow }
            throw error
        }
        try await note(isThere ? "venue_changed" : "venue_added", venue, stock: stock, in: campaign, by: subject, querying)
        return isThere ? .changed : .added
    }

    /// - Returns: whether it was there; nil when it never was.
    package func remove(
        _ venue: ID<Venue>, from campaign: ID<CouponCampaign>, by subject: String, _ querying: any Querying
    ) async throws(PostgresError) -> Bool? {
        let rows = try await querying.query(
            """
            update coupon_campaign_venue
            set removed_at = \(fragment: now)
            where campaign_id = \(campaign) and venue_id = \(venue) and removed_at is null
            """)
        if rows.affectedRows == 1 {
            try await note("venue_removed", venue, stock: nil, in: campaign, by: subject, querying)
            return true
        }
        return try await find(venue, in: campaign, querying) == nil ? nil : false
    }

    private func note(
        _ step: String, _ venue: ID<Venue>, stock: Int32?, in campaign: ID<CouponCampaign>, by subject: String, _ querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            insert into coupon_campaign_event (campaign_id, step, details, done_by, occurred_at)
            values (
                \(campaign), \(step), jsonb_strip_nulls(jsonb_build_object('venue', \(venue), 'stock', \(stock))), \(subject),
                \(fragment: now))
            """)
    }
}
