import HTTP
import Postgres
import Registry
import Runtime
import Synchronization
import TestSupport
import Testing

/// Two servers over one database: what one of them ends, the other hears of.
struct TwoServersTests {
    /// The other server: it has its own connections and its own memory of who was seen, and listens as every server does.
    private struct Other {
        let database: Database
        let client: TestClient
        let listener: Listener
        let heard: Heard

        final class Heard: Sendable { let count = Atomic(0) }

        init(_ service: TestService) async throws {
            let loops = [TestLoops.all[1]]
            database = Database(service.database.settings, loops: loops)
            try await database.start()
            let registry = Registry(database: database, keys: service.keys, loops: loops)
            client = TestClient(API(routes: registry.routes, authenticator: registry.authenticator), loop: loops[0])
            let heard = Heard()
            self.heard = heard
            listener = Listener(
                database,
                channels: [
                    DeviceStore.accessChannel: {
                        registry.authenticator.forgetAll()
                        heard.count.add(1, ordering: .releasing)
                    }
                ])
            await listener.start()
            while heard.count.load(ordering: .acquiring) < 1 { await Task.yield() }
        }

        func status(_ token: String) async -> Int { await client.send(.get, "/v1/account", bearer: token).status }

        func stop() async {
            await listener.stop(grace: .zero)
            await database.stop(grace: .seconds(1))
        }
    }

    private func withServers(_ body: (TestService, Other) async throws -> Void) async throws {
        try await withService { service in
            let other = try await Other(service)
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(service, other)) } catch { outcome = .failure(error) }
            await other.stop()
            try outcome.get()
        }
    }

    private struct Made: Decodable { let id: Int64 }
    private struct Listed: Decodable { let items: [Made] }

    /// Who is known to both servers, and how one of them ends it.
    private struct Ending {
        let what: String
        let token: String
        let path: String
        var method = HTTP.Method.post
        var body: String?
        var bearer: String?
    }

    private func send(
        _ service: TestService, _ method: HTTP.Method, _ path: String, _ body: String? = nil, bearer: String? = nil
    ) async -> TestResponse {
        await service.client.send(
            method, path, bearer: bearer ?? service.owner, body: body.map { Array($0.utf8) },
            contentType: body == nil ? nil : "application/json")
    }

    private func endings(_ service: TestService) async throws -> (all: [Ending], left: String) {
        let (registry, sessions) = (service.registry, service.registry.memberSessions)
        let city = try #require(try await registry.organizations.ensure(.init(kind: .city, name: "德保")))
        var members: [Int64] = []
        for nationalID in ["11010519491231002X", "440524198001010013", "110101198503074532"] {
            let body = #"{"organizationId":\#(city.id),"name":"张三","nationalId":"\#(nationalID)"}"#
            members.append(try await send(service, .post, "/v1/members", body).json(Made.self).id)
        }
        var tokens: [String] = []
        for member in [members[0], members[0], members[1], members[2]] {
            tokens.append(try await sessions.create(ID(member), lifetimeSeconds: 3_600).token)
        }
        let organizer = try await registry.accounts.createOwner(name: "second")
        let listed = await send(service, .get, "/v1/account/sessions", bearer: organizer)
        let session = try #require(try listed.json(Listed.self).items.first).id
        let third = try await registry.accounts.createOwner(name: "third")
        let account: Int64 = try await service.database.query("select account_id from account where name = 'third'")[0].decode(0)
        let (device, key) = try await registry.devices.create(name: "door", profile: .door)
        return (
            [
                Ending(what: "a member's other sessions", token: tokens[1], path: "/v1/me/sessions", method: .delete, bearer: tokens[0]),
                Ending(
                    what: "an organizer's own session", token: organizer, path: "/v1/account/sessions/\(session)", method: .delete,
                    bearer: organizer),
                Ending(what: "a disabled account", token: third, path: "/v1/accounts/\(account)/disable"),
                Ending(what: "a revoked device", token: key, path: "/v1/devices/\(device.id)/revoke"),
                Ending(
                    what: "a merged member", token: tokens[2], path: "/v1/members/\(members[0])/merge",
                    body: #"{"duplicateId":\#(members[1]),"reason":"换证"}"#),
                Ending(
                    what: "an erased member", token: tokens[3], path: "/v1/members/\(members[2])/erasure",
                    body: #"{"confirm":"erase","reason":"asked_by_the_person"}"#),
            ], tokens[0]
        )
    }

    @Test func `a session, role, key or person that one server ends is shut out by the other with the next request`() async throws {
        try await withServers { service, other in
            let (endings, left) = try await endings(service)
            for ending in endings {
                #expect(await other.status(ending.token) == 200, "\(ending.what): known and remembered")
                let before = other.heard.count.load(ordering: .acquiring)
                let ended = await send(service, ending.method, ending.path, ending.body, bearer: ending.bearer)
                #expect(ended.status < 300, "\(ending.what): \(ended.text)")
                while other.heard.count.load(ordering: .acquiring) == before { await Task.yield() }
                #expect(await other.status(ending.token) == 401, "\(ending.what)")
            }
            #expect(await other.status(left) == 200, "who is left alone stays in")
        }
    }
}
