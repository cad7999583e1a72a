import Coupons
import Postgres
import Registry
import Runtime

/// A house with members whose names stand in the register, each with a coupon of one round and a one-time code for it, and venues whose
/// devices redeem them.
struct RedemptionHouse: Sendable {
    let bench: BenchHouse
    let server: ServerProcess
    let loop: EventLoop
    /// Of the devices 1, 2, 3 …
    let deviceKeys: [String]
    /// The text of the first coupon's code and so on.
    let codes: [String]

    static let venues = 20
    static let devices = 100
    /// Coupon n is this member's: who comes next to the counter has nothing to do with who came before.
    static let stride = 7_919

    /// Runs `body` in such a house and takes it down afterwards.
    static func with(coupons count: Int, _ body: (RedemptionHouse) async throws -> Void) async throws {
        try await BenchHouse.with { bench in
            _ = try await bench.ensureOrganization()
            let file = bench.folder + "/members.csv"
            try bench.writeRegister(count, organization: "Bench", to: file)
            _ = try await bench.importFile(file)
            try await prepareCampaign(bench.database, coupons: count)
            var keys: [String] = []
            for number in 1...devices { keys.append(try await bench.registry.devices.create(name: "till \(number)", profile: .venue).key) }
            _ = try await bench.database.query(
                """
                insert into venue_device (device_id, venue_id, bound_by, bound_at)
                select device_id, 1 + device_id % \(Int64(venues)), 'bench', now() from device
                """)
            let codes = try await prepareCodes(bench, count)
            _ = try await bench.database.query("vacuum analyze")
            let server = try bench.serve([])
            let loop = try EventLoop.start(name: "load")
            try await server.waitUntilReady(loop)
            try await body(RedemptionHouse(bench: bench, server: server, loop: loop, deviceKeys: keys, codes: codes))
            loop.shutDown()
        }
    }

    private static func prepareCampaign(_ database: Database, coupons count: Int) async throws {
        try await database.inTransaction { transaction in
            try await transaction.script(
                """
                insert into venue (organization_id, name, address, created_by, created_at)
                select 1, 'venue ' || n, 'street ' || n, 'bench', now() from generate_series(1, \(venues)) n;
                insert into coupon_campaign (
                    organization_id, title, budget_fen, planned_fen, face_fen, minimum_spend_fen, first_on, last_on, weekdays, from_minute,
                    to_minute, time_zone, cap, offline_max, offline_charge, created_by, created_at)
                values (
                    1, 'redemptions', 100000000000, \(count) * 5000::bigint, 5000, 10000, current_date - 5, current_date + 60, 127, 0, 1440,
                    'Asia/Shanghai', 1, 10, 'venue', 'bench', now());
                insert into coupon_campaign_venue (campaign_id, venue_id, added_at) select 1, venue_id, now() - interval '1 day' from venue;
                insert into coupon_round (
                    campaign_id, number, state, mode, opens_at, closes_at, stock, planned_stock, face_fen, cap, leftover, rules, rules_hash,
                    announced_at, issued, held)
                values (
                    1, 1, 'announced', 'race', now() - interval '3 days', now() + interval '1 day', \(count), \(count), 5000, 1, 'return',
                    '{}', sha256('rules'), now(), \(count), \(count));
                insert into coupon (
                    member_id, round_id, campaign_id, slot, state, face_fen, organization_id, groups, claimed_at, changed_at)
                select
                    1 + n * \(stride)::bigint % \(count), 1, 1, 1, 'claimed', 5000, 1, 0, now() - interval '2 days',
                    now() - interval '2 days'
                from generate_series(1, \(count)) n
                order by n;
                """)
        }
    }

    /// - Returns: the codes' texts, in the order of the coupons.
    private static func prepareCodes(_ bench: BenchHouse, _ count: Int) async throws -> [String] {
        let key = CouponCode.key(bench.keys)
        let codes = (0..<count).map { _ in CouponCode.random() }
        for start in Swift.stride(from: 0, to: count, by: 20_000) {
            let piece = codes[start..<min(start + 20_000, count)]
            _ = try await bench.database.query(
                """
                insert into coupon_code (digest, member_id, coupon_id, expires_at)
                select made.digest, coupon.member_id, coupon.coupon_id, now() + interval '1 day'
                from unnest(\(piece.map { $0.digest(key) })) with ordinality as made (digest, n)
                join coupon on coupon.coupon_id = \(Int64(start)) + made.n
                """)
        }
        return codes.map(\.text)
    }

    /// What the rows say of the round.
    struct Account: Sendable {
        let redeemed: Int
        let isBalanced: Bool
    }

    func account() async throws -> Account {
        let row = try await bench.database.query(
            """
            select
                round.redeemed,
                round.redeemed = (select count(*) from coupon where state = 'redeemed')
                and round.redeemed = (select count(*) from coupon_redemption where outcome = 'redeemed' and state = 'standing')
                and round.redeemed = (select count(*) from coupon_event where event = 'redeemed')
                and round.held = (select count(*) from coupon_code)
            from coupon_round round
            """
        ).single
        return Account(redeemed: try row.decode(0), isBalanced: try row.decode(1))
    }
}
