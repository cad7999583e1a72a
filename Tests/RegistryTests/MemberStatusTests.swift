import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

/// A status set by an organizer's hand, past applications and transfers.
@Suite struct MemberStatusTests {
    private func set(_ scene: RegistryScene, _ id: ID<Member>, _ status: MemberStatus) async -> TestResponse {
        await scene.send(.post, "/v1/members/\(id)/status", #"{"status":"\#(status.rawValue)"}"#)
    }

    @Test(arguments: [MemberStatus.active, .provisional])
    func `who had left does not come back into an organization that has closed`(status: MemberStatus) async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let factory = try await scene.child("一厂")
            let id = try await scene.enter("张三", RegistryScene.zhang, in: factory)
            #expect(await set(scene, id, .left).status == 200)
            #expect(await scene.send(.post, "/v1/organizations/\(factory.id)/close", #"{"reason":"停产"}"#).status == 200)
            let back = await set(scene, id, status)
            #expect(back.status == 409 && back.problemCode == "registry.organization_closed")
            #expect(try await scene.registry.members.status(of: id) == .left)
        }
    }

    @Test func `coming back and the closing of the organization at once leave nobody in a closed one`() async throws {
        for _ in 0..<4 {
            try await withDatabase { database in
                let scene = try await RegistryScene(database)
                let factory = try await scene.child("一厂")
                let id = try await scene.enter("张三", RegistryScene.zhang, in: factory)
                #expect(await set(scene, id, .left).status == 200)
                async let closing = scene.send(.post, "/v1/organizations/\(factory.id)/close", #"{"reason":"停产"}"#)
                async let coming = set(scene, id, .active)
                let (closed, back) = await (closing, coming)
                #expect((closed.status == 200) != (back.status == 200), "\(closed.text) \(back.text)")
            }
        }
    }

    @Test func `whoever is made a member by hand has no application that waits for ever`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let code = try await scene.joinCode(of: scene.organization.id)
            let applied = try await JoinTests.apply(scene, code).json(OwnApplicationAnswer.self)
            let secret = try #require(applied.secret)
            #expect(await set(scene, applied.memberId, .active).status == 200)
            let seen = try await scene.client.send(.get, "/v1/join-application", bearer: secret).json(OwnApplicationAnswer.self)
            #expect(seen.state == .approved)
            let decided = try await scene.texts("select decided_by from member_application")
            #expect(decided == ["account:1"])
            let late = await scene.send(.post, "/v1/applications/\(applied.applicationId)/reject", #"{"reason":"x"}"#)
            #expect(late.problemCode == "application.state_not_allowed")
        }
    }

    @Test func `who is entered, and whose status is set by hand, is told of once for each change`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let body = #"{"organizationId":\#(scene.organization.id),"name":"张三","nationalId":"\#(RegistryScene.zhang)"}"#
            let id = try await scene.send(.post, "/v1/members", body, headers: [("Idempotency-Key", "k")]).json(MemberAnswer.self).id
            _ = await scene.send(.post, "/v1/members", body, headers: [("Idempotency-Key", "k")])
            _ = await scene.send(.post, "/v1/members", body)
            for status in [MemberStatus.suspended, .suspended, .active, .left, .suspended, .active] { _ = await set(scene, id, status) }
            let told = try await scene.texts("select type || ' ' || subject from outbox_event order by event_id")
            #expect(told == ["joined", "suspended", "joined", "left", "joined"].map { "member.\($0) member:\(id)" })
        }
    }
}
