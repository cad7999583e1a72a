import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

@Suite struct MemberAttributeTests {
    private let today = CalendarDate(daysSince1970: 20_000)

    @Test func `every attribute speaks both languages and its choices have codes of their own`() {
        #expect(Set(MemberAttribute.allCases.map(\.name.zh)).count == MemberAttribute.allCases.count)
        for attribute in MemberAttribute.allCases {
            let codes = attribute.options.map(\.code)
            #expect(Set(codes).count == codes.count)
            #expect((attribute.form == .choice) == !codes.isEmpty)
            for code in codes { #expect(attribute.takes(code, today: today), "\(attribute) \(code)") }
            #expect(!attribute.takes("", today: today) && !attribute.takes("=1+1", today: today))
        }
        #expect(MemberAttribute.ethnicGroup.options.count == 58)
    }

    @Test func `a value is taken only in the attribute's form`() {
        func expect(_ attribute: MemberAttribute, takes good: [String], not bad: [String]) {
            for value in good { #expect(attribute.takes(value, today: today), "\(attribute.rawValue) \(value)") }
            for value in bad { #expect(!attribute.takes(value, today: today), "\(attribute.rawValue) \(value)") }
        }
        expect(.lowIncome, takes: ["true", "false"], not: ["yes", "TRUE", "1"])
        expect(
            .youngestChildBornOn, takes: ["2024-02-29", today.description], not: ["2024-02-30", "2024-2-1", "2024-10-05", "1899-12-31"])
        expect(.householdRegion, takes: ["320412"], not: ["32041", "032041", "3204121", "32041x"])
        expect(.occupation, takes: ["4", "4-02", "4-02-07-08"], not: ["9", "4-2", "4-02-07-08-01", "4-", "-", "快递员"])
        expect(.education, takes: ["bachelor"], not: ["Bachelor", "本科"])
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `strongest, then latest, then last recorded: the rule and the database agree`(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let claims = (1...Int.random(in: 1...12, using: &generator)).map { number in
            AttributeClaim(
                number: Int64(number), attribute: .education,
                value: ["primary", "bachelor", "doctor"].randomElement(using: &generator) ?? "",
                evidence: AttributeEvidence.allCases.randomElement(using: &generator) ?? .certified,
                evidencedOn: CalendarDate(daysSince1970: 20_000 + Int.random(in: 0...3, using: &generator)), source: nil,
                recordedBy: "test",
                recordedAt: Timestamp(microseconds: 0))
        }
        let state = try #require(AttributeState(claims))
        let shuffled = try #require(AttributeState(claims.shuffled(using: &generator)))
        #expect(state == shuffled)
        #expect(claims.allSatisfy { $0.evidence <= state.current.evidence })
        #expect(state.differing.allSatisfy { $0.value != state.current.value })
        guard seed % 4 == 0 else { return }
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let id = try await scene.enter("张三", RegistryScene.zhang)
            for claim in claims {
                _ = try await database.query(
                    """
                    insert into member_attribute (member_id, attribute, value, evidence, evidenced_on, recorded_by)
                    values (\(id), 'education', \(claim.value), \(claim.evidence.rawValue), \(claim.evidencedOn), 'test')
                    """)
            }
            let held = try await database.query("select claim_id from member_attribute_current").single.decode(0, as: Int64.self)
            #expect(held == state.current.number)
        }
    }

    @Test func `what the union certified stays, and what the member says otherwise is listed beside it`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let id = try await scene.enter("张三", RegistryScene.zhang)
            let me = try await scene.session(of: id)
            func known(_ attribute: MemberAttribute, _ path: String = "/v1/me/attributes") async throws -> AttributeAnswer {
                let list = try await scene.call(.get, path, as: me).json(AttributeList.self)
                return try #require(list.items.first { $0.attribute == attribute })
            }
            #expect(try await known(.workerKind).current.evidence == .selfDeclared)
            let declared = await scene.call(.put, "/v1/me/attributes/worker_kind", #"{"value":"truck_driver"}"#, as: me)
            #expect(declared.status == 200)
            #expect(try await scene.registry.members.member(id)?.workerKind == .truckDriver)
            let path = "/v1/members/\(id)/attributes/worker_kind"
            #expect(await scene.call(.put, path, #"{"value":"food_rider","evidencedOn":"2026-01-31"}"#).status == 200)
            #expect(try await scene.registry.members.member(id)?.workerKind == .foodRider)
            #expect(await scene.call(.put, "/v1/me/attributes/worker_kind", #"{"value":"housekeeper"}"#, as: me).status == 200)
            let after = try await known(.workerKind)
            #expect(
                after.current.value == "food_rider" && after.current.evidence == .certified && after.current.evidencedOn == "2026-01-31")
            #expect(after.differing.map(\.value) == ["housekeeper"])
            #expect(try await scene.registry.members.member(id)?.workerKind == .foodRider)
            let history = try await scene.call(.get, path).json(AttributeHistory.self)
            #expect(history.items.map(\.value) == ["courier", "truck_driver", "food_rider", "housekeeper"])
            #expect(history.items.map(\.recordedBy) == ["registry", "member:\(id)", "account:1", "member:\(id)"])
            // Told again it changes nothing.
            let version = try await scene.registry.members.member(id)?.version
            #expect(await scene.call(.put, path, #"{"value":"food_rider","evidencedOn":"2026-01-31"}"#).status == 200)
            #expect(try await scene.registry.members.member(id)?.version == version)
            #expect(
                try await scene.audited() == Array(repeating: "member.attribute_recorded member:\(id)", count: 3))
        }
    }

    @Test func `a file does not overwrite what somebody stands for, and its news joins the history`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let id = try await scene.enter("张三", RegistryScene.zhang)
            #expect(await scene.call(.put, "/v1/members/\(id)/attributes/hardship_post", #"{"value":"true"}"#).status == 200)
            let row = "姓名,身份证号,工种,苦脏累险岗位\n张三,\(RegistryScene.zhang),货车司机,否\n"
            #expect(try await scene.bringIn(row).tally.updated == 1)
            #expect(try await scene.bringIn(row).tally.unchanged == 1)
            let member = try #require(try await scene.registry.members.member(id))
            #expect(member.hardshipPost && member.workerKind == .truckDriver)
            let states = try await scene.registry.persons.attributes.states(of: member)
            #expect(states.first { $0.current.attribute == .workerKind }?.current.recordedBy == "import")
            let claims = try await scene.registry.persons.attributes.claims(of: id, .workerKind)
            #expect(claims.map(\.value) == ["courier", "truck_driver"])
        }
    }

    @Test func `a register's answers come in bulk, each with its outcome, and are stronger than what an organizer certified`() async throws
    {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let (zhang, li) = (try await scene.enter("张三", RegistryScene.zhang), try await scene.enter("李四", RegistryScene.li))
            #expect(await scene.call(.put, "/v1/members/\(zhang)/attributes/low_income", #"{"value":"false"}"#).status == 200)
            let body = """
                {"register":"民政低保库","items":[
                {"memberId":\(zhang),"attribute":"low_income","value":"true","evidencedOn":"2026-06-30"},
                {"memberId":\(li),"attribute":"low_income","value":"false"},
                {"memberId":4711,"attribute":"low_income","value":"false"}]}
                """
            let first = try await scene.call(.post, "/v1/register-checks", body).json(RegisterCheckAnswer.self)
            #expect(first.items == ["recorded", "recorded", "member_unknown"])
            let again = try await scene.call(.post, "/v1/register-checks", body).json(RegisterCheckAnswer.self)
            #expect(again.items == ["unchanged", "unchanged", "member_unknown"])
            let list = try await scene.call(.get, "/v1/members/\(zhang)/attributes").json(AttributeList.self)
            let state = try #require(list.items.first { $0.attribute == .lowIncome })
            #expect(state.current.value == "true" && state.current.evidence == .verified && state.current.source == "民政低保库")
            #expect(state.differing.map(\.evidence) == [.certified])
        }
    }

    @Test func `values that break rules change nothing, with a pointer for each`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let id = try await scene.enter("张三", RegistryScene.zhang)
            let wrong = await scene.call(
                .put, "/v1/members/\(id)/attributes/education", #"{"value":"wizard","evidencedOn":"2999-01-01"}"#)
            #expect(wrong.problemCode == "registry.attribute_invalid")
            #expect(
                wrong.problem?.reasons.map { "\($0.pointer ?? "") \($0.code)" } == [
                    "/value member.attribute_value", "/evidencedOn member.attribute_day",
                ])
            let item = #"{"memberId":\#(id),"attribute":"education","value":"doctor"}"#
            let bulk = await scene.call(.post, "/v1/register-checks", #"{"register":"x","items":[\#(item),\#(item)]}"#)
            #expect(bulk.reasonCodes == ["member.attribute_twice"])
            #expect(await scene.call(.put, "/v1/members/\(id)/attributes/star_sign", #"{"value":"x"}"#).status == 404)
            #expect(await scene.call(.put, "/v1/members/4711/attributes/education", #"{"value":"doctor"}"#).status == 404)
            #expect(try await scene.count("member_attribute") == 0)
        }
    }

    @Test func `an organizer reaches only members within the subtree`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let (one, other) = (try await scene.child("一厂"), try await scene.child("二厂"))
            let id = try await scene.enter("张三", RegistryScene.zhang, in: one)
            let near = try await scene.organizer(.operator, of: one)
            let far = try await scene.organizer(.operator, of: other)
            let body = #"{"value":"doctor"}"#
            #expect(await scene.call(.put, "/v1/members/\(id)/attributes/education", body, as: near).status == 200)
            for response in [
                await scene.call(.put, "/v1/members/\(id)/attributes/education", body, as: far),
                await scene.call(.get, "/v1/members/\(id)/attributes", as: far),
                await scene.call(.get, "/v1/members/\(id)/attributes/education", as: far),
                await scene.call(.get, "/v1/members/\(id)/consents", as: far),
            ] { #expect(response.problemCode == "registry.member_not_found") }
            let bulk = #"{"register":"x","items":[{"memberId":\#(id),"attribute":"education","value":"master"}]}"#
            let answer = try await scene.call(.post, "/v1/register-checks", bulk, as: far).json(RegisterCheckAnswer.self)
            #expect(answer.items == ["member_unknown"])
        }
    }

    @Test func `claims of a thousand members at once from both sides neither deadlock nor get lost`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            _ = try await scene.bringIn(Array(DemoRegister(seed: 5, count: 500).joined()))
            let ids = try await database.query("select member_id from member").map { try $0.decode(0, as: ID<Member>.self) }
            let store = scene.registry.persons.attributes
            let day = today
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, kind) in ["truck_driver", "housekeeper", "food_rider", "courier"].enumerated() {
                    group.addTask {
                        let order = number % 2 == 0 ? ids : ids.reversed()
                        let drafts = order.map {
                            AttributeClaimDraft(memberID: $0, attribute: .workerKind, value: kind, evidence: .certified, evidencedOn: day)
                        }
                        _ = try await database.transaction { (transaction) async throws(PostgresError) in
                            try await store.claim(drafts, by: "test", in: transaction)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await scene.count("member_attribute") == 500 * 5)
            let differing = try await database.query(
                """
                select count(*) from member join member_attribute_current held using (member_id)
                where held.attribute = 'worker_kind' and held.value <> member.worker_kind
                """)
            #expect(try differing.single.decode(0, as: Int.self) == 0)
        }
    }
}
