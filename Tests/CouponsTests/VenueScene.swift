import Crypto
import FoundationEssentials
import HTTP
import MemberCode
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Coupons

/// A city with a park and a town, an organizer, venues with their devices, and coupons that stand in the database already.
struct VenueScene: Sendable {
    let database: Database
    let registry: Registry
    let keys: Keys
    let city: ID<Organization>
    let park: ID<Organization>
    let town: ID<Organization>
    let owner: String

    /// A venue and the key of a device there.
    struct Counter: Sendable {
        let id: ID<Venue>
        let device: ID<Device>
        let key: String
    }

    /// The feature and a client, as a server would be at some moment.
    struct Moment: Sendable {
        let redeeming: Redeeming
        let client: TestClient
        let owner: String
        let clock: Clock

        /// Sends and holds the answer against the route's declaration.
        @discardableResult
        func send(
            _ method: HTTP.Method, _ path: String, _ json: String? = nil, by bearer: String? = nil, headers: [(String, String)] = []
        ) async -> TestResponse {
            let response = await client.send(
                method, path, bearer: bearer ?? owner, headers: [("Accept-Language", "en")] + headers, body: json.map { Array($0.utf8) },
                contentType: json == nil ? nil : "application/json")
            #expect(response.undeclared == nil)
            return response
        }

        var now: Timestamp { Timestamp(microseconds: clock.nowMicroseconds) }

        func before(seconds: Int64) -> Timestamp { Timestamp(microseconds: clock.nowMicroseconds - seconds * 1_000_000) }
    }

    /// So many seconds from now.
    func moment(_ seconds: Int64 = 0, as principals: [String: any Principal]? = nil) -> Moment {
        let clock = Clock(offsetMicroseconds: seconds * 1_000_000)
        let redeeming = Redeeming(database: database, registry: registry, keys: keys, clock: clock)
        let authenticator: any Authenticator = principals.map { FixedAuthenticator($0) } ?? registry.authenticator
        let api = API(routes: registry.routes + redeeming.routes, authenticator: authenticator, log: .silent)
        return Moment(
            redeeming: redeeming, client: TestClient(api, loop: database.loops[0]), owner: principals == nil ? owner : "t", clock: clock)
    }

    /// An organizer of one subtree.
    func organizer(of organization: ID<Organization>) -> Moment {
        moment(as: ["t": OrganizerPrincipal(accountID: ID(9), grants: [AccountGrant(role: .manager, organizationID: organization)])])
    }

    // MARK: What is there

    func counter(_ name: String = "面馆", in organization: ID<Organization>? = nil) async throws -> Counter {
        let id: ID<Venue> = try await value(
            """
            insert into venue (organization_id, name, address, created_by, created_at)
            values (\(organization ?? park), \(name), '创新大道 1 号', 'test', now())
            returning venue_id
            """)
        let (device, key) = try await registry.devices.create(name: name, profile: .venue)
        let counter = Counter(id: id, device: device.id, key: key)
        try await bind(counter)
        return counter
    }

    func bind(_ counter: Counter) async throws {
        _ = try await database.query(
            "insert into venue_device (device_id, venue_id, bound_by, bound_at) values (\(counter.device), \(counter.id), 'test', now())")
    }

    /// A campaign that these venues take, with one round.
    func campaign(
        at venues: [Counter], title: String = "冬日送暖", goods: String? = nil, face: Int64 = 5_000, minimum: Int64 = 10_000,
        lastIn days: Int32 = 10, weekdays: Int16 = 127, fromMinute: Int16 = 0, toMinute: Int16 = 1_440, offlineMax: Int16 = 10,
        charge: String = "venue"
    ) async throws -> ID<CouponCampaign> {
        let id: ID<CouponCampaign> = try await value(
            """
            insert into coupon_campaign (
                organization_id, title, goods, budget_fen, face_fen, minimum_spend_fen, first_on, last_on, weekdays, from_minute, to_minute,
                time_zone, cap, offline_max, offline_charge, created_by, created_at)
            values (
                \(park), \(title), \(goods), 100000000, \(face), \(goods == nil ? minimum : 0),
                (now() at time zone 'Asia/Shanghai')::date - 5, (now() at time zone 'Asia/Shanghai')::date + \(days), \(weekdays),
                \(fromMinute), \(toMinute), 'Asia/Shanghai', 100, \(offlineMax), \(charge), 'test', now())
            returning campaign_id
            """)
        for venue in venues {
            _ = try await database.query(
                """
                insert into coupon_campaign_venue (campaign_id, venue_id, stock, added_at)
                values (\(id), \(venue.id), \(goods == nil ? nil : 1_000 as Int32?), now() - interval '1 day')
                """)
        }
        _ = try await database.query(
            """
            insert into coupon_round (
                campaign_id, number, state, mode, opens_at, closes_at, stock, planned_stock, face_fen, cap, leftover, rules, rules_hash,
                announced_at)
            values (
                \(id), 1, 'announced', 'race', now() - interval '3 days', now() + interval '1 day', 100000, 100000, \(face), 100,
                'return', '{}', sha256('x'), now())
            """)
        return id
    }

    /// A coupon of the campaign's round, claimed four days ago.
    @discardableResult
    func coupon(
        of campaign: ID<CouponCampaign>, for member: ID<Member>, pickUpAt venue: ID<Venue>? = nil, state: String = "claimed"
    ) async throws -> ID<Coupon> {
        try await value(
            """
            with round as (
                update coupon_round
                set
                    issued = issued + 1,
                    held = held + case when \(state) in ('claimed', 'annulled', 'refunded') then 1 else 0 end,
                    expired = expired + case when \(state) = 'expired' then 1 else 0 end,
                    returned = returned + case when \(state) = 'returned' then 1 else 0 end
                where campaign_id = \(campaign)
                returning round_id, campaign_id, face_fen
            )
            insert into coupon (
                member_id, round_id, campaign_id, slot, state, face_fen, organization_id, groups, venue_id, claimed_at, changed_at)
            select
                \(member), round_id, campaign_id,
                (select count(*) + 1 from coupon mine where mine.member_id = \(member) and mine.campaign_id = round.campaign_id)::smallint,
                \(state), face_fen, \(park), 0::smallint, \(venue), now() - interval '4 days', now() - interval '1 day'
            from round
            returning coupon_id
            """)
    }

    /// Members of the park, active.
    func members(_ count: Int) async throws -> [ID<Member>] {
        let rows = try await database.query(
            """
            insert into member (
                organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
            select \(park), 'active', 'courier', 'platform', 'female', date '1990-01-01' + number, false, false
            from generate_series(1, \(Int32(count))) number
            returning member_id
            """)
        return try rows.map { try $0.decode(0) }
    }

    /// A member whose personal data stands in the register.
    func person(_ name: String = "夏侯惇惇", nationalID: String = "11010519491231002X", phone: String = "13812345678") async throws
        -> ID<Member>
    {
        let body =
            #"{"organizationId":\#(park),"name":"\#(name)","nationalId":"\#(nationalID)","phone":"\#(phone)","workerKind":"courier"}"#
        let made = await moment().send(.post, "/v1/members", body)
        try #require(made.status == 201, "\(made.text)")
        return try await value("select max(member_id) from member")
    }

    func token(of member: ID<Member>) async throws -> String {
        try await registry.memberSessions.create(member, lifetimeSeconds: 3_600).token
    }

    // MARK: At the counter

    func code(_ member: ID<Member>, _ moment: Moment, ageSeconds: Int64 = 0) -> String {
        MemberCodeIssuer(keys).issue(memberID: member.rawValue, nowMicroseconds: moment.clock.nowMicroseconds - ageSeconds * 1_000_000)
            .text
    }

    static func requestID() -> String { UUIDv7(microseconds: Clock().nowMicroseconds).description }

    func body(
        _ code: String, _ moment: Moment, coupon: ID<Coupon>? = nil, spend: Int64 = 12_000, pin: String? = nil, id: String = requestID(),
        occurredAt: Timestamp? = nil
    ) -> RedemptionBody {
        RedemptionBody(
            code: code, pin: pin, couponId: coupon, spendFen: spend, requestId: id, occurredAt: (occurredAt ?? moment.now).description)
    }

    /// Shows a code at the counter.
    func show(_ body: RedemptionBody, at counter: Counter, _ moment: Moment) async throws -> RedemptionAnswer {
        let answer = await moment.send(
            .post, "/v1/redemptions", String(decoding: try JSON.encode(body), as: UTF8.self), by: counter.key)
        try #require(answer.status == 200, "\(answer.text)")
        return try answer.json(RedemptionAnswer.self)
    }

    func show(
        _ member: ID<Member>, at counter: Counter, _ moment: Moment, coupon: ID<Coupon>? = nil, spend: Int64 = 12_000,
        id: String = requestID()
    ) async throws -> RedemptionAnswer {
        try await show(body(code(member, moment), moment, coupon: coupon, spend: spend, id: id), at: counter, moment)
    }

    func upload(_ items: [RedemptionBody], at counter: Counter, _ moment: Moment) async throws -> [RedemptionJournalAnswer.Item] {
        let body = String(decoding: try JSON.encode(RedemptionJournalBody(items: items)), as: UTF8.self)
        let answer = await moment.send(.post, "/v1/redemptions/journal", body, by: counter.key)
        try #require(answer.status == 200, "\(answer.text)")
        return try answer.json(RedemptionJournalAnswer.self).items
    }

    func annul(_ id: String, at counter: Counter, _ moment: Moment) async -> TestResponse {
        await moment.send(.post, "/v1/redemptions/\(id)/annul", by: counter.key)
    }

    func refund(_ id: String, of venue: ID<Venue>, _ moment: Moment, headers: [(String, String)] = []) async -> TestResponse {
        await moment.send(.post, "/v1/venues/\(venue)/redemptions/\(id)/refund", #"{"reason":"退货"}"#, headers: headers)
    }

    // MARK: What became of it

    func state(of coupon: ID<Coupon>) async throws -> String { try await value("select state from coupon where coupon_id = \(coupon)") }

    /// One value of one row.
    func value<Value: PostgresDecodable>(_ sql: SQL, as _: Value.Type = Value.self) async throws -> Value {
        try await database.query(sql)[0].decode(0)
    }

    /// Rounds whose counts say otherwise than their coupons, and campaigns whose events say otherwise in number or in fen.
    func outOfBalance() async throws -> Int {
        try await value(
            """
            select
                (
                    select count(*) from coupon_round round
                    cross join lateral (
                        select
                            count(*) as issued, count(*) filter (where state in ('claimed', 'annulled', 'refunded')) as held,
                            count(*) filter (where state = 'redeemed') as redeemed, count(*) filter (where state = 'expired') as expired,
                            count(*) filter (where state = 'returned') as returned
                        from coupon where coupon.round_id = round.round_id
                    ) counted
                    where (round.issued, round.held, round.redeemed, round.expired, round.returned)
                        <> (counted.issued, counted.held, counted.redeemed, counted.expired, counted.returned)
                ) + (
                    select count(*) from coupon_campaign campaign
                    cross join lateral (
                        select
                            coalesce(sum(case event when 'redeemed' then 1 when 'redeemed_twice' then 0 else -1 end), 0) as uses,
                            coalesce(sum(
                                case event when 'redeemed' then amount_fen when 'redeemed_twice' then 0 else -amount_fen end), 0) as fen
                        from coupon_event where coupon_event.campaign_id = campaign.campaign_id and venue_id is not null
                    ) told
                    where told.uses <> (
                            select count(*) from coupon where coupon.campaign_id = campaign.campaign_id and state = 'redeemed')
                        or told.fen <> (
                            select coalesce(sum(amount_fen), 0) from coupon_redemption
                            where coupon_redemption.campaign_id = campaign.campaign_id and outcome = 'redeemed' and state = 'standing')
                )
            """)
    }
}

/// Runs `body` with a scene over a fresh database.
func withVenues<Value>(_ body: (VenueScene) async throws -> Value) async throws -> Value {
    try await withDatabase { database in
        let keys = Keys.random()
        let registry = Registry(database: database, keys: keys, loops: database.loops)
        let city = try #require(try await registry.organizations.ensure(.init(kind: .city, name: "常州"))).id
        let park = try #require(try await registry.organizations.ensure(.init(parentID: city, kind: .district, name: "科技园"))).id
        let town = try #require(try await registry.organizations.ensure(.init(parentID: city, kind: .district, name: "西镇"))).id
        return try await body(
            VenueScene(
                database: database, registry: registry, keys: keys, city: city, park: park, town: town,
                owner: try await registry.accounts.createOwner(name: "owner")))
    }
}
