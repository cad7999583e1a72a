import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

struct MemberSessionTests {
    private func sessions(_ scene: SignInScene, _ token: String) async throws -> [SessionAnswer] {
        try await scene.send(.get, "/v1/me/sessions", bearer: token).json(SessionList.self).items
    }

    @Test func `sessions are listed, and end one by one or all others at once`() async throws {
        try await inSignInScene { scene in
            let id = try await scene.member()
            let other = try await scene.member("李四", "440524198001010013", phone: nil)
            var tokens: [String] = []
            for name in ["甲", "乙", "丙"] { tokens.append(try await scene.registry.memberSessions.create(id, deviceName: name).token) }
            let foreign = try await scene.registry.memberSessions.create(other)
            let listed = try await sessions(scene, tokens[0])
            #expect(listed.map(\.deviceName) == ["丙", "乙", "甲"] && listed.map(\.isThis) == [false, false, true])

            // Remembered by the authenticator, and refused from the next request on all the same.
            #expect(await scene.send(.get, "/v1/me", bearer: tokens[2]).status == 200)
            #expect(await scene.send(.delete, "/v1/me/sessions/\(listed[0].id)", bearer: tokens[0]).status == 204)
            #expect(await scene.send(.get, "/v1/me", bearer: tokens[2]).status == 401)
            for gone in [listed[0].id, foreign.id.rawValue, 4_711] {
                let again = await scene.send(.delete, "/v1/me/sessions/\(gone)", bearer: tokens[0])
                #expect(again.status == 404 && again.problemCode == "registry.session_not_found")
            }
            #expect(await scene.send(.get, "/v1/me", bearer: foreign.token).status == 200, "another's session is another's")
            #expect(await scene.send(.delete, "/v1/me/sessions", bearer: tokens[0]).status == 204)
            #expect(await scene.send(.get, "/v1/me", bearer: tokens[1]).status == 401)
            #expect(try await sessions(scene, tokens[0]).map(\.isThis) == [true])
            #expect(await scene.send(.delete, "/v1/me/sessions/\(listed[2].id)", bearer: tokens[0]).status == 204, "oneself")
            #expect(await scene.send(.get, "/v1/me", bearer: tokens[0]).status == 401)
        }
    }

    @Test func `a session ends by itself, and there are ten of a member at most`() async throws {
        try await inSignInScene { scene in
            let id = try await scene.member()
            let short = try await scene.registry.memberSessions.create(id, lifetimeSeconds: 3_600)
            _ = try await scene.database.query(
                "update member_session set created_at = now() - interval '2 hours', expires_at = now() - interval '1 second'")
            #expect(await scene.send(.get, "/v1/me", bearer: short.token).status == 401)
            var tokens: [String] = []
            for _ in 0..<10 { tokens.append(try await scene.registry.memberSessions.create(id).token) }
            _ = try await scene.askForCode()
            let signedIn = await scene.signIn(try await scene.lastCode())
            let token = try signedIn.json(MemberSessionTokenAnswer.self).token
            #expect(try await sessions(scene, token).count == 10)
            #expect(await scene.send(.get, "/v1/me", bearer: tokens[0]).status == 401, "the oldest made room")
            #expect(await scene.send(.get, "/v1/me", bearer: tokens[1]).status == 200)
        }
    }

    @Test func `a session notes the hour it was last seen in, without a write for each request`() async throws {
        try await inSignInScene { scene in
            let id = try await scene.member()
            let token = try await scene.registry.memberSessions.create(id).token
            _ = try await scene.database.query("update member_session set seen_at = now() - interval '2 hours'")
            func writes() async throws -> String {
                try await scene.database.query("select xmin::text || (seen_at > now() - interval '1 minute')::text from member_session")[0]
                    .decode(0)
            }
            #expect(await scene.send(.get, "/v1/me", bearer: token).status == 200)
            let first = try await writes()
            #expect(first.hasSuffix("true"))
            scene.registry.authenticator.forgetAll()
            #expect(await scene.send(.get, "/v1/me", bearer: token).status == 200)
            #expect(try await writes() == first)
        }
    }
}
