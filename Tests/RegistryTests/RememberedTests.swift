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
}
