import Postgres
import Programs
import Registry
import Runtime

/// Counts of rounds: every statement about them.
struct RoundFigureStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    func figures(of round: CouponRound) async throws(PostgresError) -> RoundFigures {
        async let results = results(of: round.id)
        async let seconds = seconds(of: round.id)
        async let groups = groups(of: round)
        async let organizations = organizations(of: round)
        async let waiting = waiting(of: round.id)
        do {
            return RoundFigures(
                left: max(0, round.left), waiting: try await waiting,
                soldOutAfterSeconds: round.soldOutAt.map { Double($0.microseconds - round.facts.opensAt.microseconds) / 1_000_000 },
                results: try await results, claimsPerSecond: try await seconds, groups: try await groups,
                organizations: try await organizations)
        } catch let error as PostgresError {
            throw error
        } catch {
            throw .decoding("figures that no statement gave")
        }
    }

    /// A round as it is now, by the service's clock; nil for one that is not announced.
    func moment(of round: ID<CouponRound>) async throws(PostgresError) -> RoundMoment? {
        let rows = try await database.query(
            """
            select
                present.instant, \(raw: OwnCouponStore.phase), round.issued - round.returned,
                greatest(round.stock - round.issued + round.reissued, 0),
                (select count(*) from coupon_claim claim where claim.round_id = round.round_id and claim.state = 'pending')
            from coupon_round round
            join coupon_campaign campaign using (campaign_id)
            cross join (
                select clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond' as instant) present
            where round.round_id = \(round) and round.state in ('announced', 'closed')
            """)
        guard let row = rows.first else { return nil }
        return RoundMoment(
            at: try row.decode(0), phase: try row.decodeOption(1), claimed: try row.decode(2), left: try row.decode(3),
            waiting: try row.decode(4))
    }

    /// What changes with the moments of these rounds, as text.
    func pulses(of rounds: [ID<CouponRound>]) async throws(PostgresError) -> [ID<CouponRound>: String] {
        var pulses: [ID<CouponRound>: String] = [:]
        for row in try await database.query(
            """
            select
                round.round_id,
                concat_ws(' ', \(raw: OwnCouponStore.phase), round.issued, round.returned, round.reissued, round.arrivals)
            from coupon_round round
            join coupon_campaign campaign using (campaign_id)
            cross join (
                select clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond' as instant) present
            where round.round_id = any (\(rounds))
            """)
        { pulses[try row.decode(0)] = try row.decode(1) }
        return pulses
    }

    private func waiting(of round: ID<CouponRound>) async throws(PostgresError) -> Int64 {
        try await database.query("select count(*) from coupon_claim where round_id = \(round) and state = 'pending'").single.decode(0)
    }

    private func results(of round: ID<CouponRound>) async throws(PostgresError) -> [RoundFigures.Loss] {
        var results: [RoundFigures.Loss] = []
        for row in try await database.query(
            "select outcome, sum(claims)::bigint from coupon_round_second where round_id = \(round) group by outcome order by 2 desc, 1")
        {
            results.append(RoundFigures.Loss(result: try row.decodeOption(0), claims: try row.decode(1)))
        }
        return results
    }

    private func seconds(of round: ID<CouponRound>) async throws(PostgresError) -> [RoundFigures.Second] {
        var seconds: [RoundFigures.Second] = []
        for row in try await database.query(
            """
            select second, claims
            from (
                select second, sum(claims)::bigint as claims from coupon_round_second
                where round_id = \(round)
                group by second order by second desc limit 600
            ) latest
            order by second
            """)
        {
            seconds.append(RoundFigures.Second(second: try row.decode(0, as: Timestamp.self).description, claims: try row.decode(1)))
        }
        return seconds
    }

    private func groups(of round: CouponRound) async throws(PostgresError) -> [RoundFigures.Share] {
        let rows = try await database.query(
            """
            select number, (select count(*) from coupon where round_id = \(round.id) and state <> 'returned' and groups >> number & 1 = 1)
            from generate_series(0, 7) number
            order by number
            """)
        var shares: [RoundFigures.Share] = []
        for (group, row) in zip(round.facts.rules.groups, rows) {
            shares.append(RoundFigures.Share(name: group.name, winners: try row.decode(1)))
        }
        return shares
    }

    private func organizations(of round: CouponRound) async throws(PostgresError) -> [RoundFigures.Branch] {
        var branches: [RoundFigures.Branch] = []
        for row in try await database.query(
            """
            select branch.organization_id, branch.name, count(*)
            from coupon
            join coupon_campaign campaign using (campaign_id)
            join organization_ancestor on organization_ancestor.organization_id = coupon.organization_id
            join organization branch
                on branch.organization_id = organization_ancestor.ancestor_id and branch.parent_id = campaign.organization_id
            where coupon.round_id = \(round.id) and coupon.state <> 'returned'
            group by branch.organization_id, branch.name
            order by 3 desc, 1
            limit 200
            """)
        {
            branches.append(
                RoundFigures.Branch(organizationId: try row.decode(0), name: try row.decode(1), winners: try row.decode(2)))
        }
        return branches
    }

    /// Adds what a server counted.
    func add(_ counts: [ClaimCount]) async throws(PostgresError) {
        if counts.isEmpty { return }
        _ = try await database.query(
            """
            insert into coupon_round_second (round_id, outcome, second, claims)
            select counted.round_id, counted.outcome, counted.second, counted.claims
            from unnest(\(counts.map(\.roundID)), \(counts.map(\.result.rawValue)), \(counts.map(\.second)), \(counts.map(\.claims)))
                as counted (round_id, outcome, second, claims)
            join coupon_round using (round_id)
            order by 1, 2, 3
            on conflict on constraint coupon_round_second_pkey
                do update set claims = coupon_round_second.claims + excluded.claims
            """)
    }
}
