import Postgres
import Registry
import Runtime

/// The coupons of a round, for those who give: every statement about them.
struct RoundCouponStore: Sendable {
    let database: Database

    /// The coupons of a round, the last first, from the one before `cursor`.
    func list(
        of round: ID<CouponRound>, _ filter: RoundCouponFilter, before cursor: ID<Coupon>?, limit: Int
    ) async throws(PostgresError) -> [RoundCoupon] {
        var coupons: [RoundCoupon] = []
        for row in try await database.query(Self.statement(round, filter, before: cursor, limit: limit)) {
            let groups: Int32 = try row.decode(6)
            coupons.append(
                RoundCoupon(
                    id: try row.decode(0), memberId: try row.decode(1), member: nil, state: try row.decodeOption(2),
                    faceFen: try row.decode(3), organizationId: try row.decode(4), organizationName: try row.decode(5),
                    groups: (0..<8).filter { groups >> $0 & 1 == 1 }, venueId: try row.decode(7),
                    claimedAt: try row.decode(8, as: Timestamp.self).description,
                    changedAt: try row.decode(9, as: Timestamp.self).description))
        }
        return coupons
    }

    static func statement(
        _ round: ID<CouponRound>, _ filter: RoundCouponFilter, before cursor: ID<Coupon>?, limit: Int
    ) -> SQL {
        var conditions: SQL = "coupon.round_id = \(round)"
        func add(_ one: SQL) { conditions = "\(fragment: conditions) and \(fragment: one)" }
        if let cursor { add("coupon.coupon_id < \(cursor)") }
        if filter.isGiven { add("coupon.state <> 'returned'") }
        if let state = filter.state { add("coupon.state = \(state.rawValue)") }
        if let group = filter.group { add("coupon.groups >> \(group) & 1 = 1") }
        if let organization = filter.organization {
            add(
                """
                exists (
                    select from organization_ancestor
                    where organization_ancestor.organization_id = coupon.organization_id
                        and organization_ancestor.ancestor_id = \(organization))
                """)
        }
        return """
            select
                coupon.coupon_id, coalesce(person.merged_into, coupon.member_id), coupon.state, coupon.face_fen,
                coupon.organization_id, organization.name, coupon.groups::integer, coupon.venue_id, coupon.claimed_at, coupon.changed_at
            from coupon
            join organization using (organization_id)
            join member person on person.member_id = coupon.member_id
            where \(fragment: conditions)
            order by coupon.coupon_id desc
            limit \(limit)
            """
    }
}
