import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Insurance

@Suite struct PolicyClaimTests {
    private static let first = "0199f0aa-0000-7000-8000-000000000001"

    private static func body(_ day: Int = 0, id: String = first, kind: String = "injury") -> String {
        #"{"requestId":"\#(id)","kind":"\#(kind)","happenedOn":"\#(InsuranceScene.day(day))"}"#
    }

    @Test func `a claim is handed over once, for a day that is covered, with how to go on`() async throws {
        try await withInsurance { scene in
            let mine = try await scene.mine(scene.members(1)[0])
            let policy = try await scene.given(days: 30)
            let path = "/v1/me/policies/\(policy.id)/claims"
            #expect(await mine.post(path, Self.body()).problemCode == "insurance.not_covering")
            try await scene.issue(policy.batchID)
            #expect(await mine.post(path, Self.body()).problemCode == "insurance.not_covering")
            try await scene.at().run("insurance.clock")
            for day in [-1, 1, 30] { #expect(await mine.post(path, Self.body(day)).problemCode == "insurance.day_not_covered", "\(day)") }
            let filed = try await mine.post(path, Self.body()).json(OwnClaimAnswer.self)
            #expect((filed.state, filed.hotline, filed.advice) == (.filed, "95500", InsuranceScene.advice))
            #expect(filed.number == "P-000\(1_000 + policy.id.rawValue)")
            #expect(try await mine.post(path, Self.body()).json(OwnClaimAnswer.self).id == filed.id)
            #expect(await mine.post(path, Self.body(kind: "illness")).problemCode == "insurance.request_id_reused")
            // Parallel repeats of another one are one.
            let other = "0199f0aa-0000-7000-8000-000000000002"
            let ids = await withTaskGroup(of: ID<PolicyClaim>?.self) { group in
                for _ in 0..<12 { group.addTask { try? await mine.post(path, Self.body(id: other)).json(OwnClaimAnswer.self).id } }
                return await group.reduce(into: Set<ID<PolicyClaim>?>()) { $0.insert($1) }
            }
            #expect(ids.count == 1 && ids.first != .some(nil))
            // When the days are over what happened on them is claimed still.
            try await scene.at(days: 31).run("insurance.clock")
            let late = await mine.at(31).post(path, Self.body(29, id: "0199f0aa-0000-7000-8000-000000000003"))
            #expect(late.status == 200, "\(late.text)")
            let listed = try await mine.get(path).json(OwnClaimList.self).items
            #expect(listed.count == 3 && listed.last?.id == filed.id)
        }
    }

    @Test func `organizers write down what the insurer decided, by version and audited, and what is paid shows`() async throws {
        try await withInsurance { scene in
            let mine = try await scene.mine(scene.members(1)[0])
            let policy = try await scene.given(days: 30)
            try await scene.issue(policy.batchID)
            try await scene.at().run("insurance.clock")
            let filed = try await mine.post("/v1/me/policies/\(policy.id)/claims", Self.body()).json(OwnClaimAnswer.self)
            let second = "0199f0aa-0000-7000-8000-000000000002"
            _ = await mine.post("/v1/me/policies/\(policy.id)/claims", Self.body(id: second))
            let page = try await scene.at().send(.get, "/v1/insurance-batches/\(policy.batchID)/claims?limit=1").json(ClaimList.self)
            #expect(page.items.map(\.id) == [filed.id] && page.items[0].version == 1)
            let next = try #require(page.next)
            let rest = try await scene.at().send(.get, "/v1/insurance-batches/\(policy.batchID)/claims?limit=1&after=\(next)").json(
                ClaimList.self)
            #expect(rest.items.count == 1 && rest.next == nil)
            func put(_ json: String, version: String? = nil) async -> TestResponse {
                let headers = version.map { [("If-Match", "\"\($0)\"")] } ?? []
                return await scene.at().send(.put, "/v1/policy-claims/\(filed.id)", json, headers: headers)
            }
            #expect(await put(#"{"state":"paid"}"#).reasonCodes == ["insurance.paid_fen_invalid"])
            #expect(await put(#"{"state":"refused"}"#).reasonCodes == ["request.missing_field"])
            #expect(await put(#"{"state":"accepted"}"#, version: "7").problemCode == "insurance.changed")
            let accepted = await put(#"{"state":"accepted"}"#, version: "1")
            #expect(accepted.status == 200 && accepted.header("ETag") == "\"2\"", "\(accepted.text)")
            #expect(try await scene.policies(policy.batchID)[0].state == .active)
            let paid = await put(#"{"state":"paid","paidFen":500000}"#, version: "2")
            #expect(try paid.json(ClaimAnswer.self).paidFen == 500_000)
            #expect(try await scene.policies(policy.batchID)[0].state == .claimed)
            #expect(await put(#"{"state":"paid","paidFen":500000}"#).header("ETag") == "\"3\"")
            #expect(await put(#"{"state":"refused","reason":"晚报"}"#).problemCode == "insurance.claim_final")
            #expect(await put(#"{"state":"paid","paidFen":600000}"#).status == 200)
            #expect(try await mine.get("/v1/me/policies/\(policy.id)/claims").json(OwnClaimList.self).items.last?.paidFen == 600_000)
            // It covers on, and says so.
            #expect(try await mine.policy(policy.id).covered)
            let audited: Int = try await scene.value("select count(*) from audit_entry where action = 'policy_claim.decided'")
            #expect(audited == 3)
            #expect(await scene.at().send(.put, "/v1/policy-claims/999", #"{"state":"accepted"}"#).problemCode == "insurance.claim_unknown")
            #expect(try await scene.outOfBalance() == 0)
        }
    }
}
