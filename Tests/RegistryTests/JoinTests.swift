import FoundationEssentials
import HTTP
import MemberCode
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

@Suite struct JoinTests {
    private static let id = "11010519491231002X"
    private static let otherID = "440524198001010013"

    private func inScene(_ body: (RegistryScene) async throws -> Void) async throws {
        try await withDatabase { try await body(RegistryScene($0)) }
    }

    static func form(_ name: String = "张三", _ id: String = id, phone: String = "13812345678", consents: String = #""registry""#) -> String {
        """
        {"name":"\(name)","nationalId":"\(id)","phone":"\(phone)","workerKind":"food_rider","employmentForm":"platform",\
        "consents":[\(consents)]}
        """
    }

    /// Applies without any account.
    static func apply(
        _ scene: RegistryScene, _ code: String, _ form: String = form(), key: String? = nil
    ) async -> TestResponse {
        let response = await scene.client.send(
            .post, "/v1/join/\(code)/applications", headers: key.map { [("Idempotency-Key", $0)] } ?? [], body: Array(form.utf8),
            contentType: "application/json")
        #expect(response.undeclared == nil)
        return response
    }

    private static func index(_ phone: String, _ scene: RegistryScene) throws -> [UInt8] {
        scene.registry.members.vault.index(of: try PhoneNumber(phone))
    }

    private func events(_ scene: RegistryScene) async throws -> [String] {
        try await scene.texts("select type || ' ' || subject from outbox_event order by event_id")
    }

    @Test func `whoever scans a code learns which organization it is and what is asked`() async throws {
        try await inScene { scene in
            let code = try await scene.joinCode(of: scene.organization.id)
            for text in [code, "wsj1:\(code.lowercased())", "\(code.prefix(4))-\(code.suffix(4))"] {
                let door = try await scene.client.send(.get, "/v1/join/\(text)").json(JoinDoorAnswer.self)
                #expect(door.organizationName == "德保" && door.isOpen && door.joinRule == .approval && door.code == code)
                #expect(door.fields.map(\.name).contains("nationalId"))
            }
            let unknown = await scene.client.send(.get, "/v1/join/22222222")
            #expect(unknown.status == 404 && unknown.problemCode == "join.code_unknown")
            _ = await scene.send(.post, "/v1/organizations/\(scene.organization.id)/join-code/disable")
            #expect(try await scene.client.send(.get, "/v1/join/\(code)").json(JoinDoorAnswer.self).isOpen == false)
            let ended = await Self.apply(scene, code)
            #expect(ended.status == 410 && ended.problemCode == "join.code_ended")
            #expect(await Self.apply(scene, "22222222").problemCode == "join.code_unknown")
        }
    }

    @Test func `by the rule automatic one is a member at once, with a card that holds`() async throws {
        try await inScene { scene in
            let code = try await scene.joinCode(of: scene.organization.id, rule: .automatic)
            let answer = try await Self.apply(scene, code).json(OwnApplicationAnswer.self)
            #expect(answer.state == .approved)
            let member = try #require(try await scene.registry.members.member(answer.memberId))
            #expect(member.status == .active && member.organizationID == scene.organization.id && member.workerKind == .foodRider)
            #expect(member.person?.name.text == "张三" && member.person?.phone?.text == "13812345678")
            let card = try #require(answer.card)
            switch MemberCodeVerifier(scene.keys).verify(card.text, nowMicroseconds: Clock().nowMicroseconds + 3_600_000_000) {
            case .valid(let read): #expect(read.memberID == answer.memberId.rawValue)
            default: Issue.record("the card does not hold for an hour")
            }
            #expect(try await events(scene) == ["member.joined member:\(answer.memberId)"])
        }
    }

    @Test func `by the rule approval one is provisional with a card, and approved by an organizer`() async throws {
        try await inScene { scene in
            let code = try await scene.joinCode(of: scene.organization.id)
            let applied = try await Self.apply(scene, code).json(OwnApplicationAnswer.self)
            #expect(applied.state == .pending && applied.card != nil)
            let secret = try #require(applied.secret)
            #expect(try await scene.registry.members.status(of: applied.memberId) == .provisional)
            #expect(await scene.send(.get, "/v1/members/\(applied.memberId)/code").status == 200)
            let listed = try await scene.send(.get, "/v1/applications?state=pending").json(ApplicationList.self)
            #expect(listed.items.map(\.id) == [applied.applicationId] && listed.items[0].member?.name == "张*")
            let approved = await scene.send(.post, "/v1/applications/\(applied.applicationId)/approve")
            #expect(try approved.json(ApplicationAnswer.self).state == .approved)
            #expect(try await scene.registry.members.status(of: applied.memberId) == .active)
            let again = await scene.send(.post, "/v1/applications/\(applied.applicationId)/approve")
            #expect(again.status == 409 && again.problemCode == "application.state_not_allowed")
            let seen = try await scene.client.send(.get, "/v1/join-application", bearer: secret).json(OwnApplicationAnswer.self)
            #expect(seen.state == .approved && seen.secret == nil)
            let card = try #require(seen.card)
            let picture = try QRCode(card.text)
            #expect(card.size == picture.side && card.matrix == Data(picture.bits).base64EncodedString(), "drawn by the page")
            for wrong in ["wsa_" + String(repeating: "A", count: 43), scene.owner, "x"] {
                #expect(await scene.client.send(.get, "/v1/join-application", bearer: wrong).problemCode == "join.application_unknown")
            }
            let id = applied.memberId
            #expect(try await events(scene) == ["member.applied member:\(id)", "member.joined member:\(id)"])
            let audited = try await scene.texts(
                "select action || ' ' || actor from audit_entry where subject like 'application:%' order by entry_id")
            #expect(audited == ["application.submitted applicant", "application.approved account:1"])
        }
    }

    @Test func `a rejection needs a reason and erases a newcomer, who may send corrected data under the same secret`() async throws {
        try await inScene { scene in
            let code = try await scene.joinCode(of: scene.organization.id)
            let applied = try await Self.apply(scene, code).json(OwnApplicationAnswer.self)
            let secret = try #require(applied.secret)
            let path = "/v1/applications/\(applied.applicationId)"
            #expect(await scene.send(.post, path + "/reject", #"{"reason":""}"#).status == 422)
            #expect(await scene.send(.post, path + "/reject", #"{"reason":"姓名与证件不符"}"#).status == 200)
            #expect(try await scene.count("national_id_directory") == 0)
            #expect(try await scene.count("member_personal_data") == 0)
            #expect(try await scene.count("member_data_key") == 0)
            #expect(try await scene.count("member_phone_index") == 0)
            let told = try await scene.client.send(.get, "/v1/join-application", bearer: secret).json(OwnApplicationAnswer.self)
            #expect(told.state == .rejected && told.rejectReason == "姓名与证件不符" && told.card == nil)
            func resubmit(_ form: String) async -> TestResponse {
                await scene.client.send(
                    .put, "/v1/join-application", bearer: secret, body: Array(form.utf8), contentType: "application/json")
            }
            #expect(await resubmit(Self.form("=1")).reasonCodes == ["member.name_characters"])
            let again = await resubmit(Self.form("李四"))
            #expect(again.undeclared == nil)
            let answer = try again.json(OwnApplicationAnswer.self)
            #expect(answer.state == .pending && answer.applicationId == applied.applicationId && answer.memberId != applied.memberId)
            #expect(await resubmit(Self.form("李四")).problemCode == "application.state_not_allowed")
            #expect(await scene.send(.post, path + "/approve").status == 200)
            let member = try #require(try await scene.registry.members.member(answer.memberId))
            #expect(member.status == .active && member.person?.name.text == "李四")
            #expect(
                try await events(scene) == [
                    "member.applied member:\(applied.memberId)", "member.rejected member:\(applied.memberId)",
                    "member.applied member:\(answer.memberId)", "member.joined member:\(answer.memberId)",
                ])
            // No reason leaves the register.
            #expect(try await scene.value("select count(*) from audit_entry where details like '%证件%'", as: Int.self) == 0)
        }
    }

    @Test func `a form that breaks rules is told all of them, and nothing is written`() async throws {
        try await inScene { scene in
            let code = try await scene.joinCode(of: scene.organization.id)
            let broken = await Self.apply(scene, code, Self.form("=CMD", "110105194912310021", phone: "1", consents: ""))
            #expect(broken.status == 422 && broken.problemCode == "join.form_invalid")
            #expect(
                broken.reasonCodes == [
                    "member.name_characters", "member.national_id_checksum", "member.phone_invalid", "join.consent_missing",
                ])
            let today = CalendarDate.inChina(Clock())
            let young = try #require(CalendarDate(year: today.year - 15, month: 1, day: 1))
            let child = try #require(NationalID(region: 450_000, birthOn: young, sequence: 1))
            #expect(await Self.apply(scene, code, Self.form("张三", child.text)).reasonCodes == ["member.too_young"])
            #expect(try await scene.count("member") == 0)
            #expect(try await scene.count("member_application") == 0)
        }
    }

    @Test func `sixteen years end on the birthday`() throws {
        func old(_ birth: (Int, Int, Int), _ today: (Int, Int, Int)) throws -> Bool {
            let birthday = try #require(CalendarDate(year: birth.0, month: birth.1, day: birth.2))
            return JoinForm.isOldEnough(birthday, today: try #require(CalendarDate(year: today.0, month: today.1, day: today.2)))
        }
        #expect(try old((2010, 11, 21), (2026, 11, 21)))
        #expect(try !old((2010, 11, 22), (2026, 11, 21)))
        #expect(try !old((2008, 2, 29), (2024, 2, 28)))
        #expect(try old((2008, 2, 29), (2024, 2, 29)))
    }

    @Test func `the same person twice at once from two phones is one member`() async throws {
        try await inScene { scene in
            let first = try await scene.joinCode(of: scene.organization.id)
            let second = try await scene.joinCode(of: try await scene.grow(.street, "城关"), rule: .automatic)
            let statuses = await withTaskGroup(of: TestResponse.self) { group in
                for number in 0..<12 {
                    group.addTask {
                        await Self.apply(scene, number % 2 == 0 ? first : second, Self.form(phone: "1381234567\(number % 10)"))
                    }
                }
                return await group.reduce(into: [Int: Int]()) { counts, answer in
                    counts[answer.status, default: 0] += 1
                    if answer.status == 409 { #expect(answer.problemCode == "join.person_exists") }
                }
            }
            #expect(statuses == [201: 1, 409: 11])
            #expect(try await scene.count("member") == 1)
            #expect(try await scene.count("member_application") == 1)
            #expect(try await scene.count("member_data_key") == 1)
        }
    }

    @Test func `who exists is told to transfer, with the same words for the right and a wrong name`() async throws {
        try await inScene { scene in
            let code = try await scene.joinCode(of: scene.organization.id)
            _ = try await scene.bringIn("姓名,身份证号\n张三,\(Self.id)\n")
            let right = await Self.apply(scene, code)
            let wrong = await Self.apply(scene, code, Self.form("李四"))
            #expect(right.status == 409 && right.problemCode == "join.person_exists" && right.text == wrong.text)
            #expect(!right.text.contains("\"1\"") && !right.text.contains("member:"))
            let (updated, phones) = (
                try await scene.value("select version from member", as: Int.self), try await scene.count("member_phone_index")
            )
            #expect(updated == 1 && phones == 0)
        }
    }

    @Test func `who had left comes back by the code under the registered name only`() async throws {
        try await inScene { scene in
            let street = try await scene.grow(.street, "城关")
            let code = try await scene.joinCode(of: street, rule: .automatic)
            _ = try await scene.bringIn("姓名,身份证号,手机号\n张三,\(Self.id),13812345678\n")
            let id: ID<Member> = try await scene.value("select member_id from member")
            _ = await scene.send(.post, "/v1/members/\(id)/status", #"{"status":"left"}"#)
            #expect(await Self.apply(scene, code, Self.form("李四")).problemCode == "join.person_exists")
            let back = try await Self.apply(scene, code, Self.form(phone: "13900000000"), key: "back").json(OwnApplicationAnswer.self)
            #expect(back.memberId == id && back.state == .pending && back.card != nil)
            let repeated = try await Self.apply(scene, code, Self.form(phone: "13900000000"), key: "back").json(OwnApplicationAnswer.self)
            #expect(repeated.applicationId == back.applicationId && repeated.secret == back.secret)
            let member = try #require(try await scene.registry.members.member(id))
            #expect(member.status == .provisional && member.organizationID == street)
            // A name and a national id prove nobody: by the phone one signs in.
            #expect(member.person?.phone?.text == "13812345678")
            #expect(try await scene.registry.members.members(phoneIndex: Self.index("13900000000", scene), in: scene.database).isEmpty)
            #expect(await scene.send(.post, "/v1/applications/\(back.applicationId)/reject", #"{"reason":"待核实"}"#).status == 200)
            let left = try #require(try await scene.registry.members.member(id))
            #expect(left.status == .left && left.person?.name.text == "张三", "a former member is not erased")
            #expect(left.person?.phone?.text == "13812345678")
            let causes = try await scene.texts("select cause from membership order by version")
            #expect(causes == ["left", "rejected"])
            #expect(
                try await scene.value("select count(*) from member_application where wanted_phone_sealed is not null", as: Int.self) == 0)

            // Sent again and approved, the new phone is the member's.
            let secret = try #require(back.secret)
            let again = await scene.send(
                .put, "/v1/join-application", Self.form(phone: "13900000000"), bearer: secret)
            #expect(again.status == 200)
            #expect(try await scene.registry.members.member(id)?.person?.phone?.text == "13812345678")
            #expect(await scene.send(.post, "/v1/applications/\(back.applicationId)/approve").status == 200)
            let approved = try #require(try await scene.registry.members.member(id))
            #expect(approved.status == .active && approved.person?.phone?.text == "13900000000")
            for (phone, count) in [("13812345678", 0), ("13900000000", 1)] {
                let found = try await scene.registry.members.members(phoneIndex: Self.index(phone, scene), in: scene.database)
                #expect(found.count == count, "\(phone)")
            }
        }
    }

    @Test func `a request repeated with its key gets the same application and secret, another body is refused`() async throws {
        try await inScene { scene in
            let code = try await scene.joinCode(of: scene.organization.id)
            let answers = await withTaskGroup(of: TestResponse.self) { group in
                for _ in 0..<8 { group.addTask { await Self.apply(scene, code, key: "k") } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let told = try answers.map { try $0.json(OwnApplicationAnswer.self) }
            #expect(Set(told.map(\.applicationId)).count == 1 && Set(told.map(\.secret)).count == 1)
            #expect(try await scene.count("member") == 1)
            let reused = await Self.apply(scene, code, Self.form("李四", Self.otherID), key: "k")
            #expect(reused.status == 422 && reused.problemCode == "request.idempotency_key_reused")
            #expect(try await scene.count("member") == 1)
            let bodies = await withTaskGroup(of: Int.self) { group in
                for phone in 0..<6 {
                    group.addTask {
                        await Self.apply(scene, code, Self.form("王五", Self.otherID, phone: "1390000000\(phone)"), key: "l").status
                    }
                }
                return await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(bodies == [201: 1, 422: 5])
        }
    }

    @Test func `closing an organization and joining it at once never leaves a member in a closed one`() async throws {
        for _ in 0..<4 {
            try await inScene { scene in
                let street = try await scene.grow(.street, "城关")
                let code = try await scene.joinCode(of: street, rule: .automatic)
                async let closing = scene.send(.post, "/v1/organizations/\(street)/close", #"{"reason":"x"}"#)
                async let joining = Self.apply(scene, code)
                let (closed, joined) = await (closing, joining)
                let stranded: Int = try await scene.value(
                    """
                    select count(*) from member
                    join organization on organization.organization_id = member.organization_id
                    where organization.state = 'closed'
                    """)
                #expect(stranded == 0)
                #expect((closed.status == 200) != (joined.status == 201), "one of the two")
                if closed.status == 200 { #expect(["join.code_ended", "join.organization_closed"].contains(joined.problemCode ?? "")) }
            }
        }
    }

    @Test func `an address that is refused again and again has to wait`() throws {
        let clock = ManualClock()
        let limiter = SubmissionLimiter(.init(windowSeconds: 60, submissionsMax: 5, refusalsMax: 2), clock: clock.clock)
        let (one, other) = (NetworkAddress("192.0.2.1"), NetworkAddress("192.0.2.2"))
        #expect(limiter.take(one) == nil)
        limiter.noteRefusal(one)
        #expect(limiter.take(one) == nil)
        limiter.noteRefusal(one)
        #expect(limiter.take(one) == 60)
        for _ in 0..<5 { #expect(limiter.take(other) == nil) }
        #expect(limiter.take(other) == 60)
        clock.advance(seconds: 60)
        #expect(limiter.take(one) == nil && limiter.take(other) == nil)
    }

    @Test func `guessing codes from one address ends in 429`() async throws {
        try await inScene { scene in
            let code = try await scene.joinCode(of: scene.organization.id)
            var last: TestResponse?
            for _ in 0...30 { last = await Self.apply(scene, "22222222") }
            #expect(last?.status == 429 && last?.problemCode == "join.too_many_submissions" && last?.header("Retry-After") != nil)
            #expect(await Self.apply(scene, code).status == 429)
        }
    }

    @Test func `an organizer decides within the own subtree only`() async throws {
        try await inScene { scene in
            let street = try await scene.grow(.street, "城关")
            let other = try await scene.grow(.street, "都安")
            let code = try await scene.joinCode(of: other)
            let applied = try await Self.apply(scene, code).json(OwnApplicationAnswer.self)
            let manager = try await scene.organizer(.operator, in: street)
            let path = "/v1/applications/\(applied.applicationId)"
            #expect(try await scene.send(.get, "/v1/applications", bearer: manager).json(ApplicationList.self).items.isEmpty)
            #expect(await scene.send(.get, path, bearer: manager).problemCode == "application.not_found")
            #expect(await scene.send(.post, path + "/approve", bearer: manager).problemCode == "application.not_found")
            #expect(await scene.send(.post, path + "/reject", #"{"reason":"x"}"#, bearer: manager).problemCode == "application.not_found")
            let own = try await scene.organizer(.operator, in: other)
            #expect(await scene.send(.post, path + "/approve", bearer: own).status == 200)
        }
    }

    @Test func `two organizers who decide at once: one decision`() async throws {
        try await inScene { scene in
            let code = try await scene.joinCode(of: scene.organization.id)
            let applied = try await Self.apply(scene, code).json(OwnApplicationAnswer.self)
            let path = "/v1/applications/\(applied.applicationId)"
            async let yes = scene.send(.post, path + "/approve")
            async let no = scene.send(.post, path + "/reject", #"{"reason":"x"}"#)
            let statuses = await [yes.status, no.status].sorted()
            #expect(statuses == [200, 409])
            let state: String = try await scene.value("select state from member_application")
            let status: String = try await scene.value("select status from member")
            #expect([["approved", "active"], ["rejected", "left"]].contains([state, status]))
        }
    }

    @Test func `an enterprise files its people: members or applications by its rule, and nobody of another's`() async throws {
        try await inScene { scene in
            let firm = try await scene.grow(.enterprise, "顺达")
            let other = try await scene.grow(.enterprise, "通达")
            let manager = try await scene.organizer(.manager, in: firm)
            _ = try await scene.bringIn("姓名,身份证号,组织\n李四,\(Self.otherID),通达\n")
            func file(_ text: String) async throws -> MemberImportAnswer {
                let response = await scene.client.send(
                    .post, "/v1/member-imports?organizationId=\(firm)", bearer: manager, body: Array(text.utf8), contentType: "text/csv")
                #expect(response.undeclared == nil)
                return try response.json(MemberImportAnswer.self)
            }
            let filed = try await file("姓名,身份证号\n张三,\(Self.id)\n李四,\(Self.otherID)\n")
            #expect(filed.inserted == 1 && filed.refused == 1)
            let waiting = try await scene.send(.get, "/v1/applications", bearer: manager).json(ApplicationList.self).items
            #expect(waiting.map(\.source) == [.filing] && waiting.map(\.state) == [.pending])
            #expect(try await scene.registry.members.status(of: waiting[0].memberId) == .provisional)
            #expect(await scene.send(.post, "/v1/applications/\(waiting[0].id)/approve", bearer: manager).status == 200)
            #expect(try await scene.registry.members.status(of: waiting[0].memberId) == .active)
            let elsewhere: ID<Organization> = try await scene.value("select organization_id from member where member_id = 1")
            #expect(elsewhere == other, "nobody is moved without being asked")
            _ = try await scene.joinCode(of: firm, rule: .automatic)
            #expect(try await file("姓名,身份证号\n王五,11010519491231109X\n").inserted == 1)
            #expect(try await scene.count("member_application") == 1)
            #expect(
                try await events(scene).map { String($0.prefix { $0 != " " }) } == ["member.applied", "member.joined", "member.joined"])
        }
    }
}
