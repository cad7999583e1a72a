import Crypto
import HTTP
import Postgres
import Runtime
import Scheduler
import TestSupport
import Testing

@testable import Registry

/// A registry with two districts under the city, made-up members, and the ways in.
struct SignInScene {
    let scene: RegistryScene
    let east: Organization
    let west: Organization

    static let phone = "13812345678"
    static let nationalID = "11010519491231002X"

    var registry: Registry { scene.registry }
    var database: Database { scene.database }
    var city: Organization { scene.organization }
    var owner: String { scene.owner }

    init(_ database: Database, clock: Clock = Clock()) async throws {
        scene = try await RegistryScene(database, clock: clock)
        east = try await Self.district("城东", scene)
        west = try await Self.district("城西", scene)
    }

    private static func district(_ name: String, _ scene: RegistryScene) async throws -> Organization {
        try #require(try await scene.registry.organizations.ensure(.init(parentID: scene.organization.id, kind: .district, name: name)))
    }

    // MARK: Requests

    func send(
        _ method: HTTP.Method, _ path: String, _ json: String? = nil, bearer: String? = nil, headers: [(String, String)] = [],
        from address: String = "192.0.2.1", sourceLocation: SourceLocation = #_sourceLocation
    ) async -> TestResponse {
        let client = TestClient(
            API(routes: registry.routes, authenticator: registry.authenticator), loop: TestLoops.all[0], address: NetworkAddress(address))
        let response = await client.send(
            method, path, bearer: bearer, headers: headers, body: json.map { Array($0.utf8) },
            contentType: json == nil ? nil : "application/json")
        #expect(response.undeclared == nil, sourceLocation: sourceLocation)
        return response
    }

    func post(_ path: String, _ json: String, bearer: String? = nil, from address: String = "192.0.2.1") async -> TestResponse {
        await send(.post, path, json, bearer: bearer, from: address)
    }

    // MARK: Members

    @discardableResult
    func member(
        _ name: String = "张三", _ nationalID: String = SignInScene.nationalID, phone: String? = SignInScene.phone,
        in organization: Organization? = nil
    ) async throws -> ID<Member> {
        let draft = MemberDraft(
            person: PersonalData(
                name: try PersonName(name), nationalID: try NationalID(nationalID),
                phone: try phone.map { text throws(MemberFault) in try PhoneNumber(text) }),
            organizationID: (organization ?? city).id, workerKind: nil, employmentForm: nil, hardshipPost: nil, employerCheckup: nil)
        return try await database.transaction { (transaction) async throws(PostgresError) in
            guard case .created(let member) = try await registry.members.create(draft, in: transaction) else {
                throw .decoding("a new member was expected")
            }
            return member.id
        }
    }

    /// Asks for a code and lets the job draw it.
    func askForCode(_ phone: String = SignInScene.phone, from address: String = "192.0.2.1") async throws -> TestResponse {
        let answer = await post("/v1/member-sessions/codes", #"{"phone":"\#(phone)"}"#, from: address)
        try await sendCodes()
        return answer
    }

    func sendCodes() async throws {
        for job in registry.jobs where job.name == "sign_in_codes.send" { try await job.run() }
    }

    struct Message: Decodable {
        let phone: String
        let template: String
        let language: String
        let parameters: [String: String]
        let text: String
    }

    /// The messages that went to the outbox, the oldest first.
    func messages() async throws -> [Message] {
        let rows = try await database.query(
            "select event_id, data_sealed from outbox_event where type = 'message.requested' order by event_id")
        let sealer = Sealer(scene.keys)
        return try rows.map { row in
            let bytes = try sealer.open(try row.decode(1), in: OutboxStore.dataColumn, row: try row.decode(0))
            return try JSON.decode(Message.self, from: bytes)
        }
    }

    func lastCode() async throws -> String { try #require(try await messages().last?.parameters["code"]) }

    func signIn(
        _ code: String, phone: String = SignInScene.phone, extra: String = "", from address: String = "192.0.2.1"
    ) async -> TestResponse {
        await post("/v1/member-sessions", #"{"phone":"\#(phone)","code":"\#(code)"\#(extra)}"#, from: address)
    }

    /// As if the last minute and day were over: what was counted is forgotten.
    func forgetAttempts() async throws { _ = try await database.query("delete from attempt_limit") }

    // MARK: Accounts

    /// An account with one role, and its token.
    func account(
        _ name: String, _ role: AccountRole, in organization: Organization?, mayUnmask: Bool = false
    ) async throws -> (id: ID<Account>, token: String) {
        try await database.transaction { (transaction) async throws(PostgresError) in
            guard let account = try await registry.accounts.create(name: name, in: transaction) else {
                throw .decoding("a free name was expected")
            }
            _ = try await registry.accounts.grant(
                AccountGrant(role: role, organizationID: organization?.id, mayUnmask: mayUnmask), to: account.id, by: "test",
                in: transaction)
            let session = try await registry.signIns.accountSessions.create(
                account.id, madeBy: .password, deviceName: nil, in: transaction)
            return (account.id, session.token)
        }
    }

    func auditActions() async throws -> [String] {
        try await database.query("select action || ' ' || subject from audit_entry order by entry_id").map { try $0.decode(0) }
    }
}

/// Runs `body` with a scene on a fresh database.
func inSignInScene(_ body: (SignInScene) async throws -> Void) async throws {
    try await withDatabase { try await body(SignInScene($0)) }
}
