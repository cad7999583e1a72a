import Crypto
import HTTP
import MemberCode
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

struct MemberSignInTests {
    @Test func `a member signs in by a code that comes by message, and sees who they are`() async throws {
        try await inSignInScene { scene in
            let id = try await scene.member(in: scene.east)
            let asked = try await scene.askForCode()
            #expect(asked.status == 202)
            let message = try #require(try await scene.messages().first)
            #expect(message.phone == SignInScene.phone && message.template == "sign_in_code" && message.language == "zh")
            let code = try #require(message.parameters["code"])
            #expect(message.text.contains(code) && !asked.text.contains(code))

            let signedIn = await scene.signIn(code, extra: #","deviceName":"华为""#)
            #expect(signedIn.status == 201 && signedIn.header("Cache-Control") == "no-store")
            let session = try signedIn.json(MemberSessionTokenAnswer.self)
            #expect(session.token.hasPrefix("wsm_") && session.memberId == id)

            let me = try await scene.send(.get, "/v1/me", bearer: session.token).json(MeAnswer.self)
            #expect(me.member.id == id && me.member.name == "张*" && me.organizationName == "城东" && me.hasCode)
            let shown = try await scene.send(.get, "/v1/me/code", bearer: session.token).json(MemberCodeAnswer.self)
            switch MemberCodeVerifier(scene.scene.keys).verify(shown.text, nowMicroseconds: Clock().nowMicroseconds) {
            case .valid(let read): #expect(read.memberID == id.rawValue)
            default: Issue.record("the code does not hold")
            }
            let picture = await scene.send(.get, "/v1/me/code", bearer: session.token, headers: [("Accept", "image/svg+xml")])
            #expect(picture.text.contains("<svg") && picture.header("Cache-Control") == "no-store")
            let account = try await scene.send(.get, "/v1/account", bearer: session.token).json(AccountAnswer.self)
            #expect(account.subject == "member:\(id)" && account.permissions == ["me"])
        }
    }

    @Test func `provisional members have a code, those who rest or left have none`() async throws {
        try await inSignInScene { scene in
            let id = try await scene.member()
            let token = try await scene.registry.memberSessions.create(id).token
            for (status, expected) in [("provisional", 200), ("active", 200), ("suspended", 409), ("left", 409)] {
                _ = try await scene.database.query("update member set status = \(status)")
                let code = await scene.send(.get, "/v1/me/code", bearer: token)
                #expect(code.status == expected, "\(status)")
                #expect(await scene.send(.get, "/v1/me", bearer: token).status == 200, "\(status)")
            }
        }
    }

    @Test func `after five tries a code is dead, even the right one`() async throws {
        try await inSignInScene { scene in
            try await scene.member()
            _ = try await scene.askForCode()
            let code = try await scene.lastCode()
            let wrong = code == "000000" ? "000001" : "000000"
            for _ in 0..<5 {
                let refused = await scene.signIn(wrong)
                #expect(refused.status == 403 && refused.problemCode == "registry.sign_in_refused")
            }
            #expect(await scene.signIn(code).problemCode == "registry.sign_in_refused")
            #expect(try await scene.scene.count("member_session") == 0)

            try await scene.forgetAttempts()
            _ = try await scene.askForCode()
            let second = try await scene.lastCode()
            for _ in 0..<4 { _ = await scene.signIn(second == wrong ? "000002" : wrong) }
            #expect(await scene.signIn(second).status == 201, "the fifth try counts")
        }
    }

    @Test func `a code works once, for five minutes, and only the newest one`() async throws {
        try await inSignInScene { scene in
            try await scene.member()
            #expect(await scene.signIn("123456").problemCode == "registry.sign_in_refused", "nobody asked")
            _ = try await scene.askForCode()
            let first = try await scene.lastCode()
            try await scene.forgetAttempts()
            _ = try await scene.askForCode()
            let second = try await scene.lastCode()
            if first != second { #expect(await scene.signIn(first).problemCode == "registry.sign_in_refused") }
            #expect(await scene.signIn(second).status == 201)
            #expect(await scene.signIn(second).problemCode == "registry.sign_in_refused", "used")

            try await scene.forgetAttempts()
            _ = try await scene.askForCode()
            let third = try await scene.lastCode()
            let left: Int = try await scene.database.query(
                "select extract(epoch from expires_at - drawn_at)::integer from sign_in_code order by code_id desc limit 1")[0].decode(0)
            #expect(left == 300)
            _ = try await scene.database.query(
                "update sign_in_code set requested_at = now() - interval '1 hour', expires_at = now() - interval '1 second'")
            #expect(await scene.signIn(third).problemCode == "registry.sign_in_refused", "over")
        }
    }

    @Test(arguments: 0..<3)
    func `of sixteen who give one code at once, one gets in`(round: Int) async throws {
        try await inSignInScene { scene in
            try await scene.member()
            _ = try await scene.askForCode()
            let code = try await scene.lastCode()
            let statuses = await withTaskGroup(of: Int.self) { group in
                for number in 0..<16 { group.addTask { await scene.signIn(code, from: "192.0.2.\(number)").status } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 201 } == 1 && statuses.count { $0 == 403 } == 15)
            #expect(try await scene.scene.count("member_session") == 1)
        }
    }

    @Test func `a number that nobody has is answered the same, by the same statements`() async throws {
        try await inSignInScene { scene in
            try await scene.member()
            let stranger = "13999999999"
            /// What one phone's sign-in writes, table by table.
            func work(_ phone: String) async throws -> (asked: [String], tried: [String]) {
                func rows() async throws -> [String] {
                    try await scene.database.query(
                        """
                        select 'code ' || (drawn_at is null)::text || (code_digest is null)::text || tries::text from sign_in_code
                        union all
                        select 'limit ' || kind || cardinality(taken_at)::text from attempt_limit
                        order by 1
                        """
                    ).map { try $0.decode(0) }
                }
                _ = try await scene.database.query("delete from sign_in_code")
                try await scene.forgetAttempts()
                let answer = await scene.post("/v1/member-sessions/codes", #"{"phone":"\#(phone)"}"#)
                let asked = try await rows() + ["\(answer.status) \(answer.text)"]
                try await scene.sendCodes()
                var tried: [String] = []
                for _ in 0..<6 {
                    let refused = await scene.signIn("000000", phone: phone)
                    tried += try await rows() + ["\(refused.status) \(refused.problemCode ?? "")"]
                }
                return (asked, tried)
            }
            let known = try await work(SignInScene.phone)
            let unknown = try await work(stranger)
            #expect(known.asked == unknown.asked)
            #expect(known.tried == unknown.tried)
            #expect(try await scene.messages().map(\.phone) == [SignInScene.phone], "strangers get no message")
        }
    }

    @Test func `asking for a code does not look whether anybody has the number`() async throws {
        try await inSignInScene { scene in
            try await scene.member()
            // Whatever would look would fail.
            _ = try await scene.database.query("alter table member_phone_index rename to hidden")
            let known = await scene.post("/v1/member-sessions/codes", #"{"phone":"\#(SignInScene.phone)"}"#)
            let unknown = await scene.post("/v1/member-sessions/codes", #"{"phone":"13999999999"}"#)
            #expect(known.status == 202 && unknown.status == 202 && known.text == unknown.text)
            _ = try await scene.database.query("alter table hidden rename to member_phone_index")
        }
    }

    @Test func `codes are limited by number, by address and overall`() async throws {
        try await inSignInScene { scene in
            try await scene.member()
            #expect(try await scene.askForCode().status == 202)
            let soon = try await scene.askForCode(from: "192.0.2.2")
            #expect(soon.status == 429 && soon.problemCode == "registry.too_many_attempts")
            let seconds = try #require(soon.header("Retry-After").flatMap { Int($0) })
            #expect((1...60).contains(seconds))
            let stranger = try await scene.askForCode("13999999999")
            #expect(stranger.status == 202, "another number")

            // Five an hour: as if each minute were over, but not the hour.
            for _ in 0..<4 {
                _ = try await scene.database.query("delete from attempt_limit where kind = 'sign_in_code.number.minute'")
                #expect(try await scene.askForCode().status == 202)
            }
            _ = try await scene.database.query("delete from attempt_limit where kind = 'sign_in_code.number.minute'")
            let sixth = try await scene.askForCode()
            let wait = try #require(sixth.header("Retry-After").flatMap { Int($0) })
            #expect(sixth.status == 429 && wait > 3_500)
            #expect(try await scene.askForCode(from: "192.0.2.2").status == 202, "who asks too often shuts out nobody else")

            try await scene.forgetAttempts()
            var statuses: [Int] = []
            for number in 0..<31 { statuses.append(try await scene.askForCode("138000000\(number + 10)").status) }
            #expect(statuses == [Int](repeating: 202, count: 30) + [429], "thirty a minute from one address")
            #expect(try await scene.askForCode("13800000099", from: "192.0.2.2").status == 202, "but not from another")
            #expect(try await scene.askForCode("13800000098", from: "2001:db8:0:1::1").status == 202)

            _ = try await scene.database.query(
                """
                update attempt_limit set taken_at = array(select clock_timestamp() from generate_series(1, 600))
                where kind = 'sign_in_code.overall.minute'
                """)
            #expect(try await scene.askForCode("13800000097", from: "192.0.2.3").status == 429, "six hundred a minute overall")
        }
    }

    @Test func `tries are limited by address, successes are none`() async throws {
        try await inSignInScene { scene in
            try await scene.member()
            for _ in 0..<60 { #expect(await scene.signIn("000000", phone: "13999999999").status == 403) }
            let limited = await scene.signIn("000000", phone: "13999999998")
            #expect(limited.status == 429 && limited.header("Retry-After") != nil)
            _ = try await scene.askForCode(from: "192.0.2.2")
            let code = try await scene.lastCode()
            #expect(await scene.signIn(code).status == 429, "not even the right one")
            #expect(await scene.signIn(code, from: "192.0.2.2").status == 201)
            let counted: Int = try await scene.database.query(
                "select sum(cardinality(taken_at))::integer from attempt_limit where kind = 'member_sign_in.address'")[0].decode(0)
            #expect(counted == 60)
        }
    }

    @Test func `a family that shares a phone tells by the end of the national id who it is`() async throws {
        try await inSignInScene { scene in
            let father = try await scene.member("张三", "11010519491231002X")
            let son = try await scene.member("张小", "440524198001010013")
            _ = try await scene.askForCode()
            #expect(try await scene.messages().count == 1, "one message for one phone")
            let code = try await scene.lastCode()
            let wrong = await scene.signIn(code == "000000" ? "000001" : "000000")
            #expect(wrong.problemCode == "registry.sign_in_refused", "who does not know the code learns nothing of a family")
            let asked = await scene.signIn(code)
            #expect(asked.status == 422 && asked.problemCode == "registry.national_id_end_needed")
            #expect(await scene.signIn(code, extra: #","nationalIdEnd":"9999""#).problemCode == "registry.sign_in_refused")
            let signedIn = await scene.signIn(code, extra: #","nationalIdEnd":"002x""#)
            #expect(try signedIn.json(MemberSessionTokenAnswer.self).memberId == father)
            #expect(await scene.signIn(code, extra: #","nationalIdEnd":"0013""#).status == 403, "used, also for the son")
            try await scene.forgetAttempts()
            _ = try await scene.askForCode()
            let second = await scene.signIn(try await scene.lastCode(), extra: #","nationalIdEnd":"0013""#)
            #expect(try second.json(MemberSessionTokenAnswer.self).memberId == son)
        }
    }

    @Test func `a lost answer is given again, a wrong code is counted whatever key it brings`() async throws {
        try await inSignInScene { scene in
            try await scene.member()
            _ = try await scene.askForCode()
            let code = try await scene.lastCode()
            let body = #"{"phone":"\#(SignInScene.phone)","code":"\#(code)"}"#
            let key = [("Idempotency-Key", "k1")]
            let wrong = body.replacing(code, with: code == "000000" ? "000001" : "000000")
            for _ in 0..<2 {
                #expect(await scene.send(.post, "/v1/member-sessions", wrong, headers: [("Idempotency-Key", "k0")]).status == 403)
            }
            let tries: Int = try await scene.database.query("select tries from sign_in_code")[0].decode(0)
            #expect(tries == 2)
            let first = await scene.send(.post, "/v1/member-sessions", body, headers: key)
            let again = await scene.send(.post, "/v1/member-sessions", body, headers: key)
            #expect(first.status == 201 && first.text == again.text)
            #expect(try await scene.scene.count("member_session") == 1)
        }
    }

    @Test func `what stands in the database gives neither code nor number nor address away`() async throws {
        try await inSignInScene { scene in
            try await scene.member()
            _ = try await scene.askForCode()
            let code = try await scene.lastCode()
            _ = await scene.signIn(code)
            for table in ["sign_in_code", "attempt_limit", "outbox_event", "member_session", "audit_entry", "idempotency_key"] {
                let rows: [String] = try await scene.database.query("select t::text from \(raw: table) t").map { try $0.decode(0) }
                let text = rows.joined(separator: "\n")
                for canary in [SignInScene.phone, "\"\(code)\"", ",\(code),", "192.0.2.1", "张三"] {
                    #expect(!text.contains(canary), "\(table)")
                }
                let hex = Hex.encode(Array(code.utf8))
                #expect(!text.contains(hex) && !text.contains(Hex.encode(SHA256.hash(Array(code.utf8)))), "\(table)")
            }
        }
    }
}
