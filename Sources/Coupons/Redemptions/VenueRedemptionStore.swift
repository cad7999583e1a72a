import FoundationEssentials
import Postgres
import Registry
import Runtime

/// What was redeemed at a venue, for its organizers: every statement about it.
struct VenueRedemptionStore: Sendable {
    let database: Database

    /// Which redemptions are asked for; nil asks for all.
    struct Filter: Sendable {
        /// Recorded then or later.
        var from: Timestamp?
        /// Recorded before then.
        var until: Timestamp?
        var state: VenueRedemption.State?
    }

    struct Entry: Sendable {
        let redemption: VenueRedemption
        /// Who goes on, of who was merged.
        let memberID: ID<Member>
        let cursor: TimeCursor
    }

    /// Whether there is such a venue, and it or a campaign that is good there lies within `scope`.
    func isSeen(_ venue: ID<Venue>, within scope: Scope) async throws(PostgresError) -> Bool {
        try await database.query(
            """
            select
                exists (
                    select from venue where venue_id = \(venue) and \(fragment: scope.condition("venue.organization_id")))
                or exists (
                    select from coupon_campaign_venue taking
                    join coupon_campaign campaign using (campaign_id)
                    where taking.venue_id = \(venue) and \(fragment: scope.condition("campaign.organization_id")))
            """
        ).single.decode(0)
    }

    /// Of campaigns within `scope`, as those that may be refunded: the newest first, from the one before `cursor`. What was refused took
    /// nothing and is none.
    func list(
        of venue: ID<Venue>, _ filter: Filter, within scope: Scope, before cursor: TimeCursor?, limit: Int
    ) async throws(PostgresError) -> [Entry] {
        var entries: [Entry] = []
        for row in try await database.query(Self.statement(venue, filter, scope, before: cursor, limit: limit)) {
            let (requestID, recordedAt): (UUID, Timestamp) = (try row.decode(0), try row.decode(1))
            entries.append(
                Entry(
                    redemption: VenueRedemption(
                        requestId: requestID.requestIDText, state: try row.decodeOption(2), couponId: try row.decode(3),
                        campaignId: try row.decode(4), title: try row.decode(5), goods: try row.decode(6), amountFen: try row.decode(7),
                        spendFen: try row.decode(8), chargedTo: try row.decode(9, as: String?.self).flatMap(Self.charge),
                        isOffline: try row.decode(10), deviceId: try row.decode(11), member: nil,
                        occurredAt: try row.decode(12, as: Timestamp.self).description, recordedAt: recordedAt.description,
                        undoneAt: try row.decode(13, as: Timestamp?.self)?.description),
                    memberID: try row.decode(14), cursor: TimeCursor(at: recordedAt, requestID: requestID)))
        }
        return entries
    }

    private static func charge(_ text: String) -> CouponCampaignFacts.OfflineCharge? { CouponCampaignFacts.OfflineCharge(rawValue: text) }

    static func statement(
        _ venue: ID<Venue>, _ filter: Filter, _ scope: Scope, before cursor: TimeCursor?, limit: Int
    ) -> SQL {
        var conditions: SQL = "kept.venue_id = \(venue) and kept.outcome <> 'refused'"
        if let from = filter.from { conditions = "\(fragment: conditions) and kept.recorded_at >= \(from)" }
        if let until = filter.until { conditions = "\(fragment: conditions) and kept.recorded_at < \(until)" }
        if let cursor {
            conditions = "\(fragment: conditions) and (kept.recorded_at, kept.request_id) < (\(cursor.at), \(cursor.requestID))"
        }
        // In the text, for the index of the few that are unlike others serves only a state that the planner sees.
        switch filter.state {
        case nil: break
        case .redeemed: conditions = "\(fragment: conditions) and kept.outcome = 'redeemed' and kept.state = 'standing'"
        case .redeemedTwice: conditions = "\(fragment: conditions) and kept.outcome = 'redeemed_twice'"
        case .annulled: conditions = "\(fragment: conditions) and kept.state = 'annulled'"
        case .refunded: conditions = "\(fragment: conditions) and kept.state = 'refunded'"
        }
        return """
            select
                kept.request_id, kept.recorded_at,
                case when kept.outcome = 'redeemed' and kept.state <> 'standing' then kept.state else kept.outcome end,
                kept.coupon_id, kept.campaign_id, campaign.title, campaign.goods, kept.amount_fen, kept.spend_fen, kept.charged_to,
                kept.is_offline, kept.device_id, kept.occurred_at, coalesce(kept.annulled_at, kept.refunded_at),
                coalesce(person.merged_into, kept.member_id)
            from coupon_redemption kept
            join coupon_campaign campaign using (campaign_id)
            left join member person on person.member_id = kept.member_id
            where \(fragment: conditions) and \(fragment: scope.condition("campaign.organization_id"))
            order by kept.recorded_at desc, kept.request_id desc
            limit \(limit)
            """
    }
}
