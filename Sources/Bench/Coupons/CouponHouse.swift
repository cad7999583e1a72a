import Coupons
import Postgres
import Programs
import Registry
import Runtime

/// A house with a crowd, a server that takes its claims, and a fresh round whenever one is asked for.
struct CouponHouse: Sendable {
    let bench: BenchHouse
    let server: ServerProcess
    let loop: EventLoop
    /// Of the members' sessions: the first is member 1's.
    let tokens: [String]
    private let organization: ID<Organization>
    /// As of an hour ago, so that a round that is announced is open at once.
    private let coupons: Coupons

    /// Runs `body` in such a house and takes it down afterwards.
    static func with(members: Int, _ body: (CouponHouse) async throws -> Void) async throws {
        try await BenchHouse.with { bench in
            let organization = try await bench.ensureOrganization().id
            let tokens = try await bench.prepareMembers(members)
            let clock = Clock(offsetMicroseconds: -3_600_000_000)
            let programs = Programs(database: bench.database, registry: bench.registry, keys: bench.keys, clock: clock)
            let coupons = Coupons(
                database: bench.database, registry: bench.registry, programs: programs, keys: bench.keys, clock: clock)
            let server = try bench.serve(["--claims-per-address", "1000000000"])
            let loop = try EventLoop.start(name: "load")
            try await server.waitUntilReady(loop)
            try await body(
                CouponHouse(bench: bench, server: server, loop: loop, tokens: tokens, organization: organization, coupons: coupons))
            loop.shutDown()
        }
    }

    /// A round of a campaign of its own, open to everybody, one coupon each.
    func openRound(stock: Int32) async throws -> ID<CouponRound> {
        let today = CalendarDate(daysSince1970: Int(Clock().nowSeconds / 86_400))
        let facts = CouponCampaignFacts(
            title: "coupons", budgetFen: Int64(stock) * 5_000, faceFen: 5_000, minimumSpendFen: 10_000,
            window: CouponWindow(firstOn: today, lastOn: CalendarDate(daysSince1970: today.daysSince1970 + 90)))
        let now = Clock().nowMicroseconds
        let round = CouponRoundFacts(
            opensAt: Timestamp(microseconds: now - 1_000_000), closesAt: Timestamp(microseconds: now + 86_400_000_000), stock: stock)
        let (coupons, organization) = (coupons, organization)
        return try await bench.database.inTransaction { transaction in
            let made = try await coupons.campaigns.create(facts, of: organization, within: .everything, by: "account:1", in: transaction)
            guard case .created(let campaign) = made,
                let draft = try await coupons.rounds.create(round, of: campaign, in: transaction)
            else { throw BenchError(description: "no round was made") }
            return try await coupons.life.announce(draft, of: campaign, by: .init(subject: "account:1"), in: transaction).id
        }
    }

    /// What the rows say of a round once everybody was answered.
    struct Account: Sendable {
        let coupons: Int
        let persons: Int
        let claims: Int
        let isBalanced: Bool
        /// From the first coupon to the moment when nothing was left.
        let seconds: Double
    }

    func account(of round: ID<CouponRound>) async throws -> Account {
        let row = try await bench.database.query(
            """
            select
                count(*), count(distinct coupon.member_id), (select count(*) from coupon_claim where round_id = \(round) and state = 'won'),
                round.issued = count(*) and round.issued = round.held + round.redeemed + round.expired + round.returned,
                coalesce(extract(epoch from round.sold_out_at - min(coupon.claimed_at)), 0)::float8
            from coupon_round round
            join coupon on coupon.round_id = round.round_id
            where round.round_id = \(round)
            group by round.round_id
            """
        ).single
        return Account(
            coupons: try row.decode(0), persons: try row.decode(1), claims: try row.decode(2), isBalanced: try row.decode(3),
            seconds: try row.decode(4))
    }
}
