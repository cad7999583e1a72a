package import FoundationEssentials
import HTTP
package import Postgres
package import Programs
package import Registry
package import Runtime

/// Claims on coupons: one decision for all who wait, and every statement about them.
package struct ClaimStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64
    let rounds = FrozenRounds()
    let soldOut = SoldOutRounds()
    private let deciding: ClaimDeciding
    private let applications: ProgramApplicationStore
    private let lane: Lane
    private let coalescers: PerLoop<Coalescer<CouponClaim, CouponClaim.Decision>>

    /// What the coalescers did, over all loops.
    package let figures = CoalescerFigures("coupon_claims")

    /// Largest batch: all of a round wait for one lock anyhow, so a batch is worth as many waits. Two are in flight on each loop: with one
    /// the lock is free while answers are written, and a tenth less is given out a second.
    package static let batchMax = 128

    /// - Parameter clock: its offset is added to the database's clock in every decision.
    package init(_ database: Database, applications: ProgramApplicationStore, clock: Clock) {
        self.database = database
        self.applications = applications
        clockOffsetMicroseconds = clock.offsetMicroseconds
        let lane = database.lane("claims", connections: 2)
        self.lane = lane
        let deciding = ClaimDeciding(
            rounds: rounds, candidates: CandidateStore(database), clockOffsetMicroseconds: clock.offsetMicroseconds)
        self.deciding = deciding
        let (figures, soldOut) = (figures, soldOut)
        coalescers = PerLoop(database.loops) { loop in
            Coalescer(figures, loop: loop, batchMax: Self.batchMax, inFlight: 2) { (claims) async throws(PostgresError) in
                let asked = MonotonicTime.current
                let decisions = try await deciding.claim(claims, in: lane)
                try await Self.note(claims, decisions, asked: asked, soldOut, in: lane)
                return decisions
            }
        }
    }

    /// Remembers rounds of which nothing is left.
    private static func note(
        _ claims: [CouponClaim], _ decisions: [CouponClaim.Decision], asked: MonotonicTime, _ soldOut: SoldOutRounds,
        in querying: any Querying
    ) async throws(PostgresError) {
        var issued: [ID<CouponRound>: Int32] = [:]
        for (claim, decision) in zip(claims, decisions) {
            if let count = decision.issuedWhenNoneLeft { issued[claim.roundID] = count }
        }
        for (round, issued) in issued where !soldOut.extend(round, issued: issued, asked: asked) {
            var answered: [UUID] = []
            for row in try await querying.query("select request_id from coupon_claim where round_id = \(round)") {
                answered.append(try row.decode(0))
            }
            soldOut.enter(round, issued: issued, answered: answered, asked: asked)
        }
    }

    /// Decides one claim, together with those that wait beside it.
    package func claim(_ claim: CouponClaim) async throws(PostgresError) -> CouponClaim.Outcome {
        // What most claims come for has been seen before.
        var entry = rounds[claim.roundID]
        if entry == nil { entry = try await rounds.find([claim.roundID], in: lane)[claim.roundID] }
        if let program = entry?.programID { return try await apply(claim, to: program) }
        return try await coalescers.current.submit(claim).outcome
    }

    /// Decides these claims in their order, in one transaction.
    package func claim(batch claims: [CouponClaim]) async throws(PostgresError) -> [CouponClaim.Outcome] {
        try await deciding.claim(claims, in: database).map(\.outcome)
    }

    /// Of a draw a claim is an application, and the program answers it: one a person, whatever its request id.
    private func apply(_ claim: CouponClaim, to program: ID<UnionProgram>) async throws(PostgresError) -> CouponClaim.Outcome {
        let used = try await lane.query(
            "select from coupon_claim where member_id = \(claim.memberID) and request_id = \(claim.requestID)")
        guard used.isEmpty else { return .conflict }
        if let own = try await ownCoupon(of: claim.memberID, round: claim.roundID) { return .won(own.id, at: own.claimedAt) }
        let paused = try await lane.query(
            """
            select from coupon_round join coupon_campaign using (campaign_id)
            where round_id = \(claim.roundID) and (coupon_round.paused_at is not null or coupon_campaign.paused_at is not null)
            """)
        guard paused.isEmpty else { return .refused([ClaimReason.paused.violation]) }
        let outcome = try await applications.apply(
            ApplyRequest(memberID: claim.memberID, programID: program, wishes: [1], subject: "member:\(claim.memberID)"))
        switch outcome {
        case .applied(let receipt): return .pending(since: receipt.appliedAt)
        case .refused(let reasons): return .refused(reasons.map(Self.reason))
        case .programUnknown: return .roundUnknown
        case .memberUnknown: return .memberUnknown
        }
    }

    /// A program's reason as a round's.
    private static func reason(_ reason: Violation) -> Violation {
        switch reason.code {
        case "program.not_open": ClaimReason.notOpen.violation
        case "program.closed": ClaimReason.ended.violation
        case "application.member_not_active": ClaimReason.memberNotActive.violation
        default: Violation(ClaimReason.notEligible.rawValue, zh: reason.detail.zh, en: reason.detail.en)
        }
    }

    private func ownCoupon(
        of member: ID<Member>, round: ID<CouponRound>
    ) async throws(PostgresError) -> (id: ID<Coupon>, claimedAt: Timestamp)? {
        let rows = try await lane.query(
            """
            select coupon_id, claimed_at from coupon
            where member_id = \(member) and round_id = \(round) and state <> 'returned'
            order by coupon_id limit 1
            """)
        guard let row = rows.first else { return nil }
        return (try row.decode(0), try row.decode(1))
    }

    /// How a claim stands that was written; nil for one that was refused, or never made.
    package func find(
        _ member: ID<Member>, _ request: UUID, of round: ID<CouponRound>
    ) async throws(PostgresError) -> (outcome: CouponClaim.Outcome, ticket: String?)? {
        let rows = try await database.query(
            """
            select state, reason, coupon_id, claimed_at, lpad(to_hex(ticket), 16, '0') from coupon_claim
            where member_id = (select coalesce(merged_into, member_id) from member where member_id = \(member))
                and request_id = \(request) and round_id = \(round)
            """)
        guard let row = rows.first else { return nil }
        let ticket: String? = try row.decode(4)
        switch try row.decode(0, as: String.self) {
        case "won": return (.won(try row.decode(2), at: try row.decode(3)), ticket)
        case "pending": return (.pending(since: try row.decode(3)), ticket)
        default:
            guard let reason = ClaimReason(rawValue: try row.decode(1)) else { throw .decoding("a reason unknown to this version") }
            return (.refused([reason.violation]), ticket)
        }
    }

    /// The request ids of a person's claims that wait for the shuffle.
    func waiting(_ member: ID<Member>, of round: ID<CouponRound>) async throws(PostgresError) -> [UUID] {
        let rows = try await database.query(
            """
            select request_id from coupon_claim
            where member_id = (select coalesce(merged_into, member_id) from member where member_id = \(member))
                and round_id + 0 = \(round) and decided_at is null
            """)
        var requests: [UUID] = []
        for row in rows { requests.append(try row.decode(0)) }
        return requests
    }

    /// What changes with rounds and is worth looking at them again for.
    func pulses(of rounds: [ID<CouponRound>]) async throws(PostgresError) -> [ID<CouponRound>: String] {
        let instant: SQL = "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')"
        var pulses: [ID<CouponRound>: String] = [:]
        for row in try await database.query(
            """
            select round_id, concat_ws(' ', round.state, round.shuffled_at, round.paused_at, campaign.paused_at,
                opens_at <= \(fragment: instant), closes_at <= \(fragment: instant), issued, returned, reissued)
            from coupon_round round
            join coupon_campaign campaign using (campaign_id)
            where round_id = any(\(rounds))
            """)
        { pulses[try row.decode(0)] = try row.decode(1) }
        return pulses
    }

    /// What was shuffled, without anybody's name; nil before it was.
    func shuffled(
        _ round: ID<CouponRound>
    ) async throws(PostgresError) -> (secret: String, commitment: String, lines: String)? {
        let rows = try await database.query(
            """
            select event.details ->> 'secret', encode(round.lottery_commitment, 'hex'),
                coalesce((
                    select string_agg(
                        concat_ws(
                            ',', claim.arrival, lpad(to_hex(claim.ticket), 16, '0'),
                            claim.claimed_at < round.opens_at + round.equal_start_seconds * interval '1 second',
                            coalesce(claim.reason, 'won')) || chr(10), '' order by claim.arrival)
                    from coupon_claim claim where claim.round_id = round.round_id and claim.ticket is not null), '')
            from coupon_round round
            join coupon_campaign_event event
                on event.campaign_id = round.campaign_id and event.round_id = round.round_id and event.step = 'shuffled'
            where round.round_id = \(round)
            """)
        guard let row = rows.first else { return nil }
        return (try row.decode(0), try row.decode(1), try row.decode(2))
    }
}
