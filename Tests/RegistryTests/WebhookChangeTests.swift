import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

@Suite struct WebhookChangeTests {
    @Test func `two who change a receiver at once: the second is told`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let made = await scene.call(.post, "/v1/webhook-endpoints", #"{"url":"https://example.com/hook"}"#)
            let id = try made.json(WebhookSecretAnswer.self).endpoint.id
            func call(_ method: HTTP.Method, _ path: String, _ json: String?, tag: String) async -> TestResponse {
                await scene.call(method, "/v1/webhook-endpoints/\(id)" + path, json, headers: [("If-Match", tag)])
            }
            let first = try #require(await scene.call(.get, "/v1/webhook-endpoints/\(id)").header("ETag"))
            let changed = await call(.patch, "", #"{"description":"one"}"#, tag: first)
            let second = try #require(changed.header("ETag"))
            #expect(changed.status == 200 && second != first)
            let late = [
                await call(.patch, "", #"{"description":"two"}"#, tag: first), await call(.post, "/rotate-secret", "{}", tag: first),
                await call(.delete, "", nil, tag: first), await call(.patch, "", "{}", tag: "nonsense"),
            ]
            #expect(late.map(\.status) == [412, 412, 412, 412])
            #expect(Set(late.map(\.problemCode)) == ["webhook.endpoint_changed"])
            let kept = await scene.call(.get, "/v1/webhook-endpoints/\(id)")
            #expect(try kept.json(WebhookEndpointAnswer.self).description == "one" && kept.header("ETag") == second)
            let rotated = await call(.post, "/rotate-secret", "{}", tag: second)
            let third = try #require(rotated.header("ETag"))
            #expect(rotated.status == 200 && third != second)
            #expect(await call(.patch, "", #"{"description":"three"}"#, tag: "*").status == 200)
            #expect(await call(.delete, "", nil, tag: third).status == 412)
            let statuses = await withTaskGroup(of: Int.self) { group in
                let now = await scene.call(.get, "/v1/webhook-endpoints/\(id)").header("ETag") ?? ""
                for _ in 0..<8 { group.addTask { await call(.patch, "", #"{"state":"paused"}"#, tag: now).status } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 200 } == 1 && statuses.count { $0 == 412 } == 7)
        }
    }
}
