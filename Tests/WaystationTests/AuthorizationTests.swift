import HTTP
import Postgres
import Registry
import Runtime
import Synchronization
import Testing

/// Who may call what. A new route fails here until it has its line.
struct AuthorizationTests {
    enum Caller: String, CaseIterable { case nobody, owner, door, `guard`, van, venue, classroom, member }

    static let everybody: Set<Caller> = Set(Caller.allCases)
    static let owner: Set<Caller> = [.owner]

    private static let table = others.merging(insurance) { _, second in second }.merging(schools) { _, second in second }
        .merging(attendance) { _, second in second }.merging(pages) { _, second in second }
        .merging(screens) { _, second in second }

    private static let others: [String: Set<Caller>] = [
        "GET /healthz": everybody,
        "GET /readyz": everybody,
        "GET /metrics": everybody,
        "GET /openapi.json": everybody,

        "GET /v1/account": [.owner, .door, .guard, .van, .venue, .classroom, .member],
        "GET /v1/account/sessions": owner,
        "DELETE /v1/account/sessions/{id}": owner,
        "PUT /v1/account/password": owner,
        "POST /v1/account-sessions": everybody,
        "POST /v1/account-passwords": everybody,
        "POST /v1/accounts": owner,
        "GET /v1/accounts": owner,
        "GET /v1/accounts/{id}": owner,
        "POST /v1/accounts/{id}/grants": owner,
        "DELETE /v1/accounts/{id}/grants/{grantId}": owner,
        "POST /v1/accounts/{id}/invitations": owner,
        "POST /v1/accounts/{id}/disable": owner,
        "POST /v1/member-sessions/codes": everybody,
        "POST /v1/member-sessions": everybody,
        "GET /v1/me": [.member],
        "GET /v1/me/code": [.member],
        "GET /v1/me/sessions": [.member],
        "DELETE /v1/me/sessions": [.member],
        "DELETE /v1/me/sessions/{id}": [.member],
        "POST /v1/organizations": owner,
        "GET /v1/organizations": owner,
        "GET /v1/organizations/{id}": owner,
        "PATCH /v1/organizations/{id}": owner,
        "POST /v1/organizations/{id}/renewals": owner,
        "GET /v1/organizations/{id}/renewals": owner,
        "POST /v1/organizations/{id}/move": owner,
        "GET /v1/organizations/{id}/moves": owner,
        "POST /v1/organizations/{id}/close": owner,
        "GET /v1/organizations/{id}/join-code": owner,
        "POST /v1/organizations/{id}/join-code/rotate": owner,
        "POST /v1/organizations/{id}/join-code/disable": owner,
        "GET /v1/organizations/{id}/poster": owner,
        "GET /v1/join/{code}": everybody,
        "POST /v1/join/{code}/applications": everybody,
        "GET /v1/join-application": everybody,
        "PUT /v1/join-application": everybody,
        "GET /v1/organizations/{id}/holding-report": owner,
        "POST /v1/members/{id}/transfers": owner,
        "GET /v1/transfers": owner,
        "GET /v1/transfers/{id}": owner,
        "POST /v1/transfers/{id}/agree": owner,
        "POST /v1/transfers/{id}/refuse": owner,
        "POST /v1/members/{id}/leave": owner,
        "POST /v1/members/{id}/suspend": owner,
        "POST /v1/members/{id}/rejoin": owner,
        "GET /v1/members/{id}/memberships": owner,
        "POST /v1/me/transfers": [.member],
        "GET /v1/me/transfers": [.member],
        "POST /v1/me/transfers/{id}/cancel": [.member],
        "POST /v1/me/leave": [.member],
        "GET /v1/me/memberships": [.member],
        "GET /v1/applications": owner,
        "GET /v1/applications/{id}": owner,
        "POST /v1/applications/{id}/approve": owner,
        "POST /v1/applications/{id}/reject": owner,
        "POST /v1/members": owner,
        "GET /v1/members": owner,
        "GET /v1/members/{id}": owner,
        "POST /v1/members/{id}/unmask": owner,
        "POST /v1/members/{id}/status": owner,
        "GET /v1/members/{id}/code": owner,
        "POST /v1/member-imports": owner,
        "GET /v1/member-imports": owner,
        "GET /v1/member-imports/{id}": owner,
        "GET /v1/member-imports/{id}/rejections": owner,
        "POST /v1/device-pairings": owner,
        // A device that has no key yet shows its pairing code in the body.
        "POST /v1/devices": everybody,
        "GET /v1/devices": owner,
        "GET /v1/devices/{id}": owner,
        "POST /v1/devices/{id}/roll": owner,
        "POST /v1/devices/{id}/revoke": owner,
        "GET /v1/audit-entries": owner,
        "GET /v1/audit-entries/{id}": owner,
        "GET /v1/audit-seals": owner,
        "POST /v1/webhook-endpoints": owner,
        "GET /v1/webhook-endpoints": owner,
        "GET /v1/webhook-endpoints/{id}": owner,
        "PATCH /v1/webhook-endpoints/{id}": owner,
        "DELETE /v1/webhook-endpoints/{id}": owner,
        "POST /v1/webhook-endpoints/{id}/rotate-secret": owner,
        "POST /v1/webhook-endpoints/{id}/test": owner,
        "GET /v1/webhook-endpoints/{id}/deliveries": owner,
        "POST /v1/webhook-endpoints/{id}/replay": owner,
        "POST /v1/webhook-endpoints/{id}/deliveries/{deliveryId}/resend": owner,

        "GET /v1/jobs": owner,
        "GET /v1/jobs/{id}": owner,
        "POST /v1/jobs/{id}/run": owner,
        "POST /v1/jobs/{id}/cancel": owner,

        "GET /v1/member-attributes": everybody,
        "GET /v1/members/{id}/attributes": owner,
        "GET /v1/members/{id}/attributes/{attribute}": owner,
        "PUT /v1/members/{id}/attributes/{attribute}": owner,
        "POST /v1/register-checks": owner,
        "GET /v1/members/{id}/consents": owner,
        "GET /v1/duplicates": owner,
        "POST /v1/duplicates/{id}/dismiss": owner,
        "POST /v1/members/{id}/merge": owner,
        "GET /v1/members/{id}/merges": owner,
        "POST /v1/members/{id}/erasure": owner,
        "POST /v1/member-searches": owner,
        "POST /v1/member-exports": owner,
        "POST /v1/organization-exports": owner,
        "GET /v1/exports": owner,
        "GET /v1/me/data": [.member],
        "POST /v1/me/erasure": [.member],
        "GET /v1/me/attributes": [.member],
        "PUT /v1/me/attributes/{attribute}": [.member],
        "GET /v1/me/consents": [.member],
        "PUT /v1/me/consents/{purpose}": [.member],

        "POST /v1/stations": owner,
        "POST /v1/programs": owner,
        "GET /v1/programs": owner,
        "GET /v1/programs/{id}": owner,
        "PUT /v1/programs/{id}": owner,
        "GET /v1/programs/{id}/sessions": owner,
        "PUT /v1/programs/{id}/sessions": owner,
        "POST /v1/programs/{id}/sessions": owner,
        "POST /v1/programs/{id}/announce": owner,
        "POST /v1/programs/{id}/close": owner,
        "POST /v1/programs/{id}/end": owner,
        "POST /v1/programs/{id}/cancel": owner,
        "POST /v1/programs/{id}/parts": owner,
        "GET /v1/programs/{id}/events": owner,
        "GET /v1/public/programs": everybody,
        "GET /v1/public/programs/{id}/announcement": everybody,
        "POST /v1/programs/{id}/runs": owner,
        "GET /v1/programs/{id}/runs": owner,
        "GET /v1/programs/{id}/runs/{number}": owner,
        "GET /v1/programs/{id}/run-requests/{requestId}": owner,
        "POST /v1/programs/{id}/runs/{number}/review": owner,
        "POST /v1/programs/{id}/publish": owner,
        "POST /v1/programs/{id}/beacon": owner,
        "POST /v1/programs/{id}/simulations": owner,
        "GET /v1/public/programs/{id}": everybody,
        "GET /v1/public/programs/{id}/audit-file": everybody,
        "POST /v1/programs/{id}/sessions/{number}/seats": owner,
        "GET /v1/programs/{id}/sessions/{number}/cuts": owner,
        "POST /v1/programs/{id}/sessions/{number}/cuts": owner,
        "POST /v1/programs/{id}/sessions/{number}/cuts/confirm": owner,
        "POST /v1/me/programs/{id}/award/confirm": [.member],
        "POST /v1/me/programs/{id}/award/decline": [.member],
        "POST /v1/me/programs/{id}/award/withdraw": [.member],
        "POST /v1/programs/preview": owner,
        "GET /v1/programs/{id}/preview": owner,
        "PUT /v1/me/programs/{id}/application": [.member],
        "DELETE /v1/me/programs/{id}/application": [.member],
        "GET /v1/me/programs": [.member],
        "GET /v1/me/programs/{id}": [.member],
        "POST /v1/programs/{id}/applications/import": owner,
        "GET /v1/programs/{id}/applications": owner,
        "PUT /v1/programs/{id}/applications/{memberId}": owner,
        "DELETE /v1/programs/{id}/applications/{memberId}": owner,
        "GET /v1/programs/{id}/awards": owner,
        "POST /v1/programs/{id}/awards": owner,
        "POST /v1/programs/{id}/awards/{memberId}/confirm": owner,
        "POST /v1/programs/{id}/awards/{memberId}/decline": owner,
        "POST /v1/programs/{id}/awards/{memberId}/withdraw": owner,
        "POST /v1/programs/{id}/awards/{memberId}/excuse": owner,
        "POST /v1/programs/{id}/awards/{memberId}/use": owner,
        "POST /v1/programs/{id}/awards/{memberId}/attended": owner,
        "POST /v1/programs/{id}/awards/{memberId}/no-show": owner,
        "POST /v1/programs/{id}/awards/{memberId}/swap": owner,
        "GET /v1/stations": owner,
        "GET /v1/stations/{id}": owner,
        "PATCH /v1/stations/{id}": owner,
        "POST /v1/stations/{id}/lock-down": owner,
        "POST /v1/stations/{id}/unlock": owner,
        "POST /v1/stations/{id}/normal": owner,
        "POST /v1/stations/{id}/access-points": owner,
        "GET /v1/stations/{id}/access-points": owner,
        "GET /v1/access-points/{id}": owner,
        "PUT /v1/access-points/{id}/policy": owner,
        "POST /v1/access-points/{id}/policy-trials": owner,
        "POST /v1/access-points/{id}/devices": owner,
        "DELETE /v1/access-points/{id}/devices/{deviceId}": owner,
        "GET /v1/access/events": owner,
        "POST /v1/access/scans": [.door, .guard],
        "GET /v1/access-points/{id}/sync": [.door, .guard],
        "POST /v1/access/journal": [.door, .guard],

        "POST /v1/members/{id}/credentials": owner,
        // A guard has no members of its own, and is told so.
        "GET /v1/members/{id}/credentials": owner,
        "GET /v1/credentials/{id}/card": owner,
        "POST /v1/credentials/{id}/revoke": owner,
        "PUT /v1/credentials/{id}/pin": owner,
        "DELETE /v1/credentials/{id}/pin": owner,
        "POST /v1/credentials/{id}/unlock": owner,
        "GET /v1/me/credentials": [.member],
        "GET /v1/me/credentials/{id}/card": [.member],
        "POST /v1/me/credentials/{id}/lost": [.member],
        "PUT /v1/me/credentials/{id}/pin": [.member],
        "GET /v1/access-points/{id}/door-code": [.door, .guard],
        "GET /v1/access-points/{id}/door-print": owner,
        "POST /v1/access-points/{id}/door-print": owner,
        "POST /v1/access-points/{id}/open": [.member],
        "GET /v1/access-points/{id}/commands": [.door, .guard],
        "POST /v1/access/annulments": [.door, .guard],

        "GET /v1/stations/{id}/visitors": owner,
        "GET /v1/visitors": owner,
        "GET /v1/members/{id}/visits": owner,
        "GET /v1/me/visits": [.member],
        "POST /v1/access-points/{id}/heartbeat": [.door, .guard],
        "GET /v1/alarms": owner,
        "POST /v1/alarms/{id}/acknowledge": owner,
        "POST /v1/alarms/{id}/close": owner,
        "GET /v1/public/stations": everybody,
        "GET /v1/public/stations/{id}": everybody,

        "POST /v1/checkups/campaigns": owner,
        "GET /v1/checkups/campaigns": owner,
        "GET /v1/checkups/campaigns/{id}": owner,
        "POST /v1/checkups/campaigns/{id}/packages": owner,
        "GET /v1/checkups/campaigns/{id}/packages": owner,
        "POST /v1/checkups/campaigns/{id}/visits": owner,
        "GET /v1/checkups/campaigns/{id}/visits": owner,
        "POST /v1/checkups/campaigns/{id}/reports": owner,
        "GET /v1/checkups/campaigns/{id}/figures": owner,
        "GET /v1/checkups/visits/{id}": owner,
        "GET /v1/checkups/visits/{id}/sessions": owner,
        "POST /v1/checkups/visits/{id}/sessions": owner,
        "POST /v1/checkups/visits/{id}/check-ins": [.owner, .van],
        "POST /v1/checkups/visits/{id}/walk-ins": [.owner, .van],
        "POST /v1/checkups/visits/{id}/walk-ins/next": [.owner, .van],
        "GET /v1/checkups/visits/{id}/days/{date}/list": [.owner, .van],
        "POST /v1/checkups/visits/{id}/days/{date}/attendance": [.owner, .van],
        "GET /v1/me/checkups": [.member],
        "GET /v1/me/checkups/calendar.ics": [.member],
        "GET /v1/me/checkups/visits": [.member],
        "GET /v1/me/checkups/visits/{id}": [.member],
        "POST /v1/me/checkups/visits/{id}/swap": [.member],
        "POST /v1/me/checkups/campaigns/{id}/follow-up-done": [.member],

        "GET /v1/coupon-campaigns": owner,
        "POST /v1/coupon-campaigns": owner,
        "GET /v1/coupon-campaigns/{id}": owner,
        "PUT /v1/coupon-campaigns/{id}": owner,
        "POST /v1/coupon-campaigns/{id}/pause": owner,
        "POST /v1/coupon-campaigns/{id}/resume": owner,
        "GET /v1/coupon-campaigns/{id}/rounds": owner,
        "POST /v1/coupon-campaigns/{id}/rounds": owner,
        "GET /v1/coupon-campaigns/{id}/settlement-preview": owner,
        "GET /v1/coupon-campaigns/{id}/settlements": owner,
        "POST /v1/coupon-campaigns/{id}/settlements": owner,
        "GET /v1/coupon-campaigns/{id}/settlements/{settlementId}/file": owner,
        "GET /v1/coupon-campaigns/{id}/venues": owner,
        "DELETE /v1/coupon-campaigns/{id}/venues/{venueId}": owner,
        "PUT /v1/coupon-campaigns/{id}/venues/{venueId}": owner,
        "GET /v1/coupon-rounds/{id}": owner,
        "PUT /v1/coupon-rounds/{id}": owner,
        "POST /v1/coupon-rounds/{id}/announce": owner,
        "POST /v1/coupon-rounds/{id}/cancel": owner,
        "POST /v1/coupon-rounds/{id}/claims": [.member],
        "GET /v1/coupon-rounds/{id}/claims/{requestId}": [.member],
        "GET /v1/coupon-rounds/{id}/coupons": owner,
        "GET /v1/coupon-rounds/{id}/events": [.owner, .member],
        "GET /v1/coupon-rounds/{id}/figures": owner,
        "POST /v1/coupon-rounds/{id}/pause": owner,
        "POST /v1/coupon-rounds/{id}/resume": owner,
        "GET /v1/me/coupon-campaigns/{id}/venues": [.member],
        "GET /v1/me/coupon-rounds": [.member],
        "GET /v1/me/coupons": [.member],
        "POST /v1/me/coupons/{couponId}/code": [.member],
        "GET /v1/me/coupons/{id}": [.member],
        "POST /v1/me/coupons/{id}/return": [.member],
        "GET /v1/public/coupon-rounds/{id}/shuffle": everybody,
        "POST /v1/redemptions": [.venue],
        "GET /v1/redemptions/allowance": [.venue],
        "POST /v1/redemptions/journal": [.venue],
        "POST /v1/redemptions/{requestId}/annul": [.venue],
        "GET /v1/venues": owner,
        "POST /v1/venues": owner,
        "GET /v1/venues/{id}": owner,
        "PUT /v1/venues/{id}": owner,
        "POST /v1/venues/{id}/close": owner,
        "DELETE /v1/venues/{id}/devices/{deviceId}": owner,
        "PUT /v1/venues/{id}/devices/{deviceId}": owner,
        "GET /v1/venues/{id}/redemptions": owner,
        "POST /v1/venues/{id}/redemptions/{requestId}/refund": owner,
    ]

    @Test func `every route stands in the authorization table and answers as it says`() async throws {
        try await withService { service in
            let tokens: [Caller: String?] = [
                .nobody: nil, .owner: service.owner,
                .door: try await service.registry.devices.create(name: "door", profile: .door).key,
                .guard: try await service.registry.devices.create(name: "guard", profile: .guardPost).key,
                .van: try await service.registry.devices.create(name: "van", profile: .van).key,
                .venue: try await service.registry.devices.create(name: "venue", profile: .venue).key,
                .classroom: try await service.registry.devices.create(name: "classroom", profile: .classroom).key,
                .member: try await memberToken(service),
            ]
            let routes = Set(service.api.routes.map { "\($0.method.rawValue.uppercased()) \($0.template)" })
            #expect(routes.subtracting(Self.table.keys) == [], "not in the table")
            #expect(Set(Self.table.keys).subtracting(routes) == [], "gone")

            // Signing out comes last: it ends the session that calls.
            for route in service.api.routes.sorted(by: { $0.template != "/v1/sign-out" && $1.template == "/v1/sign-out" }) {
                let name = "\(route.method.rawValue.uppercased()) \(route.template)"
                let path = route.template.split(separator: "/").map { $0.hasPrefix("{") ? "999999" : String($0) }.joined(separator: "/")
                for caller in Caller.allCases {
                    let response = await service.client.send(route.method, "/" + path, bearer: tokens[caller] ?? nil)
                    let isAllowed = Self.table[name]?.contains(caller) == true
                    // Who may not is turned away before anything else is looked at, whatever is wrong with the request.
                    let expected = isAllowed ? nil : caller == .nobody ? 401 : 403
                    if let expected {
                        #expect(response.status == expected, "\(name) by \(caller)")
                    } else {
                        let isBarred = response.problemCode == "auth.not_permitted"
                        #expect(response.status != 401 && !isBarred, "\(name) by \(caller)")
                    }
                }
            }
        }
    }

    /// A token of a member's session.
    private func memberToken(_ service: TestService) async throws -> String {
        let city = try #require(try await service.registry.organizations.ensure(.init(kind: .city, name: "德保")))
        let body = #"{"organizationId":\#(city.id),"name":"张三","nationalId":"11010519491231002X"}"#
        let made = await service.client.send(
            .post, "/v1/members", bearer: service.owner, body: Array(body.utf8), contentType: "application/json")
        #expect(made.status == 201)
        let id: ID<Member> = try await service.database.query("select member_id from member")[0].decode(0)
        return try await service.registry.memberSessions.create(id, lifetimeSeconds: 60).token
    }

    @Test func `a token that is forged, revoked or of another kind opens nothing`() async throws {
        try await withService { service in
            let (device, key) = try await service.registry.devices.create(name: "door", profile: .door)
            let account = "/v1/account"
            #expect(await service.client.send(.get, account, bearer: key).status == 200)
            let foreign = ["", "x", "wso_", String(key.dropLast() + "~"), "wso_" + key.dropFirst(4), service.owner.uppercased()]
            for token in foreign {
                #expect(await service.client.send(.get, account, bearer: token).status == 401, "\(token.prefix(4))")
            }
            #expect(await service.client.send(.post, "/v1/devices/\(device.id)/revoke", bearer: service.owner).status == 200)
            #expect(await service.client.send(.get, account, bearer: key).status == 401, "revoked, although it was known a moment ago")
        }
    }

    @Test func `a key that another server revoked is forgotten here`() async throws {
        try await withService { service in
            let (device, key) = try await service.registry.devices.create(name: "door", profile: .door)
            #expect(await service.client.send(.get, "/v1/account", bearer: key).status == 200)
            let forgotten = Atomic(0)
            let authenticator = service.registry.authenticator
            let listener = Listener(
                service.database,
                channels: [
                    DeviceStore.accessChannel: {
                        authenticator.forgetAll()
                        forgotten.add(1, ordering: .releasing)
                    }
                ])
            await listener.start()
            while forgotten.load(ordering: .acquiring) < 1 { await Task.yield() }
            // Past this server's own routes, as another server does it.
            _ = try await service.registry.devices.revoke(device.id)
            while forgotten.load(ordering: .acquiring) < 2 { await Task.yield() }
            #expect(await service.client.send(.get, "/v1/account", bearer: key).status == 401)
            await listener.stop(grace: .zero)
        }
    }
}
