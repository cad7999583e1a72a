import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

/// Sessions of pages: a cookie that scripts cannot read, and a second proof for whatever changes something.
struct PageSessionTests {
    /// What a browser has after signing in.
    struct Jar {
        let token: String
        let crossSite: String
        let fields: [String]

        init(_ response: TestResponse, _ page: PageSession) throws {
            let fields = response.allHeaders("Set-Cookie")
            self.fields = fields
            func value(_ name: String) -> String? {
                fields.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1).prefix { $0 != ";" }) }
            }
            token = try #require(value(page.cookieName))
            crossSite = try #require(value(page.crossSiteCookieName))
        }

        func headers(_ page: PageSession, crossSite: Bool = true, named: Bool = true) -> [(String, String)] {
            [("Cookie", "a=b; \(page.cookieName)=\(token); c=d")]
                + (named ? [("X-Waystation-Page", page.rawValue)] : []) + (crossSite ? [("X-CSRF-Token", self.crossSite)] : [])
        }
    }

    private func signedIn(_ scene: SignInScene) async throws -> Jar {
        _ = try await scene.askForCode()
        let code = try #require(try await scene.messages().first?.parameters["code"])
        let response = await scene.signIn(code, extra: #","cookie":true"#)
        #expect(response.status == 200 && response.header("Cache-Control") == "no-store")
        #expect(response.undeclared == nil && !response.text.contains("wsm_"), "the token is in the cookie alone")
        return try Jar(response, .worker)
    }

    @Test func `a page signs in without ever holding the token`() async throws {
        try await inSignInScene { scene in
            _ = try await scene.member(in: scene.east)
            let jar = try await signedIn(scene)
            let session = try #require(jar.fields.first { $0.hasPrefix("waystation_worker=") })
            #expect(session.contains("; HttpOnly") && session.contains("; SameSite=Strict") && session.contains("; Path=/"))
            #expect(!session.contains("Secure"), "without TLS no browser would take it")
            let proof = try #require(jar.fields.first { $0.hasPrefix("waystation_worker_csrf=") })
            #expect(!proof.contains("HttpOnly") && proof.contains("; SameSite=Strict"))
            #expect(jar.token.hasPrefix("wsm_") && !jar.crossSite.contains(jar.token.dropFirst(4).prefix(8)))
            let me = await scene.send(.get, "/v1/me", headers: jar.headers(.worker, crossSite: false))
            #expect(me.status == 200)
            // A link or a picture: no script can add a field to it.
            #expect(await scene.send(.get, "/v1/me", headers: jar.headers(.worker, crossSite: false, named: false)).status == 200)
        }
    }

    @Test func `what changes something needs the proof that only this origin's scripts can read`() async throws {
        try await inSignInScene { scene in
            _ = try await scene.member(in: scene.east)
            let jar = try await signedIn(scene)
            func end(_ headers: [(String, String)]) async -> TestResponse {
                await scene.send(.delete, "/v1/me/sessions", headers: headers)
            }
            let cookie = jar.headers(.worker, crossSite: false, named: false)
            let page = [("X-Waystation-Page", "worker")]
            for headers in [
                cookie, cookie + page, cookie + [("X-CSRF-Token", jar.crossSite)], cookie + page + [("X-CSRF-Token", "")],
                cookie + page + [("X-CSRF-Token", jar.crossSite + "a")], cookie + page + [("X-CSRF-Token", jar.token)],
                cookie + [("X-Waystation-Page", "desk"), ("X-CSRF-Token", jar.crossSite)],
            ] {
                let refused = await end(headers)
                #expect(refused.status == 403 || refused.status == 401)
                #expect(["auth.cross_site_refused", "auth.token_missing"].contains(refused.problemCode))
            }
            let sessions = await scene.send(.get, "/v1/me/sessions", headers: jar.headers(.worker))
            #expect(sessions.text.contains("isThis"))
            #expect(await end(jar.headers(.worker)).status == 204)
        }
    }

    @Test func `another person's proof opens nothing`() async throws {
        try await inSignInScene { scene in
            let id = try await scene.member(in: scene.east)
            let jar = try await signedIn(scene)
            let other = try await scene.registry.memberSessions.create(id).token
            let headers = [
                ("Cookie", "waystation_worker=\(jar.token)"), ("X-Waystation-Page", "worker"),
                ("X-CSRF-Token", PageSession.crossSiteToken(of: other)),
            ]
            #expect(await scene.send(.delete, "/v1/me/sessions", headers: headers).problemCode == "auth.cross_site_refused")
        }
    }

    @Test func `signing out ends the session and the cookie`() async throws {
        try await inSignInScene { scene in
            _ = try await scene.member(in: scene.east)
            let jar = try await signedIn(scene)
            let out = await scene.send(.post, "/v1/sign-out", headers: jar.headers(.worker))
            #expect(out.status == 204)
            let cleared = out.allHeaders("Set-Cookie")
            #expect(cleared.count == 2 && cleared.allSatisfy { $0.contains("Max-Age=0") })
            #expect(await scene.send(.get, "/v1/me", headers: jar.headers(.worker)).problemCode == "auth.token_invalid")
            #expect(await scene.send(.get, "/v1/me", bearer: jar.token).status == 401, "not only in this browser")
        }
    }

    @Test func `an organizer and a device get cookies of their own, and each call is the named page's`() async throws {
        try await inSignInScene { scene in
            _ = try await scene.member(in: scene.east)
            let worker = try await signedIn(scene)
            try await scene.registry.signIns.setPassword("correct horse battery", ofAccount: "王主席")
            let desk = try Jar(
                await scene.send(
                    .post, "/v1/account-sessions", #"{"name":"王主席","password":"correct horse battery","cookie":true}"#), .desk)
            let pairing = try await scene.send(
                .post, "/v1/device-pairings", #"{"name":"tablet","profile":"guard"}"#, headers: desk.headers(.desk)
            ).json(DevicePairingAnswer.self)
            let device = try Jar(
                await scene.send(.post, "/v1/devices", #"{"pairingCode":"\#(pairing.pairingCode)","cookie":true}"#), .device)
            #expect(desk.token.hasPrefix("wso_") && device.token.hasPrefix("wsd_"))
            let all = "waystation_worker=\(worker.token); waystation_desk=\(desk.token); waystation_device=\(device.token)"
            for (page, subject) in [("worker", "member:"), ("desk", "account:"), ("device", "device:")] {
                let answer = await scene.send(.get, "/v1/account", headers: [("Cookie", all), ("X-Waystation-Page", page)])
                #expect(answer.text.contains("\"subject\":\"\(subject)"), "\(page): \(answer.text)")
            }
            // Without the field the first that may: a printed page of the member's, beside an organizer's session.
            #expect(await scene.send(.get, "/v1/me", headers: [("Cookie", all)]).status == 200)
            #expect(await scene.send(.get, "/v1/members", headers: [("Cookie", all)]).status == 200)
            #expect(await scene.send(.get, "/v1/members", headers: [("Cookie", all), ("X-Waystation-Page", "worker")]).status == 403)
        }
    }

    @Test func `a refused sign-in sets no cookie`() async throws {
        try await inSignInScene { scene in
            _ = try await scene.member(in: scene.east)
            _ = try await scene.askForCode()
            let refused = await scene.signIn("000000", extra: #","cookie":true"#)
            #expect(refused.status >= 400 && refused.allHeaders("Set-Cookie").isEmpty)
        }
    }

    @Test func `a text becomes a picture of a code, for whoever is signed in`() async throws {
        try await inSignInScene { scene in
            let picture = await scene.send(.post, "/v1/qr", #"{"text":"WSP:ABCD-EFGH"}"#, bearer: scene.owner)
            #expect(picture.status == 200 && picture.text.contains("<svg") && picture.header("Content-Type") == "image/svg+xml")
            #expect(await scene.send(.post, "/v1/qr", #"{"text":""}"#, bearer: scene.owner).status == 422)
            let long = String(repeating: "驿", count: 512)
            #expect(await scene.send(.post, "/v1/qr", "{\"text\":\"\(long)\"}", bearer: scene.owner).status < 500)
        }
    }
}
