import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Insurance

@Suite struct MutualAidTests {
    @Test func `a crowd that joins at once gets all places, and not one too many`() async throws {
        try await withInsurance { scene in
            let members = try await scene.members(60)
            let batch = try await scene.aid(of: scene.product(), size: 25)
            let moment = scene.at()
            var tokens: [String] = []
            for member in members { tokens.append(try await scene.token(of: member)) }
            let codes = await withTaskGroup(of: String.self) { group in
                // Everybody twice: one person has one place.
                for token in tokens + tokens {
                    group.addTask {
                        let answer = await moment.send(.post, "/v1/me/insurance-batches/\(batch.id)/join", bearer: token)
                        return answer.problemCode ?? "\(answer.status)"
                    }
                }
                return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            #expect(codes == ["200": 50, "insurance.no_place": 70], "\(codes)")
            let places = try await scene.batch(batch.id).places
            #expect((places.free, places.reserved) == (0, 25))
            #expect(try await scene.value("select count(distinct member_id) from policy", as: Int.self) == 25)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `the rules, other cover, the membership and the clock say who may join`() async throws {
        try await withInsurance { scene in
            let product = try await scene.product()
            let batch = try await scene.aid(of: product, size: 5, rules: #"{"eligibility":[{"sex":["female"]}]}"#)
            let path = "/v1/me/insurance-batches/\(batch.id)/join"
            let man = try await scene.mine(scene.members(1, sex: "male")[0])
            let refused = await man.post(path, nil)
            #expect((refused.status, refused.problemCode) == (409, "insurance.not_eligible"))
            #expect(refused.text.contains("性别为女"))
            let old = try await scene.mine(scene.members(1, birthOn: "1950-01-01")[0])
            #expect(await old.post(path, nil).problemCode == "insurance.not_eligible")
            let member = try await scene.members(1)[0]
            let mine = try await scene.mine(member)
            let listed = try await mine.get("/v1/me/insurance-batches").json(OwnBatchList.self).items
            #expect(listed.map(\.standing) == [.mayJoin] && listed[0].contributionFen == 6_000)
            #expect(try await man.get("/v1/me/insurance-batches").json(OwnBatchList.self).items.map(\.standing) == [.mayNotJoin])
            #expect(await mine.at(10.1).post(path, nil).problemCode == "insurance.not_open")
            _ = try await scene.database.query("update member set status = 'suspended' where member_id = \(member)")
            #expect(await mine.post(path, nil).problemCode == "insurance.not_active")
            _ = try await scene.database.query("update member set status = 'active' where member_id = \(member)")
            let joined = try await mine.post(path, nil).json(OwnPolicyAnswer.self)
            #expect(joined.state == .reserved && !joined.covered && joined.text.contains("60 元"))
            #expect(try await mine.post(path, nil).json(OwnPolicyAnswer.self).id == joined.id)
            let second = try await scene.aid(of: product, size: 5)
            #expect(await mine.post("/v1/me/insurance-batches/\(second.id)/join", nil).problemCode == "insurance.covered_already")
            _ = await mine.post("/v1/me/policies/\(joined.id)/refuse")
            #expect(await mine.post(path, nil).problemCode == "insurance.had_already")
            let gift = try await scene.confirmed(of: scene.product(of: product.insurerId, family: "other"), size: 1)
            #expect(await mine.post("/v1/me/insurance-batches/\(gift.id)/join", nil).problemCode == "insurance.batch_unknown")
        }
    }

    @Test func `only what is paid for may go to the insurer, and what is not goes back after fourteen days`() async throws {
        try await withInsurance { scene in
            let members = try await scene.members(3)
            let batch = try await scene.aid(of: scene.product(), size: 3)
            var ids: [ID<Policy>] = []
            for member in members {
                ids.append(
                    try await scene.mine(member).post("/v1/me/insurance-batches/\(batch.id)/join", nil).json(OwnPolicyAnswer.self).id)
            }
            func ready() async throws -> [ID<Policy>] {
                try await scene.database.query(
                    "select policy_id from policy where batch_id = \(batch.id) and \(fragment: MutualAid.mayGoToRoster) order by 1"
                ).map { try $0.decode(0) }
            }
            #expect(try await ready().isEmpty)
            func pay(_ ids: [ID<Policy>], at time: String = "2026-01-01T00:00:00Z") async -> TestResponse {
                await scene.at().send(
                    .post, "/v1/insurance-batches/\(batch.id)/contributions", #"{"policyIds":\#(ids),"paidAt":"\#(time)"}"#)
            }
            #expect(await pay([ids[0]], at: "2999-01-01T00:00:00Z").reasonCodes == ["insurance.paid_at_invalid"])
            let paid = try await pay([ids[0], ids[0], ID(999_999)]).json(ContributionAnswer.self).items
            #expect(paid.map(\.outcome) == [.noted, .unknown])
            #expect(try await pay([ids[0]]).json(ContributionAnswer.self).items.map(\.outcome) == [.already])
            #expect(try await ready() == [ids[0]])
            #expect(try await scene.value("select count(*) from audit_entry where action like '%contributions_noted'", as: Int.self) == 2)
            try await scene.at(days: 13.9).run("insurance.clock")
            #expect(try await scene.batch(batch.id).places.reserved == 3)
            try await scene.at(days: 14.1).run("insurance.clock")
            #expect(try await scene.policies(batch.id).map(\.state) == [.reserved, .returned, .returned])
            let reason: String = try await scene.value("select distinct reason from policy where reason is not null")
            #expect(reason == "contribution_unpaid")
            #expect(try await pay([ids[1]]).json(ContributionAnswer.self).items.map(\.outcome) == [.over])
            #expect(try await scene.value("select count(*) from insurance_batch where ripe_at is not null", as: Int.self) == 0)
            #expect(try await scene.outOfBalance() == 0)
            let gift = try await scene.confirmed(of: scene.product(family: "other"), size: 1)
            let wrong = await scene.at().send(
                .post, "/v1/insurance-batches/\(gift.id)/contributions", #"{"policyIds":[1],"paidAt":"2026-01-01T00:00:00Z"}"#)
            #expect(wrong.problemCode == "insurance.wrong_state")
        }
    }

    @Test func `everybody sees what mutual aid paid, and not to whom`() async throws {
        try await withInsurance { scene in
            let member = try await scene.person()
            let mine = try await scene.mine(member)
            let batch = try await scene.aid(of: scene.product(), size: 1, from: 0, days: 30)
            let id = try await mine.post("/v1/me/insurance-batches/\(batch.id)/join", nil).json(OwnPolicyAnswer.self).id
            try await scene.issue(batch.id)
            try await scene.at().run("insurance.clock")
            let filed = try await mine.post(
                "/v1/me/policies/\(id)/claims",
                #"{"requestId":"0199f0aa-0000-7000-8000-000000000001","kind":"hospital","happenedOn":"\#(InsuranceScene.day(0))"}"#
            ).json(OwnClaimAnswer.self)
            let path = "/v1/public/insurance-batches/\(batch.id)/payouts"
            func payouts() async throws -> [PayoutList.Item] {
                let answer = await scene.at().client.send(.get, path)
                try #require(answer.status == 200 && answer.undeclared == nil, "\(answer.text)")
                #expect(!answer.text.contains("夏") && !answer.text.contains("\(filed.id),"))
                return try answer.json(PayoutList.self).items
            }
            #expect(try await payouts().isEmpty)
            _ = await scene.at().send(.put, "/v1/policy-claims/\(filed.id)", #"{"state":"paid","paidFen":123400}"#)
            let shown = try #require(try await payouts().first)
            #expect((shown.kind, shown.paidFen, shown.district) == (.hospital, 123_400, "东区"))
            #expect(shown.month == String(InsuranceScene.day(0).prefix(7)))
            let gift = try await scene.confirmed(of: scene.product(family: "other"), size: 1)
            let none = await scene.at().client.send(.get, "/v1/public/insurance-batches/\(gift.id)/payouts")
            #expect(none.problemCode == "insurance.batch_unknown")
        }
    }
}
