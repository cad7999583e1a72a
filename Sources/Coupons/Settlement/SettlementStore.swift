import Crypto
import HTTP
package import Postgres
import Registry
package import Runtime

/// What venues are owed, added up from events: every statement about it.
package struct SettlementStore: Sendable {
    private let database: Database
    private let clockOffsetMicroseconds: Int64

    /// A period is settled so long after its end that nothing in it can be annulled any more.
    package static let waitMinutes = 15

    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    static func statement(_ campaign: ID<CouponCampaign>, from: Timestamp, until: Timestamp) -> SQL {
        """
        select
            used.venue_id, venue.name,
            count(*) filter (where used.event = 'redeemed'),
            coalesce(sum(used.amount_fen) filter (where used.event = 'redeemed'), 0)::bigint,
            count(*) filter (where used.event = 'annulled'),
            coalesce(sum(used.amount_fen) filter (where used.event = 'annulled'), 0)::bigint,
            count(*) filter (where used.event = 'refunded'),
            coalesce(sum(used.amount_fen) filter (where used.event = 'refunded'), 0)::bigint,
            count(*) filter (where used.event = 'redeemed_twice' and used.charged_to = 'venue'),
            coalesce(sum(used.amount_fen) filter (where used.event = 'redeemed_twice' and used.charged_to = 'venue'), 0)::bigint,
            count(*) filter (where used.event = 'redeemed_twice' and used.charged_to = 'union'),
            coalesce(sum(used.amount_fen) filter (where used.event = 'redeemed_twice' and used.charged_to = 'union'), 0)::bigint,
            count(*) filter (where used.event = 'redeemed' and used.charged_to = 'venue'),
            coalesce(sum(used.amount_fen) filter (where used.event = 'redeemed' and used.charged_to = 'venue'), 0)::bigint,
            count(*) filter (where used.event in ('annulled', 'refunded') and used.charged_to = 'venue'),
            coalesce(sum(used.amount_fen) filter (where used.event in ('annulled', 'refunded') and used.charged_to = 'venue'), 0)::bigint
        from coupon_event used
        join venue on venue.venue_id = used.venue_id
        where used.campaign_id = \(campaign) and used.venue_id is not null
            and used.recorded_at >= \(from) and used.recorded_at < \(until)
        group by used.venue_id, venue.name
        order by used.venue_id
        """
    }

    /// By venue, of those where something was recorded.
    package func lines(
        of campaign: ID<CouponCampaign>, from: Timestamp, until: Timestamp, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> [SettlementLine] {
        let rows = try await (querying ?? database).query(Self.statement(campaign, from: from, until: until))
        var lines: [SettlementLine] = []
        for row in rows {
            func count(_ column: Int) throws(PostgresError) -> SettlementLine.Count {
                SettlementLine.Count(count: try row.decode(column), fen: try row.decode(column + 1))
            }
            lines.append(
                SettlementLine(
                    venueId: try row.decode(0), venueName: try row.decode(1), redeemed: try count(2), annulled: try count(4),
                    refunded: try count(6), twiceByVenue: try count(8), twiceByUnion: try count(10), beyondAllowance: try count(12),
                    beyondAllowanceUndone: try count(14)))
        }
        return lines
    }

    package enum CreateOutcome: Sendable {
        case created(SettlementAnswer)
        case tooEarly
        case overlaps
    }

    /// Settles a period. Rounds are locked, so that what is on its way is waited for, and what comes later is recorded after the end.
    package func create(
        _ campaign: CampaignVenueStore.Campaign, from: Timestamp, until: Timestamp, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> CreateOutcome {
        _ = try await querying.query(
            "select from coupon_campaign where campaign_id = \(campaign.id) for no key update")
        _ = try await querying.query(
            "select from coupon_round where campaign_id = \(campaign.id) order by round_id for no key update")
        let clock = try await querying.query(
            """
            select \(until) <= clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond'
                - \(Self.waitMinutes) * interval '1 minute'
            """)
        guard try clock.first?.decode(0, as: Bool.self) == true else { return .tooEarly }
        let lines = try await lines(of: campaign.id, from: from, until: until, in: querying)
        let file = SettlementFile.bytes(title: campaign.title, from: from, until: until, lines)
        let sum = SettlementLine.sum(lines)
        do throws(PostgresError) {
            let rows = try await querying.query(
                """
                insert into coupon_settlement (
                    campaign_id, from_at, until_at, redemptions, amount_fen, file, sha256, created_by, created_at)
                values (
                    \(campaign.id), \(from), \(until), \(Int32(clamping: sum.redeemed.count)), \(sum.owedFen), \(file),
                    \(SHA256.hash(file)), \(subject), clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')
                returning \(raw: Self.columns)
                """)
            guard let row = rows.first else { throw .decoding("the new settlement was expected") }
            return .created(try Self.settlement(row))
        } catch {
            if error.isConstraint("coupon_settlement_pays_nothing_twice") { return .overlaps }
            throw error
        }
    }

    private static let columns = "settlement_id, campaign_id, from_at, until_at, redemptions, amount_fen, sha256, created_by, created_at"

    private static func settlement(_ row: Row) throws(PostgresError) -> SettlementAnswer {
        SettlementAnswer(
            id: try row.decode(0), campaignId: try row.decode(1), from: try row.decode(2, as: Timestamp.self).description,
            until: try row.decode(3, as: Timestamp.self).description, redemptions: try row.decode(4), owedFen: try row.decode(5),
            sha256: Hex.encode(try row.decode(6, as: [UInt8].self)), createdBy: try row.decode(7),
            createdAt: try row.decode(8, as: Timestamp.self).description)
    }

    /// In order of their ids, from the one after `after`.
    package func list(
        of campaign: ID<CouponCampaign>, after: ID<CouponSettlement>?, limit: Int
    ) async throws(PostgresError) -> [SettlementAnswer] {
        let rows = try await database.query(
            """
            select \(raw: Self.columns)
            from coupon_settlement
            where campaign_id = \(campaign) and settlement_id > \(after?.rawValue ?? 0)
            order by settlement_id
            limit \(limit)
            """)
        var settlements: [SettlementAnswer] = []
        for row in rows { settlements.append(try Self.settlement(row)) }
        return settlements
    }

    package func file(
        _ id: ID<CouponSettlement>, of campaign: ID<CouponCampaign>
    ) async throws(PostgresError) -> (bytes: [UInt8], sha256: [UInt8])? {
        let rows = try await database.query(
            "select file, sha256 from coupon_settlement where settlement_id = \(id) and campaign_id = \(campaign)")
        return try rows.first.map { row throws(PostgresError) in (try row.decode(0), try row.decode(1)) }
    }
}
