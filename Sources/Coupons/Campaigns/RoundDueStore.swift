import FoundationEssentials
import Postgres
import Registry
import Runtime

/// What is due of rounds by the clock: every statement of the jobs.
struct RoundDueStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    private func due(_ condition: SQL, limit: Int) async throws(PostgresError) -> [ID<CouponRound>] {
        var due: [ID<CouponRound>] = []
        for row in try await database.query(
            """
            select round_id from coupon_round
            where state = 'announced' and \(fragment: condition)
            order by closes_at, round_id
            limit \(limit)
            """)
        { due.append(try row.decode(0)) }
        return due
    }

    /// Equal starts whose first seconds are over.
    func toShuffle(limit: Int) async throws(PostgresError) -> [ID<CouponRound>] {
        try await due(
            """
            mode = 'equal_start' and shuffled_at is null
            and least(opens_at + equal_start_seconds * interval '1 second', closes_at) <= \(fragment: instant)
            """, limit: limit)
    }

    /// Draws whose program is published.
    func toIssue(limit: Int) async throws(PostgresError) -> [ID<CouponRound>] {
        try await due(
            """
            mode = 'draw' and shuffled_at is null
            and exists (
                select from program
                where program.program_id = coupon_round.program_id and program.state in ('published', 'ended', 'cancelled'))
            """, limit: limit)
    }

    func toClose(limit: Int) async throws(PostgresError) -> [ID<CouponRound>] {
        try await due("closes_at <= \(fragment: instant) and (mode = 'race' or shuffled_at is not null)", limit: limit)
    }

    func secret(of round: ID<CouponRound>, in querying: any Querying) async throws(PostgresError) -> [UInt8]? {
        try await querying.query("select lottery_secret_sealed from coupon_round where round_id = \(round)").single.decode(0)
    }

    /// Whoever waits for a round's shuffle; the round is held.
    func waiting(of round: ID<CouponRound>, in querying: any Querying) async throws(PostgresError) -> [ShuffleOrder.Waiting] {
        let rows = try await querying.query(
            """
            select member_id, request_id, ticket, arrival, claimed_at
            from coupon_claim where round_id = \(round) and state = 'pending'
            """)
        var waiting: [ShuffleOrder.Waiting] = []
        waiting.reserveCapacity(rows.count)
        for row in rows {
            waiting.append(
                ShuffleOrder.Waiting(
                    memberID: try row.decode(0), requestID: try row.decode(1), ticket: try row.decode(2), arrival: try row.decode(3),
                    claimedAt: try row.decode(4)))
        }
        return waiting
    }

    /// Serves those who waited, in this order.
    func shuffle(
        _ round: ID<CouponRound>, _ order: [ShuffleOrder.Waiting], in querying: any Querying
    ) async throws(PostgresError) -> (won: Int32, lost: Int32) {
        let row = try await querying.query(
            """
            select won, lost
            from coupons_shuffle(
                \(round), \(order.map(\.memberID)), \(order.map(\.requestID)), \(clockOffsetMicroseconds))
            """
        ).single
        return (try row.decode(0), try row.decode(1))
    }

    /// How many coupons the winners of a draw got; nil when it is not published yet.
    func issueDraw(_ round: ID<CouponRound>, in querying: any Querying) async throws(PostgresError) -> Int32? {
        try await querying.query("select coupons_issue_draw(\(round), \(clockOffsetMicroseconds))").single.decode(0)
    }

    /// What was left and where it went; nil when it cannot be closed yet.
    func close(
        _ round: ID<CouponRound>, in querying: any Querying
    ) async throws(PostgresError) -> (leftover: Int32, next: ID<CouponRound>?)? {
        let rows = try await querying.query(
            "select leftover, next_round_id from coupons_close_round(\(round), \(clockOffsetMicroseconds))")
        guard let row = rows.first else { return nil }
        return (try row.decode(0), try row.decode(1))
    }

    func expire(limit: Int32, in querying: any Querying) async throws(PostgresError) -> Int32 {
        try await querying.query("select coupons_expire(\(limit), \(clockOffsetMicroseconds))").single.decode(0)
    }
}
