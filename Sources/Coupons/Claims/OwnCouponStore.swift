import Crypto
import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// What a member sees of coupons and does with them besides claiming: every statement about it.
struct OwnCouponStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    /// The service's time in SQL: the database's clock, moved by `--clock-offset`.
    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    // MARK: Coupons

    /// Of a person's accounts, the newest first.
    /// - Parameter ids: the account and those merged into it.
    func coupons(
        of ids: [ID<Member>], only: ID<Coupon>? = nil, limit: Int = 200, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> [OwnCouponAnswer] {
        let rows = try await (querying ?? database).query(
            """
            select
                coupon.coupon_id, coupon.round_id, coupon.campaign_id, campaign.title, campaign.goods, coupon.state, coupon.face_fen,
                campaign.minimum_spend_fen, campaign.first_on, campaign.last_on, campaign.weekdays,
                to_char(make_interval(mins => campaign.from_minute), 'HH24:MI'),
                to_char(make_interval(mins => campaign.to_minute), 'HH24:MI'),
                campaign.time_zone, venue.venue_id, venue.name, venue.address, venue.latitude, venue.longitude, coupon.claimed_at,
                coupon.changed_at
            from coupon
            join coupon_campaign campaign using (campaign_id)
            left join venue on venue.venue_id = coupon.venue_id
            where coupon.member_id = any(\(ids)) and coupon.coupon_id = coalesce(\(only), coupon.coupon_id)
            order by coupon.coupon_id desc
            limit \(limit)
            """)
        var coupons: [OwnCouponAnswer] = []
        for row in rows {
            var venue: OwnVenueAnswer?
            if let id: ID<Venue> = try row.decode(14) {
                venue = OwnVenueAnswer(
                    id: id, name: try row.decode(15), address: try row.decode(16), latitude: try row.decode(17),
                    longitude: try row.decode(18), leftAtLeast: nil)
            }
            coupons.append(
                OwnCouponAnswer(
                    id: try row.decode(0), roundId: try row.decode(1), campaignId: try row.decode(2), title: try row.decode(3),
                    goods: try row.decode(4), state: try row.decodeOption(5), faceFen: try row.decode(6),
                    minimumSpendFen: try row.decode(7), firstOn: try row.decode(8, as: CalendarDate.self).description,
                    lastOn: try row.decode(9, as: CalendarDate.self).description,
                    weekdays: CouponWindow.weekdays(ofMask: try row.decode(10)), from: try row.decode(11), until: try row.decode(12),
                    timeZone: try row.decode(13), venue: venue, claimedAt: try row.decode(19, as: Timestamp.self).description,
                    changedAt: try row.decode(20, as: Timestamp.self).description))
        }
        return coupons
    }

    enum ReturnOutcome: String, Sendable {
        case returned, already, unknown, used, expired
    }

    func giveBack(_ coupon: ID<Coupon>, of member: ID<Member>) async throws(PostgresError) -> ReturnOutcome {
        try await database.query(
            "select coupons_give_back(\(member), \(coupon), \("member:\(member)"), \(clockOffsetMicroseconds))"
        ).single.decodeOption(0)
    }

    // MARK: Rounds

    /// Of `round` and its `campaign` at `present.instant`.
    static let phase = """
        case
            when round.state = 'closed' or round.closes_at <= present.instant then 'ended'
            when round.paused_at is not null or campaign.paused_at is not null then 'paused'
            when round.opens_at > present.instant then 'not_open'
            when round.mode <> 'draw' and round.stock = round.issued - round.reissued then 'sold_out'
            else 'open'
        end
        """

    /// Those announced that are not long over, as they are for this person.
    func rounds(for member: ID<Member>, only: ID<CouponRound>? = nil) async throws(PostgresError) -> [OwnRoundAnswer] {
        let rows = try await database.query(
            """
            select
                round.round_id, round.campaign_id, round.number, campaign.title, campaign.goods, round.mode, round.equal_start_seconds,
                round.face_fen, campaign.minimum_spend_fen, round.opens_at, round.closes_at,
                \(raw: Self.phase),
                coalesce(round.pause_reason, campaign.pause_reason), greatest(round.stock - round.issued + round.reissued, 0), round.cap,
                (
                    select count(*)::integer from coupon
                    where coupon.member_id = person.member_id and coupon.round_id = round.round_id and coupon.state <> 'returned'),
                exists (
                    select from coupon_claim claim
                    where claim.member_id = person.member_id and claim.round_id + 0 = round.round_id and claim.decided_at is null)
                or exists (
                    select from program_application application
                    where application.member_id = person.member_id and application.program_id + 0 = round.program_id
                        and application.state = 'applied' and round.shuffled_at is null),
                round.rules_hash, round.lottery_commitment, present.instant
            from coupon_round round
            join coupon_campaign campaign using (campaign_id)
            cross join (select \(fragment: instant) as instant) present
            cross join (
                select coalesce(merged_into, member_id) as member_id from member where member_id = \(member)) person
            where round.state in ('announced', 'closed') and round.closes_at > present.instant - interval '7 days'
                and round.round_id = coalesce(\(only), round.round_id)
            order by round.closes_at <= present.instant, round.opens_at, round.round_id
            limit 100
            """)
        var rounds: [OwnRoundAnswer] = []
        for row in rows {
            rounds.append(
                OwnRoundAnswer(
                    id: try row.decode(0), campaignId: try row.decode(1), number: Int32(try row.decode(2, as: Int16.self)),
                    title: try row.decode(3), goods: try row.decode(4), mode: try row.decodeOption(5),
                    equalStartSeconds: try row.decode(6, as: Int16?.self).map { Int32($0) }, faceFen: try row.decode(7),
                    minimumSpendFen: try row.decode(8), opensAt: try row.decode(9, as: Timestamp.self).description,
                    closesAt: try row.decode(10, as: Timestamp.self).description, phase: try row.decodeOption(11),
                    pauseReason: try row.decode(12), leftAtLeast: StockBucket.floor(try row.decode(13)),
                    cap: Int32(try row.decode(14, as: Int16.self)), own: try row.decode(15), isWaiting: try row.decode(16),
                    rulesHash: Hex.encode(try row.decode(17, as: [UInt8].self)),
                    commitment: try row.decode(18, as: [UInt8]?.self).map { Hex.encode($0) },
                    serverTime: try row.decode(19, as: Timestamp.self).description))
        }
        return rounds
    }

    /// Where the coupons of a campaign are good now.
    func venues(of campaign: ID<CouponCampaign>) async throws(PostgresError) -> [OwnVenueAnswer] {
        let rows = try await database.query(
            """
            select venue.venue_id, venue.name, venue.address, venue.latitude, venue.longitude, pickup.stock - pickup.spoken_for
            from coupon_campaign_venue pickup
            join venue using (venue_id)
            where pickup.campaign_id = \(campaign) and pickup.removed_at is null and venue.closed_at is null
            order by venue.name, venue.venue_id
            limit 500
            """)
        var venues: [OwnVenueAnswer] = []
        for row in rows {
            venues.append(
                OwnVenueAnswer(
                    id: try row.decode(0), name: try row.decode(1), address: try row.decode(2), latitude: try row.decode(3),
                    longitude: try row.decode(4), leftAtLeast: try row.decode(5, as: Int32?.self).map { StockBucket.floor($0) }))
        }
        return venues
    }
}
