import Crypto
import FoundationEssentials
import HTTP
import Postgres
import Programs
import Runtime
import Scheduler
import TestSupport
import Testing

@testable import Insurance
@testable import Registry

/// A city with two districts, organizers and members around the policies under test.
struct InsuranceScene: Sendable {
    let database: Database
    let registry: Registry
    let keys: Keys
    let city: ID<Organization>
    let east: ID<Organization>
    let west: ID<Organization>
    /// Tokens of organizers of the whole city.
    let owner: String
    let second: String

    /// The feature and a client, as a server would be so many days from now.
    struct Moment: Sendable {
        let insurance: Insurance
        let client: TestClient
        let owner: String

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
            let job = try #require(insurance.jobs.first { $0.name == job })
            while try await job.run() == .more {}
        }
    }

    func at(days: Double = 0) -> Moment {
        let clock = Clock(offsetMicroseconds: Int64(days * 86_400_000_000))
        let insurance = Insurance(database: database, registry: registry, keys: keys, clock: clock)
        let api = API(routes: registry.routes + insurance.routes, authenticator: registry.authenticator, log: .silent)
        return Moment(insurance: insurance, client: TestClient(api, loop: database.loops[0]), owner: owner)
    }

    static func day(_ days: Int) -> String {
        CalendarDate(daysSince1970: Int((Clock().nowSeconds + 8 * 3_600) / 86_400) + days).description
    }

    static let advice = "出险后请拨打热线"

    func product(acceptDays: Int? = nil, family: String = "accident", more: String = "") async throws -> ProductAnswer {
        let insurer = await at().send(
            .post, "/v1/insurers", #"{"organizationId":\#(city),"name":"太平洋财险","hotline":"95500"}"#)
        try #require(insurer.status == 201, "\(insurer.text)")
        return try await product(
            of: insurer.json(InsurerAnswer.self).id, acceptDays: acceptDays, family: family, more: more)
    }

    func product(
        of insurer: ID<Insurer>, acceptDays: Int? = nil, family: String = "accident", more: String = ""
    ) async throws -> ProductAnswer {
        let days = acceptDays.map { ",\"acceptDays\":\($0)" } ?? ""
        let made = await at().send(
            .post, "/v1/insurance-products",
            """
            {"insurerId":\(insurer),"name":"意外伤害保险","family":"\(family)","sumInsuredFen":10000000,"ageMin":16,"ageMax":65,
            "claimAdvice":"\(Self.advice)"\(days)\(more)}
            """)
        try #require(made.status == 201, "\(made.text)")
        return try made.json(ProductAnswer.self)
    }

    /// A draft whose cover begins in so many days and lasts so many.
    func draft(
        of product: ProductAnswer, size: Int, from: Int = 10, days: Int = 365, rules: String = "{\"eligibility\":[]}", more: String = ""
    ) async throws -> BatchAnswer {
        let made = await at().send(
            .post, "/v1/insurance-batches",
            """
            {"organizationId":\(city),"productId":\(product.id),"title":"第四批","donor":"省总工会","size":\(size),"premiumFen":5000,
            "coverFrom":"\(Self.day(from))","coverTo":"\(Self.day(from + days - 1))","rules":\(rules)\(more)}
            """)
        try #require(made.status == 201, "\(made.text)")
        return try made.json(BatchAnswer.self)
    }

    /// Announced, run and confirmed by a second organizer.
    func confirmed(
        of product: ProductAnswer, size: Int, from: Int = 10, days: Int = 365, rules: String = "{\"eligibility\":[]}", more: String = ""
    ) async throws -> BatchAnswer {
        let batch = try await draft(of: product, size: size, from: from, days: days, rules: rules, more: more)
        let announced = await at().send(.post, "/v1/insurance-batches/\(batch.id)/announce")
        try #require(announced.status == 200, "\(announced.text)")
        try await run(batch.id)
        let confirmed = await at().send(.post, "/v1/insurance-batches/\(batch.id)/review", #"{"confirm":true}"#, bearer: second)
        try #require(confirmed.status == 200, "\(confirmed.text)")
        return try confirmed.json(BatchAnswer.self)
    }

    @discardableResult
    func run(_ batch: ID<InsuranceBatch>, by subject: String = "account:1") async throws -> RegisterDraw {
        let insurance = at().insurance
        return try await insurance.run.make(batch, by: .init(subject: subject))
    }

    func batch(_ id: ID<InsuranceBatch>) async throws -> BatchAnswer {
        try await at().send(.get, "/v1/insurance-batches/\(id)").json(BatchAnswer.self)
    }

    func policies(_ batch: ID<InsuranceBatch>, _ state: PolicyState? = nil) async throws -> [Policy] {
        try await at().insurance.policies.list(of: batch, state: state, after: nil, limit: 100_000)
    }

    /// Moves all of these, as an insurer's answer or a job would.
    @discardableResult
    func move(
        _ moves: [PolicyMove], of batch: ID<InsuranceBatch>, acceptDays: Int? = nil
    ) async throws -> [PolicyMoved.Verdict] {
        let insurance = at().insurance
        return try await database.inTransaction {
            try await insurance.policies.move(moves, of: batch, acceptDays: acceptDays, by: "test", in: $0).map(\.verdict)
        }
    }

    /// Members of `organization`, active, of the kind.
    @discardableResult
    func members(
        _ count: Int, in organization: ID<Organization>? = nil, kind: String = "courier", birthOn: String = "1990-01-01",
        sex: String = "female"
    ) async throws -> [ID<Member>] {
        let rows = try await database.query(
            """
            insert into member (
                organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
            select \(organization ?? east), 'active', \(kind), 'platform', \(sex), \(birthOn)::text::date, false, false
            from generate_series(1, \(Int32(count))) number
            returning member_id
            """)
        return try rows.map { try $0.decode(0) }
    }

    func token(of member: ID<Member>) async throws -> String {
        try await registry.memberSessions.create(member, lifetimeSeconds: 3_600).token
    }

    /// One value of one row.
    func value<Value: PostgresDecodable>(_ sql: SQL, as _: Value.Type = Value.self) async throws -> Value {
        try await database.query(sql)[0].decode(0)
    }

    /// What batches count and what the policies themselves say, in one look: batches where the two differ; policies that hold without
    /// cover or cover without holding; numbers that are not in exactly one place.
    func outOfBalance() async throws -> Int {
        try await value(
            """
            select
                (select count(*)
                from insurance_batch batch
                cross join lateral (
                    select
                        count(*) filter (where state = 'reserved') as reserved, count(*) filter (where state = 'sent') as sent,
                        count(*) filter (where state = 'rejected') as rejected, count(*) filter (where state = 'issued') as issued,
                        count(*) filter (where state = 'accepted') as accepted, count(*) filter (where state = 'active') as active,
                        count(*) filter (where state = 'claimed') as claimed, count(*) filter (where state = 'expired') as expired,
                        count(*) filter (where state = 'cancelled') as cancelled
                    from policy where policy.batch_id = batch.batch_id
                ) real
                where (batch.reserved, batch.sent, batch.rejected, batch.issued, batch.accepted, batch.active, batch.claimed,
                        batch.expired, batch.cancelled)
                    <> (real.reserved, real.sent, real.rejected, real.issued, real.accepted, real.active, real.claimed, real.expired,
                        real.cancelled))
                + (select count(*) from policy full join policy_cover using (member_id, policy_id)
                    where (policy.state not in ('refused', 'returned', 'cancelled')) is distinct from (policy_cover.family is not null)
                        or policy.cover <> policy_cover.cover)
                + (select count(*) from policy_number
                    full join (select * from policy where number is not null) policy
                        on policy.insurer_id = policy_number.insurer_id and policy.number = policy_number.number
                    where (policy.policy_id is null and policy_number.state = 'given')
                        or (policy.policy_id is not null
                            and (policy_number.policy_id is distinct from policy.policy_id or policy_number.state = 'free')))
            """, as: Int64.self
        ).magnitude == 0 ? 0 : 1
    }
}

/// Runs `body` with a scene over a fresh database.
func withInsurance<Value>(_ body: (InsuranceScene) async throws -> Value) async throws -> Value {
    try await withDatabase { database in
        let keys = Keys.random()
        let registry = Registry(database: database, keys: keys, loops: database.loops)
        let city = try #require(try await registry.organizations.ensure(.init(kind: .city, name: "武汉"))).id
        let east = try #require(try await registry.organizations.ensure(.init(parentID: city, kind: .district, name: "东区"))).id
        let west = try #require(try await registry.organizations.ensure(.init(parentID: city, kind: .district, name: "西区"))).id
        return try await body(
            InsuranceScene(
                database: database, registry: registry, keys: keys, city: city, east: east, west: west,
                owner: try await registry.accounts.createOwner(name: "owner"),
                second: try await registry.accounts.createOwner(name: "second")))
    }
}
