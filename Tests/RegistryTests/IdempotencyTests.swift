import HTTP
import Postgres
import Runtime
import Scheduler
import TestSupport
import Testing

@testable import Registry

@Suite struct IdempotencyTests {
    private func post(_ scene: RegistryScene, _ path: String, _ json: String, key: String, bearer: String?) async -> TestResponse {
        let response = await scene.client.send(
            .post, path, bearer: bearer, headers: [("Idempotency-Key", key)], body: Array(json.utf8), contentType: "application/json")
        #expect(response.undeclared == nil)
        return response
    }

    @Test func `one key gives one effect and one answer, byte for byte, also to sixteen at once`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let member = #"{"organizationId":\#(scene.organization.id),"name":"张三","nationalId":"11010519491231002X"}"#
            let calls = [
                ("/v1/organizations", #"{"kind":"city","name":"靖西"}"#), ("/v1/members", member),
                ("/v1/device-pairings", #"{"name":"北门","profile":"door"}"#),
            ]
            for (path, json) in calls {
                let answers = await withTaskGroup(of: TestResponse.self) { group in
                    for _ in 0..<16 { group.addTask { await post(scene, path, json, key: "k-\(path)", bearer: scene.owner) } }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                #expect(answers.map(\.status) == Array(repeating: 201, count: 16), "\(path)")
                #expect(Set(answers.map(\.body)).count == 1, "\(path)")
                #expect(Set(answers.map { $0.header("Location") }).count == 1)
            }
            #expect(try await scene.count("organization") == 2)
            #expect(try await scene.count("member") == 1)
            #expect(try await scene.count("device_pairing") == 1)
        }
    }

    @Test func `a device that lost its answer gets its key again, and the key stands nowhere in clear`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let pairing = try await scene.registry.devices.createPairing(name: "北门", profile: .door, by: "test")
            let body = #"{"pairingCode":"\#(pairing.code)"}"#
            let first = await post(scene, "/v1/devices", body, key: "once", bearer: nil)
            let second = await post(scene, "/v1/devices", body, key: "once", bearer: nil)
            #expect(first.status == 201 && first.body == second.body)
            let key = try first.json(DeviceKeyAnswer.self).key
            let kept = try await database.query("select encode(answer_sealed, 'escape') from idempotency_key where key = 'once'")[0]
            let text: String = try kept.decode(0)
            #expect(!text.contains(key.dropFirst(4)))
        }
    }

    @Test func `a key used for another request is refused`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            #expect(await post(scene, "/v1/organizations", #"{"kind":"city","name":"靖西"}"#, key: "a", bearer: scene.owner).status == 201)
            let other = await post(scene, "/v1/organizations", #"{"kind":"city","name":"田东"}"#, key: "a", bearer: scene.owner)
            #expect(other.status == 422 && other.problemCode == "request.idempotency_key_reused")
        }
    }

    @Test func `a refusal is not kept, so the request can be mended and repeated`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let body = #"{"parentId":2,"kind":"street","name":"城关"}"#
            #expect(await post(scene, "/v1/organizations", body, key: "a", bearer: scene.owner).status == 422)
            #expect(try await scene.count("idempotency_key") == 0)
            let wrongCode = await post(scene, "/v1/devices", #"{"pairingCode":"AAAA-AAAA-AAAA"}"#, key: "b", bearer: nil)
            #expect(wrongCode.status == 403)
            #expect(try await scene.count("idempotency_key") == 0)
        }
    }

    @Test func `answers are kept for 72 hours and then forgotten, a bounded number at a time`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            for index in 0..<6 {
                _ = try await database.query(
                    """
                    insert into idempotency_key (principal, key, fingerprint, answer_sealed, created_at)
                    values ('account:1', \("key \(index)"), \([UInt8](repeating: 0, count: 32)), '\\x00',
                        now() - interval '72 hours' + \(Int64(index) - 4) * interval '1 minute')
                    """)
            }
            let idempotency = scene.registry.idempotency
            #expect(try await idempotency.purge(limit: 3) == 3)
            #expect(try await idempotency.purge(limit: 3) == 2)
            #expect(try await idempotency.purge(limit: 3) == 0)
            let kept = try await database.query("select key from idempotency_key")
            #expect(try kept.map { try $0.decode(0, as: String.self) } == ["key 5"])
            let job = scene.registry.jobs.first { $0.name == "registry.purge" }
            guard case .idle = try await job?.run() else {
                Issue.record("there is such a job, and nothing left for it")
                return
            }
        }
    }
}
