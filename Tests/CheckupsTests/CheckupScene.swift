import Crypto
import FoundationEssentials
import HTTP
import MemberCode
import Postgres
import Programs
import Registry
import Runtime
import TestSupport
import Testing

@testable import Checkups

/// A city with a park and a town, organizers, a van's device, members, and a campaign of checkups in three days' time.
struct CheckupScene: Sendable {
    let database: Database
    let registry: Registry
    let keys: Keys
    let city: ID<Organization>
    let park: ID<Organization>
    let town: ID<Organization>
    let owner: String
    let van: String
    /// The first day of the vans, in China.
    let day: CalendarDate

    /// The features and a client, as a server would be at some moment.
    struct Moment: Sendable {
        let programs: Programs
        let checkups: Checkups
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
    }

    /// At this time of the day so many days after the first one, by the clock of China.
    func at(_ time: String, day number: Int = 0) -> Moment {
        at(microseconds: instant(time, day: number).microseconds - Clock().nowMicroseconds)
    }

    func at(microseconds offset: Int64) -> Moment {
        let clock = Clock(offsetMicroseconds: offset)
        let programs = Programs(database: database, registry: registry, keys: keys, clock: clock)
        let checkups = Checkups(database: database, registry: registry, programs: programs, keys: keys, clock: clock)
        let api = API(
            routes: registry.routes + programs.routes + checkups.routes, authenticator: registry.authenticator, log: .silent)
        return Moment(
            programs: programs, checkups: checkups, client: TestClient(api, loop: database.loops[0]), owner: owner, clock: clock)
    }

    var today: Moment { at(microseconds: 0) }

    func instant(_ time: String, day number: Int = 0) -> Timestamp {
        let minutes = Int(time.prefix(2)).flatMap { hours in Int(time.suffix(2)).map { hours * 60 + $0 } } ?? 0
        return Timestamp(microseconds: Int64(((day.daysSince1970 + number) * 24 - 8) * 60 + minutes) * 60_000_000)
    }

    func date(_ number: Int = 0) -> String { CalendarDate(daysSince1970: day.daysSince1970 + number).description }

    // MARK: Campaigns

    struct Campaign: Sendable {
        let id: ID<UnionProgram>
        let package: ID<CheckupPackage>
        let visit: ID<VanVisit>
        let sessions: [VanSession]

        func number(_ index: Int) -> Int32 { sessions[index].number }
    }

    /// A draft of checkups at the park: sessions of 30 minutes from `from` to `to`.
    func draft(
        capacity: Int32 = 2, walkInPercent: Int32 = 0, from: String = "08:00", to: String = "09:30", days: Int = 1,
        quota: Int32 = 100, rules: ProgramRules = ProgramRules(), family: String? = nil, offerHours: Int32? = nil
    ) async throws -> Campaign {
        let now = today
        let microseconds = now.clock.nowMicroseconds
        let facts = ProgramFacts(
            title: "体检 \(UUIDv7(microseconds: microseconds).description.suffix(12))", rules: rules, family: family,
            period: family == nil ? nil : "2026", opensAt: Timestamp(microseconds: microseconds + 3_600_000_000),
            closesAt: Timestamp(microseconds: microseconds + 2 * 3_600_000_000), offerHours: offerHours)
        let id = try await database.transaction { (transaction) async throws(PostgresError) in
            try await now.programs.programs.create(facts, of: city, quota: quota, by: "account:1", in: transaction).id
        }
        let made = await now.send(.post, "/v1/checkups/campaigns", #"{"programId":\#(id),"graceMinutes":15,"earlyMinutes":60}"#)
        try #require(made.status == 201, "\(made.text)")
        let package = await now.send(
            .post, "/v1/checkups/campaigns/\(id)/packages",
            #"{"name":"基础套餐","items":["血压","血常规"],"valueFen":55000,"addOns":[{"workerKind":"courier","items":["颈椎"]}]}"#)
        try #require(package.status == 201, "\(package.text)")
        let packageID = try package.json(CheckupPackage.self).id
        let visit = try await visit(of: id, packageID, days: days)
        let sessions = try await addSessions(
            to: visit, VanSessionsBody(from: from, to: to, everyMinutes: 30, capacity: capacity, walkInPercent: walkInPercent))
        return Campaign(id: id, package: packageID, visit: visit, sessions: sessions)
    }

    func visit(
        of campaign: ID<UnionProgram>, _ package: ID<CheckupPackage>, site: String = "科技园", days: Int = 1, latitude: Double = 31.81,
        longitude: Double = 119.97, audience: ID<Organization>? = nil
    ) async throws -> ID<VanVisit> {
        let body = VanVisitBody(
            packageId: package, hostOrganizationId: park, forOrganizationId: audience, site: site, address: "创新大道 1 号",
            latitude: latitude, longitude: longitude, firstOn: date(), lastOn: date(days - 1))
        let made = await today.send(
            .post, "/v1/checkups/campaigns/\(campaign)/visits", String(decoding: try JSON.encode(body), as: UTF8.self))
        try #require(made.status == 201, "\(made.text)")
        return try made.json(VanVisit.self).id
    }

    @discardableResult
    func addSessions(to visit: ID<VanVisit>, _ body: VanSessionsBody) async throws -> [VanSession] {
        let made = await today.send(
            .post, "/v1/checkups/visits/\(visit)/sessions", String(decoding: try JSON.encode(body), as: UTF8.self))
        try #require(made.status == 201, "\(made.text)")
        return try made.json(VanSessionList.self).items
    }

    /// Takes a draft to the state in which places are given, past everything that leads there.
    func publish(_ campaign: Campaign) async throws {
        _ = try await database.query(
            """
            update program
            set state = 'published', lottery_secret_sealed = '\\x00', lottery_commitment = '\\x00', announcement = 'x',
                rules_hash = sha256('x'), inputs_hash = '\\x00',
                announced_at = now(), opened_at = now(), closed_at = now(), published_at = now()
            where program_id = \(campaign.id)
            """)
    }

    func published(
        capacity: Int32 = 2, walkInPercent: Int32 = 0, to: String = "09:30", days: Int = 1, quota: Int32 = 100,
        rules: ProgramRules = ProgramRules(), family: String? = nil, offerHours: Int32? = nil
    ) async throws -> Campaign {
        let campaign = try await draft(
            capacity: capacity, walkInPercent: walkInPercent, to: to, days: days, quota: quota, rules: rules, family: family,
            offerHours: offerHours)
        try await publish(campaign)
        return campaign
    }

    // MARK: People

    /// Members of `organization`, active, of the kind.
    func members(
        _ count: Int, in organization: ID<Organization>? = nil, kind: String = "courier", sex: String = "female"
    ) async throws -> [ID<Member>] {
        let rows = try await database.query(
            """
            insert into member (
                organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
            select \(organization ?? park), 'active', \(kind), 'platform', \(sex), date '1990-01-01' + number, false, false
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
        let made = await today.send(.post, "/v1/members", body)
        try #require(made.status == 201, "\(made.text)")
        let id: ID<Member> = try await value("select max(member_id) from member")
        _ = try await database.query("update member set status = 'active' where member_id = \(id)")
        return id
    }

    func token(of member: ID<Member>) async throws -> String {
        try await registry.memberSessions.create(member, lifetimeSeconds: 3_600).token
    }

    /// A place as a run or a tick gives it.
    @discardableResult
    func give(
        _ number: Int32, of campaign: Campaign, to member: ID<Member>, state: String = "confirmed", source: String = "tick"
    ) async throws -> String {
        try await value(
            """
            select outcome
            from programs_hold(
                \([member]), \([campaign.id]), \([number]), \([state]), \([source]), \([Int32?.none]), \(["test"]), \(["account:1"]), 0)
            """)
    }

    func state(of member: ID<Member>, in campaign: Campaign) async throws -> String? {
        try await database.query(
            "select state from program_award where member_id = \(member) and program_id = \(campaign.id)"
        ).first.map { try $0.decode(0) }
    }

    // MARK: At the van

    func code(_ member: ID<Member>, _ moment: Moment, ageSeconds: Int64 = 0) -> String {
        MemberCodeIssuer(keys).issue(memberID: member.rawValue, nowMicroseconds: moment.clock.nowMicroseconds - ageSeconds * 1_000_000)
            .text
    }

    static func requestID() -> String { UUIDv7(microseconds: Clock().nowMicroseconds).description }

    /// Shows a code at the van: `check-ins`, `walk-ins`.
    func show(
        _ code: String, at visit: ID<VanVisit>, _ moment: Moment, to what: String = "check-ins", pin: String? = nil,
        id: String = requestID(), occurredAt: Timestamp? = nil, by bearer: String? = nil
    ) async throws -> VanAnswer {
        let body = VanScanBody(code: code, pin: pin, requestId: id, occurredAt: (occurredAt ?? moment.now).description)
        let answer = await moment.send(
            .post, "/v1/checkups/visits/\(visit)/\(what)", String(decoding: try JSON.encode(body), as: UTF8.self), by: bearer ?? van)
        try #require(answer.status == 200, "\(answer.text)")
        return try answer.json(VanAnswer.self)
    }

    func show(_ member: ID<Member>, at visit: ID<VanVisit>, _ moment: Moment, to what: String = "check-ins") async throws -> VanAnswer {
        try await show(code(member, moment), at: visit, moment, to: what)
    }

    func callNext(_ visit: ID<VanVisit>, _ moment: Moment, count: Int = 1, id: String = requestID()) async throws -> CallAnswer {
        let answer = await moment.send(
            .post, "/v1/checkups/visits/\(visit)/walk-ins/next", #"{"requestId":"\#(id)","count":\#(count)}"#, by: van)
        try #require(answer.status == 200, "\(answer.text)")
        return try answer.json(CallAnswer.self)
    }

    /// One value of one row.
    func value<Value: PostgresDecodable>(_ sql: SQL, as _: Value.Type = Value.self) async throws -> Value {
        try await database.query(sql)[0].decode(0)
    }

    /// Places counted and places held must say the same, in every session and program.
    func outOfBalance() async throws -> Int {
        try await value(
            """
            select count(*)
            from program_session
            where taken <> (
                select count(*) from program_award
                where program_award.program_id = program_session.program_id
                    and program_award.number = program_session.number
                    and programs_holds_place(program_award.state))
            """)
    }
}

/// Runs `body` with a scene over a fresh database.
func withCheckups<Value>(_ body: (CheckupScene) async throws -> Value) async throws -> Value {
    try await withDatabase { database in
        let keys = Keys.random()
        let registry = Registry(database: database, keys: keys, loops: database.loops)
        let city = try #require(try await registry.organizations.ensure(.init(kind: .city, name: "常州"))).id
        let park = try #require(try await registry.organizations.ensure(.init(parentID: city, kind: .district, name: "科技园"))).id
        let town = try #require(try await registry.organizations.ensure(.init(parentID: city, kind: .district, name: "西镇"))).id
        let today = Int((Clock().nowSeconds + 8 * 3_600) / 86_400)
        return try await body(
            CheckupScene(
                database: database, registry: registry, keys: keys, city: city, park: park, town: town,
                owner: try await registry.accounts.createOwner(name: "owner"),
                van: try await registry.devices.create(name: "van", profile: .van).key, day: CalendarDate(daysSince1970: today + 3)))
    }
}
