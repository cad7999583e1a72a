import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

@Suite struct OwnAccessPointTests {
    @Test func `a door's screen learns which access points it serves, and of no others`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let registry = Registry(database: database, keys: scene.keys, loops: TestLoops.all)
            let stations = Stations(database: database, registry: registry, keys: scene.keys, clock: scene.clock, metrics: Metrics())
            let client = TestClient(API(routes: stations.routes, authenticator: registry.authenticator), loop: TestLoops.all[0])
            func ask(_ key: String) async throws -> TestResponse {
                let response = await client.send(.get, "/v1/device/access-points", bearer: key)
                #expect(response.undeclared == nil)
                return response
            }
            let (device, key) = try await registry.devices.create(name: "guard", profile: .guardPost)
            #expect(try await ask(key).json(OwnAccessPointList.self).items.isEmpty)
            for door in [scene.back, scene.front] { _ = try await scene.accessPoints.assign(device.id, to: door.accessPoint) }
            try await scene.set(AccessPolicy(isOpen: false, directions: .inward, relayMilliseconds: 500), at: scene.back)
            let answer = try await ask(key)
            #expect(answer.header("Cache-Control") == "no-store")
            let items = try answer.json(OwnAccessPointList.self).items
            #expect(items.map(\.id) == [scene.front.accessPoint, scene.back.accessPoint])
            #expect(items.map(\.name) == ["front", "back"] && items.map(\.isOpen) == [true, false])
            #expect(items.map(\.directions) == [.both, .inward] && items.map(\.relayMilliseconds) == [3_000, 500])
            #expect(items.map(\.version) == [1, 2] && items[0].stationNameZh == "驿站0" && items[0].stationId == scene.front.station)
            #expect(items[0].doorState == .normal && items[0].stationStatus == .open && items[0].timeZone == "Asia/Shanghai")
            #expect(try await ask(registry.devices.create(name: "van", profile: .van).key).status == 403)
        }
    }
}
