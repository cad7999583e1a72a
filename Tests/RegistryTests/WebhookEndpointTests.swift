import FoundationEssentials
import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

@Suite struct WebhookEndpointTests {
    @Test func `receivers get the events of their subtree and of the kinds they named`() async throws {
        try await withWebhookScene { scene in
            let city = try #require(try await scene.registry.organizations.ensure(Organization.Draft(kind: .city, name: "德保")))
            let street = try #require(
                try await scene.registry.organizations.ensure(Organization.Draft(parentID: city.id, kind: .street, name: "城关")))
            let other = try #require(try await scene.registry.organizations.ensure(Organization.Draft(kind: .city, name: "任城")))
            let body = #"{"url":"\#(scene.receiver.url)","organizationId":\#(city.id),"eventTypes":["member.joined"]}"#
            #expect(await scene.call(.post, "", body).status == 201)
            for organization in [city.id, street.id, other.id, nil] {
                for type in ["member.joined", "member.left"] {
                    try await scene.registry.outbox.emit(
                        type, subject: "member:1", organization: organization, data: ["n": 1], in: scene.database)
                }
            }
            try await scene.deliver(events: 8)
            #expect(scene.receiver.receipts.count == 2 && scene.receiver.receipts.allSatisfy { $0.text.contains("member.joined") })
            let unknown = await scene.call(.post, "", #"{"url":"\#(scene.receiver.url)","organizationId":4711}"#)
            #expect(unknown.problemCode == "webhook.invalid" && unknown.reasonCodes == ["webhook.organization_unknown"])
        }
    }

    @Test func `without the operator's leave nothing goes into a private network, whatever name leads there`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            func add(_ url: String) async -> TestResponse {
                await scene.client.send(
                    .post, "/v1/webhook-endpoints", bearer: scene.owner, body: Array(#"{"url":"\#(url)"}"#.utf8),
                    contentType: "application/json")
            }
            #expect(await add("https://127.0.0.1/x").reasonCodes == ["webhook.url_refused"])
            #expect(await add("http://example.com/x").reasonCodes == ["webhook.url_refused"])
            // A name that looks public and leads home is refused when sending.
            #expect(await add("https://localhost.localdomain:9/x").status == 201)
            _ = try await database.query("update webhook_endpoint set url = 'https://ip6-localhost.:9/x'")
            try await scene.registry.outbox.emit("member.joined", subject: "member:1", organization: nil, data: ["n": 1], in: database)
            while try await scene.count("webhook_delivery") == 0 { _ = try await scene.registry.webhooks.enqueue() }
            _ = try await scene.registry.webhooks.deliver()
            let row = try await database.query("select state, last_error from webhook_delivery")[0]
            #expect(try row.decode(0, as: String.self) == "waiting")
            #expect(try row.decode(1, as: String?.self) != nil)
        }
    }

    @Test func `two who change a receiver at once: the second is told`() async throws {
        try await withWebhookScene { scene in
            let id = try await scene.addReceiver().id
            func call(_ method: HTTP.Method, _ path: String, _ json: String?, tag: String) async -> TestResponse {
                let response = await scene.client.send(
                    method, "/v1/webhook-endpoints/\(id)" + path, bearer: scene.owner, headers: [("If-Match", tag)],
                    body: json.map { Array($0.utf8) }, contentType: json == nil ? nil : "application/json")
                #expect(response.undeclared == nil, "\(response.text)")
                return response
            }
            let first = try #require(await scene.call(.get, "/\(id)").header("ETag"))
            let changed = await call(.patch, "", #"{"description":"one"}"#, tag: first)
            let second = try #require(changed.header("ETag"))
            #expect(changed.status == 200 && second != first)
            let late = [
                await call(.patch, "", #"{"description":"two"}"#, tag: first), await call(.post, "/rotate-secret", "{}", tag: first),
                await call(.delete, "", nil, tag: first), await call(.patch, "", "{}", tag: "nonsense"),
            ]
            #expect(late.map(\.status) == [412, 412, 412, 412])
            #expect(Set(late.map(\.problemCode)) == ["webhook.endpoint_changed"])
            let kept = await scene.call(.get, "/\(id)")
            #expect(try kept.json(WebhookEndpointAnswer.self).description == "one" && kept.header("ETag") == second)
            let rotated = await call(.post, "/rotate-secret", "{}", tag: second)
            let third = try #require(rotated.header("ETag"))
            #expect(rotated.status == 200 && third != second)
            #expect(await call(.patch, "", #"{"description":"three"}"#, tag: "*").status == 200)
            #expect(await call(.delete, "", nil, tag: third).status == 412)
            let statuses = await withTaskGroup(of: Int.self) { group in
                let now = await scene.call(.get, "/\(id)").header("ETag") ?? ""
                for _ in 0..<8 { group.addTask { await call(.patch, "", #"{"state":"paused"}"#, tag: now).status } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 200 } == 1 && statuses.count { $0 == 412 } == 7)
        }
    }
}
