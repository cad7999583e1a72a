import Crypto
import FoundationEssentials
import HTTP
import Postgres
import Programs
import Runtime
import Scheduler
import TestSupport
import Testing

@testable import Coupons
@testable import Registry

/// A city with two districts, organizers and members around the coupons under test.
struct CouponScene: Sendable {
    let database: Database
    let registry: Registry
    let keys: Keys
    let city: ID<Organization>
    let east: ID<Organization>
    let west: ID<Organization>
    /// Tokens of organizers of the whole city.
    let owner: String
    let second: String

    /// The feature and a client, as a server would be so many hours from now.
    struct Moment: Sendable {
        let programs: Programs
        let coupons: Coupons
        var client: TestClient
        let owner: String
        let clock: Clock

        /// The same for a client that says what comes to it while it comes.
        func watching(_ onPiece: @Sendable @escaping (String) -> Void) -> Moment {
            var moment = self
            moment.client = client.telling(onPiece)
            return moment
        }

        /// Sends and holds the answer against the route's declaration.
        @discardableResult
        func send(
            _ method: HTTP.Method, _ path: String, _ json: String? = nil, bearer: String? = nil, headers: [(String, String)] = []
        ) async -> TestResponse {
            let response = await client.send(
                method, path, bearer: bearer ?? owner, headers: headers, body: json.map { Array($0.utf8) },
                contentType: json == nil ? nil : "application/json")
            #expect(response.undeclared == nil)
            return response
        }

        func run(_ job: String) async throws {
            let job = try #require((coupons.jobs + programs.jobs).first { $0.name == job })
            while try await job.run() == .more {}
        }
    }

    func at(hours: Double, limits: ClaimLimiter.Limits = ClaimLimiter.Limits(perAddress: .max, perAccount: .max)) -> Moment {
        let clock = Clock(offsetMicroseconds: Int64(hours * 3_600_000_000))
        let programs = Programs(database: database, registry: registry, keys: keys, clock: clock)
        let coupons = Coupons(database: database, registry: registry, programs: programs, keys: keys, clock: clock, limits: limits)
        let api = API(
            routes: registry.routes + programs.routes + coupons.routes, authenticator: registry.authenticator, log: .silent)
        return Moment(
            programs: programs, coupons: coupons, client: TestClient(api, loop: database.loops[0]), owner: owner, clock: clock)
    }

    /// Hours from now as the API writes times.
    static func time(_ hours: Double) -> String {
        Timestamp(microseconds: Clock().nowMicroseconds + Int64(hours * 3_600_000_000)).description
    }

    static func day(_ days: Int) -> String {
        CalendarDate(daysSince1970: Int((Clock().nowSeconds + 8 * 3_600) / 86_400) + days).description
    }

    func campaign(budgetFen: Int64 = 100_000_000, cap: Int = 1, more: String = "") async throws -> CouponCampaignAnswer {
        let made = await at(hours: 0).send(
            .post, "/v1/coupon-campaigns",
            """
            {"organizationId":\(city),"title":"冰雪消费券","budgetFen":\(budgetFen),"faceFen":5000,"minimumSpendFen":10000,
            "firstOn":"\(Self.day(0))","lastOn":"\(Self.day(90))","cap":\(cap)\(more)}
            """)
        try #require(made.status == 201, "\(made.text)")
        return try made.json(CouponCampaignAnswer.self)
    }

    func draft(
        of campaign: CouponCampaignAnswer, stock: Int, opens: Double = 1, closes: Double = 3, more: String = ""
    ) async throws -> CouponRoundAnswer {
        let made = await at(hours: 0).send(
            .post, "/v1/coupon-campaigns/\(campaign.id)/rounds",
            #"{"opensAt":"\#(Self.time(opens))","closesAt":"\#(Self.time(closes))","stock":\#(stock)\#(more)}"#)
        try #require(made.status == 201, "\(made.text)")
        return try made.json(CouponRoundAnswer.self)
    }

    /// A round that opens in an hour and closes in three, announced.
    func announced(
        stock: Int, cap: Int = 1, opens: Double = 1, closes: Double = 3, more: String = "", campaign: CouponCampaignAnswer? = nil
    ) async throws -> CouponRoundAnswer {
        var campaign = campaign
        if campaign == nil { campaign = try await self.campaign(cap: cap) }
        let round = try await draft(
            of: #require(campaign), stock: stock, opens: opens, closes: closes, more: (cap == 1 ? "" : ",\"cap\":\(cap)") + more)
        let answer = await at(hours: 0).send(.post, "/v1/coupon-rounds/\(round.id)/announce")
        try #require(answer.status == 200, "\(answer.text)")
        return try answer.json(CouponRoundAnswer.self)
    }

    /// Members of `organization`, active, of the kind.
    func members(_ count: Int, in organization: ID<Organization>? = nil, kind: String = "courier") async throws -> [ID<Member>] {
        let rows = try await database.query(
            """
            insert into member (
                organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
            select \(organization ?? east), 'active', \(kind), 'platform', 'female', '1990-01-01', false, false
            from generate_series(1, \(Int32(count))) number
            returning member_id
            """)
        return try rows.map { try $0.decode(0) }
    }

    func token(of member: ID<Member>) async throws -> String {
        try await registry.memberSessions.create(member, lifetimeSeconds: 3_600).token
    }

    /// Claims through HTTP.
    func claim(
        _ round: ID<CouponRound>, _ moment: Moment, by token: String, id: UUID = UUID(), venue: ID<Venue>? = nil
    ) async throws -> ClaimAnswer {
        let place = venue.map { ",\"venueId\":\($0)" } ?? ""
        let answer = await moment.send(
            .post, "/v1/coupon-rounds/\(round)/claims", #"{"requestId":"\#(id.uuidString)"\#(place)}"#, bearer: token)
        try #require(answer.status == 200, "\(answer.text)")
        return try answer.json(ClaimAnswer.self)
    }

    /// Claims of these members, one each, as they came: straight at the decision.
    func claims(_ members: [ID<Member>], on round: ID<CouponRound>, _ moment: Moment) async throws -> [CouponClaim.Outcome] {
        try await moment.coupons.claims.claim(
            batch: members.map { CouponClaim(memberID: $0, roundID: round, requestID: UUID()) })
    }

    /// One value of one row.
    func value<Value: PostgresDecodable>(_ sql: SQL, as _: Value.Type = Value.self) async throws -> Value {
        try await database.query(sql)[0].decode(0)
    }

    /// What the ledgers say and what the coupons themselves say, in one look: rounds where the two differ.
    func outOfBalance() async throws -> Int {
        try await value(
            """
            select count(*)::integer
            from coupon_round round
            cross join lateral (
                select
                    count(*) as issued, count(*) filter (where state in ('claimed', 'annulled', 'refunded')) as held,
                    count(*) filter (where state = 'redeemed') as redeemed, count(*) filter (where state = 'expired') as expired,
                    count(*) filter (where state = 'returned') as returned, coalesce(sum(coupon.face_fen), 0) as fen
                from coupon where coupon.round_id = round.round_id
            ) real
            where (round.issued, round.held, round.redeemed, round.expired, round.returned)
                <> (real.issued, real.held, real.redeemed, real.expired, real.returned)
                or (round.held::bigint + round.redeemed + round.expired + round.returned) * round.face_fen <> real.fen
            """)
    }
}

extension CouponClaim.Outcome {
    /// In one word, for comparing.
    var word: String {
        switch self {
        case .won: "won"
        case .pending: "pending"
        case .refused(let reasons): reasons.map { String($0.code.dropFirst("coupon.".count)) }.joined(separator: " ")
        case .roundUnknown: "round unknown"
        case .memberUnknown: "member unknown"
        case .conflict: "conflict"
        }
    }
}

/// Runs `body` with a scene over a fresh database.
func withCoupons<Value>(_ body: (CouponScene) async throws -> Value) async throws -> Value {
    try await withDatabase { database in
        let keys = Keys.random()
        let registry = Registry(database: database, keys: keys, loops: database.loops)
        let city = try #require(try await registry.organizations.ensure(.init(kind: .city, name: "吉林"))).id
        let east = try #require(try await registry.organizations.ensure(.init(parentID: city, kind: .district, name: "东区"))).id
        let west = try #require(try await registry.organizations.ensure(.init(parentID: city, kind: .district, name: "西区"))).id
        return try await body(
            CouponScene(
                database: database, registry: registry, keys: keys, city: city, east: east, west: west,
                owner: try await registry.accounts.createOwner(name: "owner"),
                second: try await registry.accounts.createOwner(name: "second")))
    }
}
