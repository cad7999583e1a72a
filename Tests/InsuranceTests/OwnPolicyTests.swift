import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Insurance

@Suite struct OwnPolicyTests {
    @Test func `nobody is told of a policy before the run is confirmed, and nobody that they are covered before they are`() async throws {
        try await withInsurance { scene in
            let mine = try await scene.mine(scene.members(1)[0])
            let product = try await scene.product(
                acceptDays: 5, more: #","nameEn":"Accident","covers":[{"name":"身故","nameEn":"Death","fen":10000000}]"#)
            let draft = try await scene.draft(of: product, size: 1, from: 8, days: 30)
            _ = await scene.at().send(.post, "/v1/insurance-batches/\(draft.id)/announce")
            try await scene.run(draft.id)
            let id = try #require(try await scene.policies(draft.id).first).id
            #expect(try await mine.policies().isEmpty)
            let hidden = await mine.get("/v1/me/policies/\(id)")
            #expect((hidden.status, hidden.problemCode) == (404, "insurance.policy_unknown"))
            _ = await scene.at().send(.post, "/v1/insurance-batches/\(draft.id)/review", #"{"confirm":true}"#, bearer: scene.second)

            func check(_ state: PolicyState, _ words: String, covered: Bool, actions: [OwnPolicy.Action], at day: Double = 0) async throws {
                let there = mine.at(day)
                let shown = try await there.policy(id, language: "en")
                #expect(shown.state == state && shown.covered == covered && shown.actions == actions, "\(shown)")
                #expect(shown.text.contains(words), "\(shown.text)")
                // English and Chinese alike: "covered" is said of who is covered now, or will be from a day the text names.
                if !covered, !words.contains("ended"), state != .accepted {
                    #expect(shown.text.contains("NOT covered"), "\(shown.text)")
                    #expect(try await there.policy(id).text.contains("没有保障") == (state == .rejected), "\(state)")
                }
            }
            try await check(.reserved, "Reserved for you", covered: false, actions: [.refuse])
            try await scene.move([PolicyMove(id, to: .sent)], of: draft.id)
            try await check(.sent, "with the insurer", covered: false, actions: [])
            try await scene.move([PolicyMove(id, to: .rejected, reason: "证件号有误")], of: draft.id)
            try await check(.rejected, "did not issue it", covered: false, actions: [.refuse])
            try await scene.move([PolicyMove(id, to: .reserved)], of: draft.id)
            try await scene.issue(draft.id, acceptDays: 5)
            try await check(.issued, "Please accept it by", covered: false, actions: [.accept, .refuse])
            #expect(await mine.post("/v1/me/policies/\(id)/accept").status == 200)
            try await check(.accepted, "Accepted. You are covered from", covered: false, actions: [.refuse])
            try await scene.at(days: 9).run("insurance.clock")
            let last = InsuranceScene.day(37)
            try await check(.active, "covered until \(last)", covered: true, actions: [.certificate, .claim], at: 9)
            // The job has not run yet, and still nobody is told that they are covered.
            try await check(.active, "ended on \(last)", covered: false, actions: [.claim], at: 39)
            try await scene.at(days: 39).run("insurance.clock")
            try await check(.expired, "ended on \(last)", covered: false, actions: [.claim], at: 39)
        }
    }

    @Test func `lists mask the number, one's own view shows it with what is covered, in the language asked for`() async throws {
        try await withInsurance { scene in
            let members = try await scene.members(1)
            let mine = try await scene.mine(members[0])
            let policy = try await scene.given(
                more: #","nameEn":"Accident","claimAdviceEn":"Call","covers":[{"name":"身故","nameEn":"Death","fen":10000000}]"#)
            #expect(try await mine.policy(policy.id).number == nil)
            try await scene.issue(policy.batchID)
            try await scene.at().run("insurance.clock")
            let number = "P-000\(1_000 + policy.id.rawValue)"
            let listed = try #require(try await mine.policies().first)
            #expect(listed.number == "····" + number.suffix(4) && listed.covered && listed.beneficiary == nil)
            let chinese = try await mine.policy(policy.id)
            #expect((chinese.number, chinese.product, chinese.hotline) == (number, "意外伤害保险", "95500"))
            #expect(chinese.claimAdvice == InsuranceScene.advice && chinese.covers[0].name == "身故" && chinese.covers[0].fen == 10_000_000)
            let english = try await mine.policy(policy.id, language: "en")
            #expect((english.product, english.claimAdvice, english.covers[0].name) == ("Accident", "Call", "Death"))
            // Another member finds nothing of it, by any route; a merged account's goes on with who goes on.
            let other = try await scene.members(1)[0]
            let stranger = try await scene.mine(other)
            for path in ["", "/certificate", "/claims"] {
                #expect(await stranger.get("/v1/me/policies/\(policy.id)\(path)").problemCode == "insurance.policy_unknown")
            }
            for path in ["accept", "refuse"] {
                #expect(await stranger.post("/v1/me/policies/\(policy.id)/\(path)").problemCode == "insurance.policy_unknown")
            }
            _ = try await scene.database.query(
                "update member set status = 'left', merged_into = \(other) where member_id = \(members[0])")
            #expect(try await stranger.policies().map(\.id) == [policy.id])
        }
    }

    @Test func `accepting and refusing go by state and deadline, once more changes nothing`() async throws {
        try await withInsurance { scene in
            let mine = try await scene.mine(scene.members(1)[0])
            let policy = try await scene.given(acceptDays: 5, from: 10)
            let path = "/v1/me/policies/\(policy.id)"
            #expect(await mine.post("\(path)/accept").problemCode == "insurance.not_issued")
            try await scene.move([PolicyMove(policy.id, to: .sent)], of: policy.batchID)
            for step in ["accept", "refuse"] { #expect(await mine.post("\(path)/\(step)").problemCode == "insurance.with_insurer") }
            try await scene.move([PolicyMove(policy.id, to: .issued, number: "A-1")], of: policy.batchID, acceptDays: 5)
            for step in ["accept", "refuse"] {
                #expect(await mine.at(5.1).post("\(path)/\(step)").problemCode == "insurance.accept_too_late")
            }
            let named = #"{"beneficiary":{"name":"张三","relation":"spouse"}}"#
            #expect(await mine.post("\(path)/accept", named).problemCode == "insurance.beneficiary_statutory")
            for _ in 0..<3 { #expect(await mine.post("\(path)/accept", key: "k").status == 200) }
            #expect(await mine.post("\(path)/accept").status == 200)
            #expect(await mine.post("\(path)/accept", named).problemCode == "insurance.already_accepted")
            let events: Int = try await scene.value("select count(*) from policy_event where state_after = 'accepted'")
            #expect(events == 1)
            let refused = await mine.post("\(path)/refuse", #"{"reason":"not_needed"}"#)
            #expect(try refused.json(OwnPolicyAnswer.self).state == .refused)
            #expect(await mine.post("\(path)/refuse").status == 200)
            #expect(await mine.post("\(path)/accept").problemCode == "insurance.policy_over")
            #expect(try await scene.batch(policy.batchID).places.free == 1)
            #expect(try await scene.value("select reason from policy", as: String.self) == "not_needed")
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `a policy that needs no acceptance is not accepted, and one that covers is not refused`() async throws {
        try await withInsurance { scene in
            let mine = try await scene.mine(scene.members(1)[0])
            let policy = try await scene.given()
            try await scene.issue(policy.batchID)
            #expect(await mine.post("/v1/me/policies/\(policy.id)/accept").problemCode == "insurance.no_acceptance")
            try await scene.at().run("insurance.clock")
            #expect(try await mine.policy(policy.id).state == .active)
            #expect(await mine.post("/v1/me/policies/\(policy.id)/refuse").problemCode == "insurance.not_refusable")
        }
    }

    @Test func `a crowd of yes and no of one person decides once`() async throws {
        try await withInsurance { scene in
            let mine = try await scene.mine(scene.members(1)[0])
            let policy = try await scene.given(acceptDays: 5, from: 10)
            try await scene.issue(policy.batchID, acceptDays: 5)
            let statuses = await withTaskGroup(of: Int.self) { group in
                for number in 0..<24 {
                    group.addTask { await mine.post("/v1/me/policies/\(policy.id)/\(number % 2 == 0 ? "accept" : "refuse")").status }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.allSatisfy { $0 == 200 || $0 == 409 }, "\(statuses)")
            // Accepted or not, it is refused at last, for that can follow.
            #expect(try await scene.policies(policy.batchID).map(\.state) == [.refused])
            #expect(try await scene.value("select count(*) from policy_event where state_after = 'refused'", as: Int.self) == 1)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    // MARK: Beneficiaries

    @Test func `a beneficiary is named where the product says so, sealed, and forgotten with the member`() async throws {
        try await withInsurance { scene in
            let mine = try await scene.mine(scene.person())
            let policy = try await scene.given(acceptDays: 5, from: 10, more: #","beneficiary":"named""#)
            try await scene.issue(policy.batchID, acceptDays: 5)
            let path = "/v1/me/policies/\(policy.id)"
            #expect(await mine.post("\(path)/accept").problemCode == "insurance.beneficiary_required")
            let wrong = await mine.post("\(path)/accept", #"{"beneficiary":{"name":"4711","relation":"child","phone":"12"}}"#)
            #expect((wrong.status, wrong.problemCode) == (422, "insurance.invalid"))
            #expect(wrong.reasonCodes == ["member.name_characters", "member.phone_invalid"])
            let named = #"{"beneficiary":{"name":"司马师师","relation":"child","phone":"+86 13711112222"}}"#
            let accepted = await mine.post("\(path)/accept", named)
            let beneficiary = Beneficiary(name: "司马师师", relation: .child, phone: "13711112222")
            #expect(try accepted.json(OwnPolicyAnswer.self).beneficiary == beneficiary, "\(accepted.text)")
            #expect(await mine.post("\(path)/accept", named).status == 200)
            #expect(try await mine.policies().first?.beneficiary == nil)
            for row in try await scene.rows() {
                for canary in ["司马师师", "13711112222"] { #expect(!InsuranceScene.stands(canary, in: row), "\(row)") }
            }
            #expect(await mine.get("/v1/me/data").text.contains("司马师师"))
            let sealed: [UInt8] = try await scene.value("select sealed from policy_beneficiary")
            #expect(await mine.post("/v1/me/erasure", #"{"confirm":"erase"}"#).status == 200)
            #expect(try await scene.value("select count(*) from policy_beneficiary", as: Int.self) == 0)
            // Even out of a backup of the row.
            _ = try await scene.database.query(
                "insert into policy_beneficiary values (\(policy.memberID), \(policy.id), \(sealed), now())")
            let own = OwnPolicyStore(database: scene.database, clockOffsetMicroseconds: 0)
            let people = Beneficiaries(own: own, members: scene.registry.members)
            #expect(try await people.find(of: policy, in: scene.database) == nil)
        }
    }
}
