import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

/// What the roles may, and that none reaches beyond its subtree.
struct RoleTests {
    /// Each permission with the roles that have it. A new one fails here until it has its line.
    private static let table: [Permission: Set<AccountRole>] = [
        RegistryPermission.organizationsRead: [.owner, .manager, .operator, .auditor],
        RegistryPermission.membersRead: [.owner, .manager, .operator, .auditor],
        RegistryPermission.memberDetailsRead: [.owner, .manager, .operator, .auditor],
        RegistryPermission.devicesRead: [.owner, .manager, .operator, .auditor],
        RegistryPermission.stationsRead: [.owner, .manager, .operator, .auditor],
        RegistryPermission.membersWrite: [.owner, .manager, .operator],
        RegistryPermission.membersImport: [.owner, .manager, .operator],
        RegistryPermission.memberCodesIssue: [.owner, .manager, .operator],
        RegistryPermission.applicationsDecide: [.owner, .manager, .operator],
        RegistryPermission.credentialsWrite: [.owner, .manager, .operator],
        RegistryPermission.stationsOperate: [.owner, .manager, .operator],
        RegistryPermission.organizationsWrite: [.owner, .manager],
        RegistryPermission.devicesWrite: [.owner, .manager],
        RegistryPermission.stationsWrite: [.owner, .manager],
        RegistryPermission.accountsWrite: [.owner, .manager],
        RegistryPermission.membersErase: [.owner, .manager],
        RegistryPermission.exportsCreate: [.owner, .manager],
        RegistryPermission.webhooksWrite: [.owner, .manager],
        RegistryPermission.accountsRead: [.owner, .manager, .auditor],
        RegistryPermission.auditRead: [.owner, .manager, .auditor],
        RegistryPermission.webhooksRead: [.owner, .manager, .auditor],
        RegistryPermission.programsRead: [.owner, .manager, .operator, .auditor],
        RegistryPermission.checkupsRead: [.owner, .manager, .operator, .auditor],
        RegistryPermission.programApplicationsWrite: [.owner, .manager, .operator],
        RegistryPermission.programAwardsWrite: [.owner, .manager, .operator],
        RegistryPermission.checkupsOperate: [.owner, .manager, .operator],
        RegistryPermission.programsWrite: [.owner, .manager],
        RegistryPermission.programsReview: [.owner, .manager],
        RegistryPermission.checkupsWrite: [.owner, .manager],
        RegistryPermission.couponsRead: [.owner, .manager, .operator, .auditor],
        RegistryPermission.couponsWrite: [.owner, .manager],
        RegistryPermission.insuranceRead: [.owner, .manager, .operator, .auditor],
        RegistryPermission.insuranceWrite: [.owner, .manager],
        RegistryPermission.schoolsRead: [.owner, .manager, .operator, .auditor],
        RegistryPermission.schoolsWrite: [.owner, .manager],
        RegistryPermission.schoolsOperate: [.owner, .manager, .operator],
        RegistryPermission.insuranceReview: [.owner, .manager],
        RegistryPermission.insuranceFiles: [.owner, .manager],
        RegistryPermission.jobsRead: [.owner, .manager, .auditor],
        RegistryPermission.jobsWrite: [.owner, .manager],
        // By a grant that says so, by being a device, by being a member, by being an organizer of whatever role.
        RegistryPermission.membersUnmask: [],
        RegistryPermission.scansCreate: [],
        RegistryPermission.couponsRedeem: [],
        RegistryPermission.me: [],
        RegistryPermission.device: [],
        RegistryPermission.account: [],
    ]

    @Test func `each role may what the table says`() {
        #expect(Set(Self.table.keys) == Set(RegistryPermission.all))
        for (permission, roles) in Self.table {
            let having = AccountRole.allCases.filter { $0.permissions.contains(permission) }
            #expect(Set(having) == roles, "\(permission.rawValue)")
        }
        for role in AccountRole.allCases {
            let caller = OrganizerPrincipal(accountID: ID(1), grants: [AccountGrant(role: role, organizationID: nil, mayUnmask: false)])
            #expect(caller.may(RegistryPermission.account) && !caller.may(RegistryPermission.membersUnmask), "\(role)")
        }
        #expect(!OrganizerPrincipal(accountID: ID(1), grants: []).may(RegistryPermission.organizationsRead))
    }

    @Test func `every route answers manager, operator and auditor by their roles`() async throws {
        try await withService { service in
            let city = try #require(try await service.registry.organizations.ensure(.init(kind: .city, name: "德保")))
            for role in AccountRole.allCases {
                let token = try await Self.account(service, "role \(role)", role, in: city.id)
                for route in service.api.routes {
                    guard case .permission(let permission) = route.access else { continue }
                    // Ends the very session that asks.
                    if route.template.hasPrefix("/v1/account/sessions") { continue }
                    let path = route.template.split(separator: "/").map { $0.hasPrefix("{") ? "999999" : String($0) }.joined(separator: "/")
                    let response = await service.client.send(route.method, "/" + path, bearer: token)
                    let isBarred = response.problemCode == "auth.not_permitted"
                    let may = role.permissions.contains(permission) || permission == RegistryPermission.account
                    #expect(response.status != 401 && isBarred == !may, "\(route.method.rawValue) \(route.template) by \(role)")
                }
            }
        }
    }

    private static let canary = "西岸机密"

    @Test func `a manager of one subtree finds nothing of another, on any route, by any number`() async throws {
        try await withService { service in
            let manager = try await Self.twoDistricts(service)
            var tried = 0
            for route in service.api.routes {
                guard case .permission(let permission) = route.access, AccountRole.manager.permissions.contains(permission) else {
                    continue
                }
                let probe = RouteProbe(route: route, canary: "canary")
                let body = probe.bodies().first ?? nil
                func answer(_ number: Int) async -> TestResponse {
                    let path = route.template.split(separator: "/").map { $0.hasPrefix("{") ? "\(number)" : String($0) }
                    return await service.client.send(
                        route.method, "/" + path.joined(separator: "/") + Self.query(probe), bearer: manager, body: body?.bytes,
                        contentType: body?.type)
                }
                let name = "\(route.method.rawValue) \(route.template)"
                if !route.template.contains("{") {
                    #expect(await !answer(0).text.contains(Self.canary), "\(name)")
                    continue
                }
                let unknown = await answer(999_999)
                #expect(unknown.status >= 400, "\(name)")
                for number in 1...12 where !Self.isOwn(route.template, number) {
                    let foreign = await answer(number)
                    #expect(foreign.status == unknown.status && foreign.problemCode == unknown.problemCode, "\(name) for \(number)")
                    #expect(!foreign.text.contains(Self.canary), "\(name) for \(number)")
                    tried += 1
                }
            }
            #expect(tried > 200, "the routes were tried")
            let left: Int = try await service.database.query("select count(*) from device where revoked_at is not null")[0].decode(0)
            #expect(left == 0)
        }
    }

    /// The manager's own: the organization, which is the second, and the account. And number 1 merged with itself, for the bodies name it,
    /// is refused without a look.
    private static func isOwn(_ template: String, _ number: Int) -> Bool {
        let isOfOwn = template.hasPrefix("/v1/organizations/") || template.hasPrefix("/v1/accounts/")
        return isOfOwn && number == 2 || template.hasSuffix("/merge") && number == 1
    }

    private static func query(_ probe: RouteProbe) -> String {
        let path = probe.path(canaryInPath: false)
        return path.firstIndex(of: "?").map { String(path[$0...]) } ?? ""
    }

    /// East, whose manager asks and which has nothing, and west, where everything is; each thing of west carries the canary.
    private static func twoDistricts(_ service: TestService) async throws -> String {
        func district(_ name: String) async throws -> ID<Organization> {
            try #require(try await service.registry.organizations.ensure(.init(parentID: ID(1), kind: .district, name: name))).id
        }
        _ = try await service.registry.organizations.ensure(.init(kind: .city, name: Self.canary + "市"))
        let east = try await district("城东")
        let west = try await district(Self.canary)
        let manager = try await account(service, "东经理", .manager, in: east)
        _ = try await account(service, Self.canary + "经理", .manager, in: west)
        func make(_ path: String, _ json: String, _ type: String = "application/json") async {
            let made = await service.client.send(.post, path, bearer: service.owner, body: Array(json.utf8), contentType: type)
            #expect(made.status == 201 || made.status == 200, "\(path): \(made.text)")
        }
        let file = "姓名,身份证号\n张三,11010519491231002X\n李四,440524198001010013\n王五,1\n"
        await make("/v1/member-imports?organizationId=\(west)", file, "text/csv")
        let code = await service.client.send(
            .post, "/v1/device-pairings", bearer: service.owner,
            body: Array(#"{"name":"\#(Self.canary)","profile":"door","organizationId":\#(west)}"#.utf8), contentType: "application/json")
        let pairing = try code.json(Pairing.self)
        await make("/v1/devices", #"{"pairingCode":"\#(pairing.pairingCode)"}"#)
        await make(
            "/v1/stations",
            #"{"organizationId":\#(west),"nameZh":"\#(Self.canary)","nameEn":"West","address":"\#(Self.canary)","kind":"plain"}"#
        )
        await make("/v1/stations/1/access-points", #"{"name":"\#(Self.canary)"}"#)
        await make("/v1/access-points/1/devices", #"{"deviceId":1}"#)
        return manager
    }

    private struct Pairing: Decodable {
        let pairingCode: String
    }

    /// A token of an account with one role.
    static func account(
        _ service: TestService, _ name: String, _ role: AccountRole, in organization: ID<Organization>
    ) async throws -> String {
        try await service.database.transaction { (transaction) async throws(PostgresError) in
            guard let account = try await service.registry.accounts.create(name: name, in: transaction) else {
                throw .decoding("a free name was expected")
            }
            let grant = AccountGrant(role: role, organizationID: organization)
            _ = try await service.registry.accounts.grant(grant, to: account.id, by: "test", in: transaction)
            return try await service.registry.signIns.accountSessions.token(of: account.id, in: transaction)
        }
    }
}
