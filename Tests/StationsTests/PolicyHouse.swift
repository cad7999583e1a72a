import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// The feature behind an API, with those who may do everything, something in the north, and nothing but read.
struct PolicyHouse {
    let scene: StationScene
    let north: ID<Organization>
    private let client: TestClient

    static let owner = "owner"
    static let northern = "northern"
    static let auditor = "auditor"
    /// As little as a policy's JSON may say.
    static let policy = #"{"isOpen": true, "directions": "both", "reentryMinutes": 0, "relayMilliseconds": 3000}"#

    init(_ database: Database) async throws {
        scene = try await StationScene(database)
        north = try await scene.organization(below: scene.organization, name: "north")
        let registry = Registry(database: database, keys: scene.keys, loops: TestLoops.all)
        let stations = Stations(database: database, registry: registry, keys: scene.keys, clock: scene.clock, metrics: Metrics())
        let api = API(
            routes: stations.routes,
            authenticator: FixedAuthenticator([
                Self.owner: OrganizerPrincipal(accountID: ID(1), grants: [AccountGrant(role: .owner, organizationID: nil)]),
                Self.northern: OrganizerPrincipal(accountID: ID(2), grants: [AccountGrant(role: .manager, organizationID: north)]),
                Self.auditor: OrganizerPrincipal(accountID: ID(3), grants: [AccountGrant(role: .auditor, organizationID: nil)]),
            ]))
        client = TestClient(api, loop: TestLoops.all[0])
    }

    /// - Parameter json: the body's text.
    func send(
        _ method: HTTP.Method, _ path: String, _ json: String? = nil, ifMatch: String? = nil, bearer: String = owner
    ) async throws -> TestResponse {
        let response = await client.send(
            method, path, bearer: bearer, headers: ifMatch.map { [("If-Match", $0)] } ?? [], body: json.map { Array($0.utf8) } ?? [],
            contentType: json == nil ? nil : "application/json")
        #expect(response.undeclared == nil)
        return response
    }

    /// Why the front door stays shut for a member's fresh code.
    func reasons(_ member: Int, _ direction: AccessDirection = .inward) async throws -> [AccessReason] {
        try await scene.admit(scene.scan(scene.code(scene.members[member]), at: scene.front, direction)).reasons
    }
}
