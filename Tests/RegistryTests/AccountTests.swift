import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

struct AccountTests {
    private static let password = "驿站里有热水和充电器"

    private func signIn(_ scene: SignInScene, _ name: String, _ password: String, from address: String = "192.0.2.1") async -> TestResponse
    {
        await scene.post("/v1/account-sessions", #"{"name":"\#(name)","password":"\#(password)","deviceName":"办公室"}"#, from: address)
    }

    private func newAccount(_ scene: SignInScene, _ json: String, by token: String? = nil) async throws -> TestResponse {
        await scene.post("/v1/accounts", json, bearer: token ?? scene.owner)
    }

    @Test func `an organizer is invited, sets a password, signs in, sees and ends sessions`() async throws {
        try await inSignInScene { scene in
            let created = try await newAccount(scene, #"{"name":"李经理","role":"manager","organizationId":\#(scene.east.id)}"#)
            #expect(created.status == 201)
            let new = try created.json(NewAccountAnswer.self)
            let code = try #require(new.invitationCode)
            #expect(new.account.grants.map(\.organizationId) == [scene.east.id] && !new.account.hasPassword)
            #expect(await signIn(scene, "李经理", Self.password).problemCode == "registry.sign_in_refused", "no password yet")

            let weak = await scene.post("/v1/account-passwords", #"{"invitationCode":"\#(code)","password":"12345678"}"#)
            #expect(weak.status == 422 && weak.reasonCodes == ["account.password_common"])
            let body = #"{"invitationCode":"\#(code.lowercased())","password":"\#(Self.password)"}"#
            let accepted = await scene.post("/v1/account-passwords", body)
            #expect(accepted.status == 201)
            #expect(await scene.post("/v1/account-passwords", body).problemCode == "registry.sign_in_refused", "once")
            let first = try accepted.json(AccountSessionTokenAnswer.self).token

            let signedIn = await signIn(scene, "李经理", Self.password)
            #expect(signedIn.status == 201 && signedIn.header("Cache-Control") == "no-store")
            let token = try signedIn.json(AccountSessionTokenAnswer.self).token
            #expect(token.hasPrefix("wso_") && !signedIn.text.contains(Self.password))
            let listed = try await scene.send(.get, "/v1/account/sessions", bearer: token).json(SessionList.self).items
            #expect(listed.map(\.madeBy) == ["password", "invitation"] && listed.map(\.isThis) == [true, false])
            #expect(listed[0].deviceName == "办公室")

            #expect(await scene.send(.delete, "/v1/account/sessions/\(listed[1].id)", bearer: token).status == 204)
            #expect(await scene.send(.get, "/v1/account", bearer: first).status == 401)
            let ownersSession = try #require(
                try await scene.send(.get, "/v1/account/sessions", bearer: scene.owner).json(SessionList.self).items.first)
            #expect(ownersSession.madeBy == "command" && ownersSession.expiresAt == nil)
            #expect(await scene.send(.delete, "/v1/account/sessions/\(ownersSession.id)", bearer: token).status == 404, "another's")
            _ = try await scene.database.query(
                """
                update account_token set created_at = now() - interval '1 day', expires_at = now() - interval '1 second'
                where made_by = 'password'
                """)
            scene.registry.authenticator.forgetAll()
            #expect(await scene.send(.get, "/v1/account", bearer: token).status == 401, "it ends by itself")
        }
    }

    @Test func `a password is changed by who knows it, and ends the other sessions`() async throws {
        try await inSignInScene { scene in
            _ = try await newAccount(scene, #"{"name":"李经理","role":"operator","password":"\#(Self.password)"}"#)
            let one = try await signIn(scene, "李经理", Self.password).json(AccountSessionTokenAnswer.self).token
            let two = try await signIn(scene, "李经理", Self.password).json(AccountSessionTokenAnswer.self).token
            let wanted = "新的密码也要足够长"
            func change(_ json: String) async -> TestResponse { await scene.send(.put, "/v1/account/password", json, bearer: one) }
            #expect(await change(#"{"password":"\#(wanted)"}"#).problemCode == "registry.sign_in_refused")
            #expect(await change(#"{"currentPassword":"wrong one","password":"\#(wanted)"}"#).status == 403)
            let same = await change(#"{"currentPassword":"\#(Self.password)","password":"李经理李经理李经理"}"#)
            #expect(same.status == 422)
            #expect(await change(#"{"currentPassword":"\#(Self.password)","password":"\#(wanted)"}"#).status == 204)
            #expect(await scene.send(.get, "/v1/account", bearer: one).status == 200)
            #expect(await scene.send(.get, "/v1/account", bearer: two).status == 401)
            try await scene.forgetAttempts()
            #expect(await signIn(scene, "李经理", Self.password).status == 403)
            #expect(await signIn(scene, "李经理", wanted).status == 201)
            // A token of the command line opens an account without a password, and may set one.
            #expect(await scene.send(.put, "/v1/account/password", #"{"password":"\#(wanted)"}"#, bearer: scene.owner).status == 204)
            #expect(await scene.send(.get, "/v1/account", bearer: scene.owner).status == 200)
        }
    }

    @Test func `guesses wait longer and longer, by name and by address, and unknown names as long as known ones`() async throws {
        try await inSignInScene { scene in
            _ = try await newAccount(scene, #"{"name":"李经理","role":"operator","password":"\#(Self.password)"}"#)
            for name in ["李经理", "无此人"] {
                var answers: [TestResponse] = []
                for _ in 0..<6 { answers.append(await signIn(scene, name, "wrong password \(name)")) }
                #expect(answers.map(\.status) == [403, 403, 403, 403, 403, 429], "\(name)")
                #expect(Set(answers.prefix(5).map { $0.problemCode ?? "" }) == ["registry.sign_in_refused"])
                let wait = try #require(answers[5].header("Retry-After").flatMap { Int($0) })
                // How much of the minute is left is the machine's affair.
                #expect((1...60).contains(wait), "\(name)")
            }
            #expect(await signIn(scene, "李经理", Self.password).status == 429, "the right one waits, too")
            #expect(await signIn(scene, "李经理", Self.password, from: "192.0.2.9").status == 201, "but not where nobody guessed")
            let counted: [String] = try await scene.database.query(
                """
                select kind || ' ' || string_agg(cardinality(taken_at)::text, ',' order by cardinality(taken_at)) from attempt_limit
                group by kind order by kind
                """
            ).map { try $0.decode(0) }
            #expect(
                counted == [
                    "password.address 0,10", "password.name.day 5,5", "password.name.hour 5,5", "password.name_address.hour 0,5,5",
                    "password.name_address.minute 0,5,5",
                ])
            _ = try await scene.database.query("update attempt_limit set taken_at = '{}' where kind = 'password.name_address.minute'")
            _ = try await scene.database.query(
                """
                update attempt_limit set taken_at = array(select clock_timestamp() from generate_series(1, 60))
                where kind = 'password.address'
                """)
            #expect(await signIn(scene, "王主席", "x9!kQ2#pLLL").status == 429, "sixty from one address, whatever the names")
        }
    }

    @Test func `an unknown name costs the same derivation and counts the same attempts`() async throws {
        try await inSignInScene { scene in
            _ = try await newAccount(scene, #"{"name":"李经理","role":"operator","password":"\#(Self.password)"}"#)
            // Invited, but without a password.
            _ = try await newAccount(scene, #"{"name":"王经理","role":"operator"}"#)
            let hasher = scene.registry.signIns.passwords
            for name in ["李经理", "无此人", "王经理"] {
                try await scene.forgetAttempts()
                let before = hasher.derivations[PasswordHasher.Cost(), default: 0]
                #expect(await signIn(scene, name, "wrong password").problemCode == "registry.sign_in_refused")
                #expect(hasher.derivations == [PasswordHasher.Cost(): before + 1], "\(name): one more, of the one cost")
                #expect(try await scene.scene.count("attempt_limit") == 5, "\(name)")
                #expect(try await scene.scene.count("password_origin") == 0, "\(name)")
            }
        }
    }

    @Test func `who guesses a name everywhere locks out nobody where the name signed in before`() async throws {
        try await inSignInScene { scene in
            _ = try await newAccount(scene, #"{"name":"李经理","role":"operator","password":"\#(Self.password)"}"#)
            #expect(await signIn(scene, "李经理", Self.password, from: "192.0.2.9").status == 201)
            // As after a day of guesses from thousands of addresses.
            #expect(await signIn(scene, "李经理", "wrong password", from: "198.51.100.1").status == 403)
            _ = try await scene.database.query(
                """
                update attempt_limit set taken_at = array(select clock_timestamp() from generate_series(1, 100))
                where kind in ('password.name.hour', 'password.name.day')
                """)
            #expect(await signIn(scene, "李经理", Self.password, from: "198.51.100.2").status == 429, "a new address waits")
            #expect(await signIn(scene, "李经理", "wrong password", from: "192.0.2.9").status == 403)
            #expect(await signIn(scene, "李经理", Self.password, from: "192.0.2.9").status == 201)
            // The way back in for an owner at a new address.
            let invited = await scene.send(.post, "/v1/accounts/2/invitations", bearer: scene.owner)
            let code = try invited.json(InvitationAnswer.self).invitationCode
            let accepted = await scene.post(
                "/v1/account-passwords", #"{"invitationCode":"\#(code)","password":"\#(Self.password)"}"#, from: "198.51.100.3")
            #expect(accepted.status == 201)
        }
    }

    @Test func `nobody gives more than they have, nor outside of their subtree`() async throws {
        try await inSignInScene { scene in
            let manager = try await scene.account("东经理", .manager, in: scene.east)
            let east = scene.east.id
            let street = try #require(try await scene.registry.organizations.ensure(.init(parentID: east, kind: .street, name: "东一街")))
            func create(_ number: Int, _ rest: String, by token: String) async -> TestResponse {
                await scene.post("/v1/accounts", #"{"name":"新\#(number)",\#(rest)}"#, bearer: token)
            }
            let allowed = [
                #""role":"manager","organizationId":\#(east)"#, #""role":"operator","organizationId":\#(street.id)"#,
                #""role":"auditor","organizationId":\#(east)"#,
            ]
            for (number, body) in allowed.enumerated() { #expect(await create(number, body, by: manager.token).status == 201, "\(body)") }
            let refused = [
                (#""role":"owner","organizationId":\#(east)"#, "registry.grant_not_allowed"),
                (#""role":"operator""#, "registry.grant_not_allowed"),
                (#""role":"operator","organizationId":\#(scene.west.id)"#, "registry.organization_not_found"),
                (#""role":"operator","organizationId":\#(scene.city.id)"#, "registry.organization_not_found"),
                (#""role":"operator","organizationId":4711"#, "registry.organization_not_found"),
                (#""role":"operator","mayUnmask":true,"organizationId":\#(east)"#, "registry.grant_not_allowed"),
            ]
            for (body, code) in refused { #expect(await create(9, body, by: manager.token).problemCode == code, "\(body)") }
            let operatorToken = try await scene.account("东操作", .operator, in: scene.east).token
            #expect(await create(9, #""role":"operator","organizationId":\#(east)"#, by: operatorToken).status == 403)
            #expect(try await scene.scene.count("account") == 6, "who was refused made nothing")
            let eastOwner = try await scene.account("东所有者", .owner, in: scene.east)
            #expect(await create(10, #""role":"owner","organizationId":\#(street.id)"#, by: eastOwner.token).status == 201)
            let twice = await create(10, #""role":"operator","organizationId":\#(east)"#, by: scene.owner)
            #expect(twice.status == 409 && twice.problemCode == "registry.account_exists")
        }
    }

    @Test func `who has roles elsewhere is administered by those who reach all of them`() async throws {
        try await inSignInScene { scene in
            let manager = try await scene.account("东经理", .manager, in: scene.east)
            let both = try await scene.account("两边", .operator, in: scene.east)
            let west = try await scene.account("西操作", .operator, in: scene.west)
            let given = await scene.post(
                "/v1/accounts/\(both.id)/grants", #"{"role":"operator","organizationId":\#(scene.west.id)}"#, bearer: scene.owner)
            #expect(given.status == 201)
            let shown = try await scene.send(.get, "/v1/accounts/\(both.id)", bearer: manager.token).json(AccountDetailsAnswer.self)
            #expect(shown.grants.map(\.organizationId) == [scene.east.id], "only what the manager reaches")
            for action in ["disable", "invitations"] {
                let refused = await scene.send(.post, "/v1/accounts/\(both.id)/\(action)", bearer: manager.token)
                #expect(refused.problemCode == "registry.grant_not_allowed")
                for id in ["\(west.id)", "1", "4711"] {
                    let hidden = await scene.send(.post, "/v1/accounts/\(id)/\(action)", bearer: manager.token)
                    #expect(hidden.status == 404 && hidden.problemCode == "registry.account_not_found", "\(id)")
                }
            }
            let listed = try await scene.send(.get, "/v1/accounts", bearer: manager.token).json(AccountList.self).items
            #expect(listed.map(\.name) == ["东经理", "两边"])

            // The role in the east may be taken, then nothing of the account is left to see there.
            let grant = try #require(shown.grants.first).id
            #expect(await scene.send(.get, "/v1/members", bearer: both.token).status == 200)
            let path = "/v1/accounts/\(both.id)/grants/\(grant)"
            #expect(await scene.send(.delete, path, bearer: manager.token).status == 204)
            #expect(await scene.send(.delete, path, bearer: manager.token).status == 404)
            let scope = try await scene.send(.get, "/v1/members?organizationId=\(scene.east.id)", bearer: both.token).json(MemberList.self)
            #expect(scope.items.isEmpty)
            let actions = try await scene.auditActions()
            #expect(actions.contains("account.granted account:\(both.id)") && actions.contains("account.grant_ended account:\(both.id)"))
        }
    }

    @Test func `a role that is taken, and an account that is disabled, are refused from the next request on`() async throws {
        try await inSignInScene { scene in
            let manager = try await scene.account("东经理", .manager, in: scene.east)
            #expect(await scene.send(.get, "/v1/members", bearer: manager.token).status == 200)
            let grant = try #require(
                try await scene.send(.get, "/v1/accounts/\(manager.id)", bearer: scene.owner).json(AccountDetailsAnswer.self).grants.first)
            #expect(await scene.send(.delete, "/v1/accounts/\(manager.id)/grants/\(grant.id)", bearer: scene.owner).status == 204)
            #expect(await scene.send(.get, "/v1/members", bearer: manager.token).status == 403)
            #expect(await scene.send(.get, "/v1/account/sessions", bearer: manager.token).status == 200, "still a person with an account")
            #expect(await scene.send(.post, "/v1/accounts/\(manager.id)/disable", bearer: scene.owner).status == 200)
            #expect(await scene.send(.get, "/v1/account", bearer: manager.token).status == 401)
            #expect(await scene.send(.post, "/v1/accounts/\(manager.id)/disable", bearer: scene.owner).status == 200, "again")
            let late = await scene.post("/v1/accounts/\(manager.id)/grants", #"{"role":"operator"}"#, bearer: scene.owner)
            #expect(late.problemCode == "registry.account_disabled")
            #expect(await scene.send(.post, "/v1/accounts/\(manager.id)/invitations", bearer: scene.owner).status == 409)
        }
    }

    @Test func `the last owner stays, also when two disable each other at once`() async throws {
        try await inSignInScene { scene in
            #expect(await scene.send(.post, "/v1/accounts/1/disable", bearer: scene.owner).problemCode == "registry.last_owner")
            let details = try await scene.send(.get, "/v1/accounts/1", bearer: scene.owner).json(AccountDetailsAnswer.self)
            let grant = try #require(details.grants.first)
            let kept = await scene.send(.delete, "/v1/accounts/1/grants/\(grant.id)", bearer: scene.owner)
            #expect(kept.status == 409 && kept.problemCode == "registry.last_owner")
            for round in 0..<4 {
                let others = [
                    try await scene.account("甲\(round)", .owner, in: nil), try await scene.account("乙\(round)", .owner, in: nil),
                ]
                // The owner of before steps back, so that these two are the last.
                _ = try await scene.database.query(
                    """
                    update account set disabled_at = now()
                    where account_id not in (\(others[0].id), \(others[1].id)) and disabled_at is null
                    """
                )
                let statuses = await withTaskGroup(of: Int.self) { group in
                    for (caller, victim) in [(0, 1), (1, 0)] {
                        group.addTask {
                            await scene.send(.post, "/v1/accounts/\(others[victim].id)/disable", bearer: others[caller].token).status
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                let left: Int = try await scene.database.query(
                    "select count(*) from account where disabled_at is null and account_id in (\(others[0].id), \(others[1].id))")[0]
                    .decode(0)
                #expect(left == 1, "\(statuses)")
            }
        }
    }

    @Test func `sixteen who accept one invitation at once get one account`() async throws {
        try await inSignInScene { scene in
            let created = try await newAccount(scene, #"{"name":"李经理","role":"operator"}"#)
            let code = try #require(try created.json(NewAccountAnswer.self).invitationCode)
            let again = await scene.send(.post, "/v1/accounts/2/invitations", bearer: scene.owner)
            let newer = try again.json(InvitationAnswer.self).invitationCode
            let old = await scene.post("/v1/account-passwords", #"{"invitationCode":"\#(code)","password":"\#(Self.password)"}"#)
            #expect(old.problemCode == "registry.sign_in_refused", "a new code ends the one before")
            let body = #"{"invitationCode":"\#(newer)","password":"\#(Self.password)"}"#
            let statuses = await withTaskGroup(of: Int.self) { group in
                for _ in 0..<6 { group.addTask { await scene.post("/v1/account-passwords", body).status } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 201 } == 1 && statuses.count { $0 == 403 } == 5)
        }
    }

    @Test func `no password stands in the database`() async throws {
        try await inSignInScene { scene in
            _ = try await newAccount(scene, #"{"name":"李经理","role":"operator","password":"\#(Self.password)"}"#)
            _ = await signIn(scene, "李经理", Self.password)
            for table in ["account", "account_password", "account_token", "audit_entry", "idempotency_key", "attempt_limit"] {
                let rows: [String] = try await scene.database.query("select t::text from \(raw: table) t").map { try $0.decode(0) }
                #expect(!rows.joined().contains(Self.password), "\(table)")
            }
            let actions = try await scene.auditActions()
            #expect(actions == ["account.created account:2"])
        }
    }
}
