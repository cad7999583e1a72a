import Crypto
import FoundationEssentials
import HTTP
import MemberCode
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// The feature behind an API, with everybody who has to do with ways in: organizers of two towns, doors, a guard, members.
struct WaysScene {
    let scene: StationScene
    let stations: Stations
    let client: TestClient
    let api: API
    let reader: ScanReader
    let codes: DoorCodes
    /// Two towns below the scene's city.
    let towns: [ID<Organization>]
    /// Hers the personal data stands in the register; she belongs to the first town.
    let person: ID<Member>

    static let owner = "owner"
    /// Operators of the first and the second town.
    static let operators = ["operator-0", "operator-1"]
    static let door = "door"
    static let otherDoor = "other-door"
    static let guardPost = "guard"

    init(_ database: Database, clock: Clock = Clock(), loop: EventLoop = TestLoops.all[0]) async throws {
        scene = try await StationScene(database, stations: 2, clock: clock)
        let registry = Registry(database: database, keys: scene.keys, loops: TestLoops.all)
        stations = Stations(database: database, registry: registry, keys: scene.keys, clock: clock, metrics: Metrics())
        reader = ScanReader(scene.keys)
        codes = DoorCodes(scene.keys)
        var towns: [ID<Organization>] = []
        for name in ["城关镇", "足荣镇"] {
            let made = try await registry.organizations.ensure(.init(parentID: scene.organization, kind: .street, name: name))
            towns.append(try #require(made).id)
        }
        self.towns = towns
        let front = scene.front.device
        let guardDevice = try await StationScene.device(database)
        _ = try await scene.accessPoints.assign(guardDevice, to: scene.front.accessPoint)
        let principals: [String: any Principal] = [
            Self.owner: OrganizerPrincipal(accountID: ID(1), grants: [AccountGrant(role: .owner, organizationID: nil)]),
            Self.operators[0]: OrganizerPrincipal(accountID: ID(2), grants: [AccountGrant(role: .operator, organizationID: towns[0])]),
            Self.operators[1]: OrganizerPrincipal(accountID: ID(3), grants: [AccountGrant(role: .operator, organizationID: towns[1])]),
            Self.door: DevicePrincipal(deviceID: front, profile: .door),
            Self.otherDoor: DevicePrincipal(deviceID: scene.back.device, profile: .door),
            Self.guardPost: DevicePrincipal(deviceID: guardDevice, profile: .guardPost),
        ]
        let api = API(
            routes: registry.routes + stations.routes,
            authenticator: SceneAuthenticator(fixed: principals))
        self.api = api
        client = TestClient(api, loop: loop)
        let body =
            #"{"organizationId":\#(towns[0]),"name":"夏侯惇惇","nationalId":"11010519491231002X","phone":"13812345678","workerKind":"courier"}"#
        let made = await client.send(
            .post, "/v1/members", bearer: Self.owner, body: Array(body.utf8), contentType: "application/json")
        try #require(made.status == 201, "\(made.text)")
        person = try await database.query("select max(member_id) from member").single.decode(0)
        _ = try await database.query("update member set status = 'active' where member_id = \(person)")
    }

    var database: Database { scene.database }

    /// Who a bearer of "member:12" is.
    struct SceneAuthenticator: Authenticator {
        let fixed: [String: any Principal]

        func principal(bearer token: String, on loop: EventLoop) async throws -> (any Principal)? {
            if let principal = fixed[token] { return principal }
            guard token.hasPrefix("member-"), let number = Int64(token.dropFirst(7)) else { return nil }
            return MemberPrincipal(memberID: ID(number), sessionID: ID(1))
        }
    }

    static func bearer(_ member: ID<Member>) -> String { "member-\(member)" }

    func send(
        _ method: HTTP.Method, _ path: String, _ json: (some Encodable & Sendable)? = String?.none, by bearer: String = owner,
        headers: [(String, String)] = []
    ) async throws -> TestResponse {
        let response =
            if let json {
                try await client.send(method, path, json: json, bearer: bearer, headers: [("Accept-Language", "en")] + headers)
            } else {
                await client.send(method, path, bearer: bearer, headers: [("Accept-Language", "en")] + headers)
            }
        #expect(response.undeclared == nil)
        return response
    }

    func issue(_ draft: CredentialDraft, to member: ID<Member>, by bearer: String = owner) async throws -> IssuedCredential {
        let response = try await send(.post, "/v1/members/\(member)/credentials", draft, by: bearer)
        try #require(response.status == 201, "\(response.text)")
        return try response.json(IssuedCredential.self)
    }

    /// A scan over HTTP at the front door.
    func scan(_ code: String, pin: String? = nil, _ direction: AccessDirection = .inward, by bearer: String = door) async throws
        -> ScanAnswer
    {
        let body = ScanBody(
            code: code, accessPointId: scene.front.accessPoint, direction: direction,
            occurredAt: Timestamp(microseconds: scene.clock.nowMicroseconds).description,
            requestId: StationScene.requestID().uuidString, pin: pin)
        let response = try await send(.post, "/v1/access/scans", body, by: bearer)
        try #require(response.status == 200, "\(response.text)")
        return try response.json(ScanAnswer.self)
    }

    /// What the front door says to `code`: nothing when it opens.
    func refusals(_ code: String, pin: String? = nil, _ direction: AccessDirection = .inward) async throws -> [String] {
        try await scan(code, pin: pin, direction).reasons.map(\.code)
    }

    /// A worker's asking at a door.
    func open(
        _ code: String, at door: StationScene.Door, by member: ID<Member>, id: UUID = StationScene.requestID(),
        _ direction: AccessDirection = .inward, at time: Int64? = nil
    ) async throws -> TestResponse {
        let body = OpenBody(
            doorCode: code, direction: direction, requestId: id.uuidString,
            occurredAt: Timestamp(microseconds: time ?? scene.clock.nowMicroseconds).description)
        return try await send(.post, "/v1/access-points/\(door.accessPoint)/open", body, by: Self.bearer(member))
    }

    func doorCode(_ door: StationScene.Door, ageSeconds: Int64 = 0) -> String {
        codes.rotating(door.accessPoint, nowMicroseconds: scene.clock.nowMicroseconds - ageSeconds * 1_000_000).text
    }

    func count(_ sql: SQL) async throws -> Int {
        try await database.query(sql).single.decode(0)
    }
}
