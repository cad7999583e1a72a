import Coupons
import Crypto
import FoundationEssentials
import Postgres
import Registry
import Runtime

/// What the demo's winter needs of the database beyond what the features offer: many venues and sessions at once, and who got what.
struct DemoWinterStore: Sendable {
    let database: Database

    static let venueCount = 30

    static func requestID() -> UUID { UUID() }

    func campaign(of round: ID<CouponRound>) async throws(PostgresError) -> ID<CouponCampaign> {
        try await database.query("select campaign_id from coupon_round where round_id = \(round)").single.decode(0)
    }

    /// Ski slopes, hotels and hot pots, the same ones for every campaign.
    func makeVenues(
        of city: ID<Organization>, for campaign: ID<CouponCampaign>, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            insert into venue (organization_id, name, address, latitude, longitude, created_by, created_at)
            select
                \(city), (array['北大湖滑雪场', '万科松花湖度假区', '雾凇岛民宿', '朱雀山滑雪场', '江畔酒店', '铁锅炖'])[n % 6 + 1] || n / 6 + 1 || '店',
                '吉林市松江路' || n || '号', 43.84 + n * 0.003, 126.55 + n * 0.004, 'demo', now()
            from generate_series(1, \(Int32(Self.venueCount))) n
            where not exists (select from venue where organization_id = \(city))
            """)
        _ = try await querying.query(
            """
            insert into coupon_campaign_venue (campaign_id, venue_id, added_at)
            select \(campaign), venue_id, now() from venue where organization_id = \(city) order by venue_id
            """)
    }

    /// A session for a day for each of these.
    func signIn(_ members: [ID<Member>]) async throws(PostgresError) -> [String] {
        let tokens = members.map { _ in "wsm_" + Base64URL.encode(SecureRandom.bytes(32)) }
        for start in stride(from: 0, to: tokens.count, by: 10_000) {
            let end = min(start + 10_000, tokens.count)
            _ = try await database.query(
                """
                insert into member_session (token_sha256, member_id, expires_at)
                select token, member_id, now() + interval '1 day'
                from unnest(\(tokens[start..<end].map { SHA256.hash(Array($0.utf8)) }), \(Array(members[start..<end])))
                    as made (token, member_id)
                """)
        }
        return tokens
    }

    /// Who came and who got a coupon of the round: those for whom some are kept, the others, then each union.
    func shares(of round: ID<CouponRound>, among city: ID<Organization>) async throws(PostgresError) -> DemoStormResult.Shares {
        var shares = DemoStormResult.Shares()
        for row in try await database.query(
            """
            select
                grouping(person.union_name) = 0, coalesce(person.union_name, ''), person.is_kept, count(*), count(person.coupon_id)
            from (
                select
                    organization.name as union_name, coupon.coupon_id,
                    member.worker_kind = any (\(DemoWinter.keptFor.map(\.rawValue))) as is_kept
                from member
                join organization_ancestor on organization_ancestor.organization_id = member.organization_id
                join organization on organization.organization_id = member.organization_id
                left join coupon on coupon.member_id = member.member_id and coupon.round_id = \(round)
                where organization_ancestor.ancestor_id = \(city) and member.status = 'active'
            ) person
            group by grouping sets ((person.union_name), (person.is_kept))
            order by 1, 3 desc, 5 desc, 2
            """)
        {
            let name: String = try row.decode(1)
            let (came, got): (Int64, Int64) = (try row.decode(3), try row.decode(4))
            let isUnion: Bool = try row.decode(0)
            let isKept: Bool = try row.decode(2, as: Bool?.self) ?? false
            let share = DemoStormResult.Share(
                name: isUnion ? name : isKept ? "couriers, for whom some were kept" : "all others", came: Int(came), got: Int(got))
            if isUnion { shares.unions.append(share) } else { shares.groups.append(share) }
        }
        return shares
    }

    /// Of all rounds of the campaign, and how long the round had any.
    func account(
        of campaign: ID<CouponCampaign>, _ round: ID<CouponRound>
    ) async throws(PostgresError) -> (ledger: DemoStormResult.Ledger, soldOutAfter: Double?) {
        let row = try await database.query(
            """
            select
                sum(issued), sum(held), sum(redeemed), sum(expired), sum(returned), min(face_fen),
                extract(epoch from max(sold_out_at - opens_at) filter (where round_id = \(round)))::float8
            from coupon_round where campaign_id = \(campaign)
            """
        ).single
        let ledger = DemoStormResult.Ledger(
            issued: try row.decode(0), held: try row.decode(1), redeemed: try row.decode(2), expired: try row.decode(3),
            returned: try row.decode(4), faceFen: try row.decode(5))
        return (ledger, try row.decode(6))
    }
}
