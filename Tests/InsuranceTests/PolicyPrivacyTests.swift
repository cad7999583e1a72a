import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Insurance

/// Who somebody is stands sealed in the register and in messages, and nowhere else.
@Suite struct PolicyPrivacyTests {
    private static let canaries = ["夏侯惇惇", "13812345678", "11010519491231002X", "司马师师", "13711112222"]

    /// A person all of whose way through insurance leaves rows.
    private func walk(_ scene: InsuranceScene) async throws -> (mine: InsuranceScene.Mine, policy: Policy) {
        let mine = try await scene.mine(scene.person())
        let policy = try await scene.given(acceptDays: 2, days: 10, more: #","beneficiary":"named""#)
        try await scene.issue(policy.batchID, acceptDays: 2)
        try await scene.at().run("insurance.reminders")
        let accepted = await mine.post(
            "/v1/me/policies/\(policy.id)/accept", #"{"beneficiary":{"name":"司马师师","relation":"child","phone":"13711112222"}}"#, key: "k")
        try #require(accepted.status == 200, "\(accepted.text)")
        try await scene.at().run("insurance.clock")
        try await scene.at(days: 1).run("insurance.reminders")
        let filed = await mine.post(
            "/v1/me/policies/\(policy.id)/claims",
            #"{"requestId":"0199f0aa-0000-7000-8000-000000000001","kind":"injury","happenedOn":"\#(InsuranceScene.day(0))"}"#)
        try #require(filed.status == 200, "\(filed.text)")
        let claim = try filed.json(OwnClaimAnswer.self)
        _ = await scene.at().send(.put, "/v1/policy-claims/\(claim.id)", #"{"state":"refused","reason":"材料不全"}"#)
        return (mine, policy)
    }

    @Test func `no row, event or audit entry of insurance repeats a name or a phone`() async throws {
        try await withInsurance { scene in
            _ = try await walk(scene)
            let rows = try await scene.rows()
            #expect(rows.count > 12)
            for row in rows {
                for canary in Self.canaries { #expect(!InsuranceScene.stands(canary, in: row), "\(row)") }
            }
        }
    }

    @Test func `a person takes along what insurance knows, and once erased figures stay and words go`() async throws {
        try await withInsurance { scene in
            let (mine, policy) = try await walk(scene)
            let own = await mine.get("/v1/me/data")
            for word in ["\"insurance\"", "司马师师", "P-000\(1_000 + policy.id.rawValue)", "材料不全", "accept_due", "cover_ends", "\"accepted\""]
            {
                #expect(own.text.contains(word), "\(word)")
            }
            #expect(await mine.post("/v1/me/erasure", #"{"confirm":"erase"}"#).status == 200)
            for table in ["policy_beneficiary", "policy_message"] {
                #expect(try await scene.value(SQL(raw: "select count(*) from \(table)"), as: Int.self) == 0, "\(table)")
            }
            #expect(try await scene.value("select reason from policy_claim", as: String.self) == "-")
            #expect(try await scene.value("select count(*) from policy", as: Int.self) == 1, "figures stay")
        }
    }

    @Test func `who has to accept and whose cover ends are told once each, in time`() async throws {
        try await withInsurance { scene in
            _ = try await scene.person()
            let policy = try await scene.given(acceptDays: 10, from: 0, days: 100)
            try await scene.issue(policy.batchID, acceptDays: 10)
            func told(_ type: String) async throws -> Int {
                try await scene.value("select count(*) from outbox_event where type = \(type)")
            }
            func remind(_ day: Double) async throws {
                for _ in 0..<2 { try await scene.at(days: day).run("insurance.reminders") }
            }
            try await remind(6.9)
            #expect(try await told("policy.accept_due") == 0)
            try await remind(7.5)
            try await remind(8.5)
            #expect(try await told("policy.accept_due") == 1)
            #expect(try await told("message.requested") == 1)
            try await scene.move([PolicyMove(policy.id, to: .accepted)], of: policy.batchID)
            try await scene.at(days: 9).run("insurance.clock")
            // Under which a claim was paid it ends as well.
            try await scene.move([PolicyMove(policy.id, to: .claimed)], of: policy.batchID)
            try await scene.at(days: 10).run("insurance.clock")
            try await remind(85)
            #expect(try await told("policy.cover_ends") == 0)
            for day in [86.5, 90, 99.5, 100.5] { try await remind(day) }
            #expect(try await told("policy.cover_ends") == 1)
            #expect(try await told("message.requested") == 2)
            #expect(try await scene.value("select count(*) from outbox_event where data like '%138%'", as: Int.self) == 0)
        }
    }
}
