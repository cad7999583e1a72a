import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

/// What a server remembers of who was seen, when no notice comes.
@Suite struct RememberedTests {
    private func client(_ scene: RegistryScene, remembering time: Duration) -> TestClient {
        let authenticator = RegistryAuthenticator(
            accounts: scene.registry.accounts, devices: scene.registry.devices, memberSessions: scene.registry.memberSessions,
            loops: TestLoops.all, remembered: time)
        return TestClient(API(routes: scene.registry.routes, authenticator: authenticator), loop: TestLoops.all[0])
    }

    @Test func `without a notice an ended session is found to be over when its time in memory is`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let id = try await scene.enter("张三", RegistryScene.zhang)
            let session = try await scene.registry.memberSessions.create(id)
            let (long, short) = (client(scene, remembering: .seconds(3_600)), client(scene, remembering: .milliseconds(20)))
            func status(_ client: TestClient) async -> Int { await client.send(.get, "/v1/account", bearer: session.token).status }
            #expect(await status(long) == 200)
            #expect(await status(short) == 200)
            // By another server, and nobody here listens.
            #expect(try await scene.registry.memberSessions.end(session.id, of: id))
            while await status(short) == 200 { await Task.yield() }
            #expect(await status(short) == 401)
            #expect(await status(long) == 200, "it is the time that ends it, not this request")
            #expect(RegistryAuthenticator.remembered <= .seconds(30), "as the README says")
        }
    }

    @Test func `sessions that are looked up together are told apart`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let (zhang, li) = (try await scene.enter("张三", RegistryScene.zhang), try await scene.enter("李四", RegistryScene.li))
            let sessions = scene.registry.memberSessions
            let (first, second, ended) = (try await sessions.create(zhang), try await sessions.create(li), try await sessions.create(zhang))
            #expect(try await sessions.end(ended.id, of: zhang))
            func digest(_ token: String) throws -> [UInt8] { try #require(BearerToken(token)).digest }
            let unknown = [UInt8](repeating: 7, count: 32)
            let asked = [try digest(second.token), unknown, try digest(ended.token), try digest(first.token), try digest(second.token)]
            let found = try await sessions.principals(tokenDigests: asked)
            #expect(found.map { $0?.sessionID } == [second.id, nil, nil, first.id, second.id])
            #expect(found.map { $0?.memberID } == [li, nil, nil, zhang, li])
            _ = try await database.query("update member_session set seen_at = now() - interval '2 hours'")
            _ = try await sessions.principals(tokenDigests: asked)
            let seen = try await database.query(
                "select session_id from member_session where seen_at > now() - interval '1 minute' order by 1")
            #expect(try seen.map { try $0.decode(0) } == [first.id, second.id])
        }
    }
}
