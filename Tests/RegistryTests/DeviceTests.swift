import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

@Suite struct DeviceTests {
    private func post(
        _ scene: RegistryScene, _ path: String, _ json: String = "", bearer: String?, headers: [(String, String)] = []
    ) async -> TestResponse {
        let response = await scene.client.send(
            .post, path, bearer: bearer, headers: headers, body: json.isEmpty ? nil : Array(json.utf8),
            contentType: json.isEmpty ? nil : "application/json")
        #expect(response.undeclared == nil)
        return response
    }

    private func pair(_ scene: RegistryScene, _ code: String) async -> TestResponse {
        await post(scene, "/v1/devices", #"{"pairingCode":"\#(code)"}"#, bearer: nil)
    }

    private func newCode(_ scene: RegistryScene) async throws -> String {
        let response = await post(scene, "/v1/device-pairings", #"{"name":"北门","profile":"door"}"#, bearer: scene.owner)
        #expect(response.status == 201)
        return try response.json(DevicePairingAnswer.self).pairingCode
    }

    @Test func `a code pairs one device, once`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let code = try await newCode(scene)
            let paired = await pair(scene, code.lowercased())
            #expect(paired.status == 201)
            let answer = try paired.json(DeviceKeyAnswer.self)
            #expect(answer.key.hasPrefix("wsd_") && answer.device.permissions == ["scans.create"])
            #expect(await scene.client.send(.get, "/v1/account", bearer: answer.key).status == 200)
            let again = await pair(scene, code)
            #expect(again.status == 403 && again.problemCode == "registry.pairing_code_refused")
            let read = await scene.client.send(.get, "/v1/devices", bearer: scene.owner)
            #expect(try read.json(DeviceList.self).items.map(\.name) == ["北门"])
            #expect(!read.text.contains("wsd_"))
        }
    }

    @Test func `when a device was last heard is known to the minute, and written once in it`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let (device, key) = try await scene.registry.devices.create(name: "北门", profile: .van)
            func heard() async throws -> String? {
                let one = try await scene.client.send(.get, "/v1/devices/\(device.id)", bearer: scene.owner).json(DeviceAnswer.self)
                let list = try await scene.client.send(.get, "/v1/devices", bearer: scene.owner).json(DeviceList.self)
                #expect(list.items.map(\.lastHeardAt) == [one.lastHeardAt])
                return one.lastHeardAt
            }
            #expect(try await heard() == nil)
            #expect(await scene.client.send(.get, "/v1/account", bearer: key).status == 200)
            let first = try #require(try await heard())
            scene.registry.authenticator.forgetAll()
            #expect(await scene.client.send(.get, "/v1/account", bearer: key).status == 200)
            #expect(try await heard() == first)
            _ = try await database.query("update device set heard_at = heard_at - interval '61 seconds'")
            scene.registry.authenticator.forgetAll()
            #expect(await scene.client.send(.get, "/v1/account", bearer: key).status == 200)
            let last = try #require(try await heard())
            #expect(last > first)
        }
    }

    @Test func `from one address codes can be tried a while, then not for some minutes`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let code = try await newCode(scene)
            var statuses: [Int] = []
            for number in 0..<61 { statuses.append(await pair(scene, "AAAA-AAAA-\(number)").status) }
            #expect(statuses == [Int](repeating: 403, count: 60) + [429])
            #expect(await pair(scene, code).problemCode == "registry.too_many_attempts")
        }
    }

    @Test func `wrong codes cost nobody's pairing anything`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let code = try await newCode(scene)
            let other = try await newCode(scene)
            func rows() async throws -> [String] {
                try await database.query("select ctid::text || xmin::text || xmax::text from device_pairing order by pairing_id")
                    .map { try $0.decode(0) }
            }
            let before = try await rows()
            let lastWrong = code.dropLast() + (code.hasSuffix("A") ? "B" : "A")
            let wrong = (0..<20).map { _ in PairingCode.random().text } + [String(lastWrong), "AAAA-AAAA-AAAA", "17-AAAA-AAAA", "门"]
            for code in wrong { #expect(await pair(scene, code).problemCode == "registry.pairing_code_refused", "\(code)") }
            #expect(try await rows() == before && before.count == 2)
            #expect(try await scene.count("device") == 0)
            #expect(await pair(scene, code).status == 201)
            #expect(await pair(scene, other).status == 201)
        }
    }

    @Test func `an expired code pairs nothing`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let code = try await newCode(scene)
            _ = try await database.query(
                "update device_pairing set created_at = now() - interval '1 day', expires_at = now() - interval '1 second'")
            #expect(await pair(scene, code).problemCode == "registry.pairing_code_refused")
        }
    }

    @Test func `sixteen who type one code at once get one device`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let code = try await newCode(scene)
            let statuses = await withTaskGroup(of: Int.self) { group in
                for _ in 0..<16 { group.addTask { await pair(scene, code).status } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 201 } == 1 && statuses.count { $0 == 403 } == 15)
            #expect(try await scene.count("device") == 1)
        }
    }

    @Test func `rolling and revoking end a key at once, on every loop`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let (device, key) = try await scene.registry.devices.create(name: "北门", profile: .door)
            let api = API(routes: scene.registry.routes, authenticator: scene.registry.authenticator)
            let clients = TestLoops.all.map { TestClient(api, loop: $0) }
            func statuses(_ key: String) async -> [Int] {
                var result: [Int] = []
                for client in clients { result.append(await client.send(.get, "/v1/account", bearer: key).status) }
                return result
            }
            #expect(await statuses(key) == [200, 200])
            let rolled = await post(scene, "/v1/devices/\(device.id)/roll", bearer: scene.owner)
            let newKey = try rolled.json(DeviceKeyAnswer.self).key
            #expect(await statuses(key) == [401, 401])
            #expect(await statuses(newKey) == [200, 200])
            #expect(await post(scene, "/v1/devices/\(device.id)/revoke", bearer: scene.owner).status == 200)
            #expect(await statuses(newKey) == [401, 401])
            #expect(await post(scene, "/v1/devices/\(device.id)/roll", bearer: scene.owner).problemCode == "registry.device_revoked")
            #expect(await post(scene, "/v1/devices/\(device.id)/revoke", bearer: scene.owner).status == 200)
            #expect(await post(scene, "/v1/devices/4711/revoke", bearer: scene.owner).problemCode == "registry.device_not_found")
        }
    }

    @Test func `an owner's token ends when it is revoked`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let other = try await scene.registry.accounts.createOwner(name: "王主席")
            #expect(await scene.client.send(.get, "/v1/account", bearer: other).status == 200)
            #expect(try await scene.registry.accounts.revoke(token: other))
            scene.registry.authenticator.forgetAll()
            #expect(await scene.client.send(.get, "/v1/account", bearer: other).status == 401)
            #expect(await scene.client.send(.get, "/v1/account", bearer: scene.owner).status == 200)
            #expect(try await scene.count("account") == 1)
        }
    }

    @Test func `who is remembered costs no statement`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let authenticator = scene.registry.authenticator
            let owner = scene.owner
            let subjects = try await TestLoops.run {
                let first = try await authenticator.principal(bearer: owner, on: TestLoops.all[0])
                _ = try await database.query("update account_token set revoked_at = now()")
                return [first?.subject, try await authenticator.principal(bearer: owner, on: TestLoops.all[0])?.subject]
            }
            #expect(subjects == ["account:1", "account:1"])
        }
    }
}
