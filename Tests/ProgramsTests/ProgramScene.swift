import Crypto
import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Programs
@testable import Registry

/// A city with two districts, organizers, and members of several kinds, around the programs under test.
struct ProgramScene: Sendable {
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
    }

    func at(hours: Double) -> Moment {
        let clock = Clock(offsetMicroseconds: Int64(hours * 3_600_000_000))
        let programs = Programs(database: database, registry: registry, keys: keys, clock: clock)
        let api = API(routes: registry.routes + programs.routes, authenticator: registry.authenticator, log: .silent)
        return Moment(programs: programs, client: TestClient(api, loop: database.loops[0]), owner: owner)
    }

    /// Hours from now as the API writes times.
    static func time(_ hours: Double) -> String {
        Timestamp(microseconds: Clock().nowMicroseconds + Int64(hours * 3_600_000_000)).description
    }

    /// A draft that opens in an hour and closes in three.
    func draft(
        quota: Int32 = 3, rules: ProgramRules = ProgramRules(), sessions: [ProgramSession] = [], family: String? = nil,
        offerHours: Int32? = nil, change: (inout ProgramFacts) -> Void = { _ in }
    ) async throws -> ID<UnionProgram> {
        let now = Clock().nowMicroseconds
        var facts = ProgramFacts(
            title: "体检 \(UUIDv7(microseconds: now).description.suffix(12))", rules: rules, family: family,
            period: family == nil ? nil : "2026", opensAt: Timestamp(microseconds: now + 3_600_000_000),
            closesAt: Timestamp(microseconds: now + 3 * 3_600_000_000), offerHours: offerHours)
        change(&facts)
        let programs = at(hours: 0).programs
        let (given, organization) = (facts, city)
        return try await database.transaction { (transaction) async throws(PostgresError) in
            let program = try await programs.programs.create(given, of: organization, quota: quota, by: "account:1", in: transaction)
            if !sessions.isEmpty { try await programs.programs.addSessions(sessions, to: program.id, in: transaction) }
            return program.id
        }
    }

    /// The same, announced.
    func announced(
        quota: Int32 = 3, rules: ProgramRules = ProgramRules(), sessions: [ProgramSession] = [], family: String? = nil,
        offerHours: Int32? = nil
    ) async throws -> ID<UnionProgram> {
        let id = try await draft(quota: quota, rules: rules, sessions: sessions, family: family, offerHours: offerHours)
        let answer = await at(hours: 0).send(.post, "/v1/programs/\(id)/announce")
        try #require(answer.status == 200, "\(answer.text)")
        return id
    }

    /// Members of `organization`, active, of the kind.
    func members(
        _ count: Int, in organization: ID<Organization>? = nil, kind: String = "courier", sex: String = "female",
        employerCheckup: Bool = false
    ) async throws -> [ID<Member>] {
        let rows = try await database.query(
            """
            insert into member (
                organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
            select
                \(organization ?? east), 'active', \(kind), 'platform', \(sex), date '1990-01-01' + number, false, \(employerCheckup)
            from generate_series(1, \(Int32(count))) number
            returning member_id
            """)
        return try rows.map { try $0.decode(0) }
    }

    /// A member's own token.
    func token(of member: ID<Member>) async throws -> String {
        let token = BearerToken.random(.member)
        _ = try await database.query(
            """
            insert into member_session (token_sha256, member_id, expires_at)
            values (\(token.digest), \(member), now() + interval '10 years')
            """)
        return token.text
    }

    /// An application as it stands once it was taken: what runs are tested with.
    /// - Parameter ticket: nil: `M` and the member's number.
    func apply(
        _ member: ID<Member>, to program: ID<UnionProgram>, wishes: [Int32] = [1], priority: Int32 = 1, points: Int64 = 0, groups: Int16 = 0
    ) async throws {
        let ticket = "M" + String(String(member.rawValue + 10_000_000).dropFirst())
        var value: UInt64 = 0
        for byte in Array(ticket.utf8) + [UInt8](repeating: 0, count: 8 - ticket.utf8.count) { value = value << 8 | UInt64(byte) }
        _ = try await database.query(
            """
            insert into program_application (
                member_id, program_id, ticket, wishes, organization_id, priority, points, groups, applied_by, applied_at, changed_at)
            select member_id, \(program), \(Int64(bitPattern: value)), \(wishes), organization_id, \(priority), \(points), \(groups),
                'member:' || member_id, now(), now()
            from member where member_id = \(member)
            """)
    }

    /// One value of one row.
    func value<Value: PostgresDecodable>(_ sql: SQL, as _: Value.Type = Value.self) async throws -> Value {
        try await database.query(sql)[0].decode(0)
    }
}

/// Runs `body` with a scene over a fresh database.
func withPrograms<Value>(_ body: (ProgramScene) async throws -> Value) async throws -> Value {
    try await withDatabase { database in
        let keys = Keys.random()
        let registry = Registry(database: database, keys: keys, loops: database.loops)
        let city = try #require(try await registry.organizations.ensure(.init(kind: .city, name: "常州"))).id
        let east = try #require(try await registry.organizations.ensure(.init(parentID: city, kind: .district, name: "东区"))).id
        let west = try #require(try await registry.organizations.ensure(.init(parentID: city, kind: .district, name: "西区"))).id
        return try await body(
            ProgramScene(
                database: database, registry: registry, keys: keys, city: city, east: east, west: west,
                owner: try await registry.accounts.createOwner(name: "owner"),
                second: try await registry.accounts.createOwner(name: "second")))
    }
}
