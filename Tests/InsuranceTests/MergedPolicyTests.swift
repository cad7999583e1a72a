import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Insurance

/// Two members turn out to be one person: who has two policies of a family over the same days keeps one.
@Suite struct MergedPolicyTests {
    /// The policy of somebody new, out of a batch of one, as far as `state`.
    private func policy(_ scene: InsuranceScene, of product: ProductAnswer, _ state: PolicyState, from: Int = 0) async throws -> Policy {
        let others: [ID<Member>] = try await scene.database.query("select member_id from member where status = 'active'").map {
            try $0.decode(0)
        }
        let member = try await scene.members(1)[0]
        // Nobody else is looked at.
        _ = try await scene.database.query("update member set status = 'suspended' where member_id = any(\(others))")
        let batch = try await scene.confirmed(of: product, size: 1, from: from)
        _ = try await scene.database.query("update member set status = 'active' where member_id = any(\(others))")
        let given = try #require(try await scene.policies(batch.id).first)
        #expect(given.memberID == member)
        let way: [PolicyState] = [.sent, .issued, .accepted, .active, .claimed]
        let steps: ArraySlice<PolicyState> =
            state == .reserved ? [] : state == .rejected ? [.sent, .rejected] : way.prefix { $0 != state } + [state]
        for step in steps {
            let move = PolicyMove(
                given.id, to: step, number: step == .issued ? "P-\(given.id)" : nil, reason: step == .rejected ? "证件有误" : nil)
            #expect(try await scene.move([move], of: batch.id, acceptDays: 30) == [.moved])
        }
        return try #require(try await scene.policies(batch.id).first)
    }

    private func merge(_ scene: InsuranceScene, _ ended: ID<Member>, into survivor: ID<Member>) async throws {
        _ = try await scene.database.query("update member set status = 'left', merged_into = \(survivor) where member_id = \(ended)")
    }

    private func now(_ scene: InsuranceScene, _ policy: Policy) async throws -> Policy {
        try #require(try await scene.policies(policy.batchID).first { $0.id == policy.id })
    }

    @Test(arguments: [true, false]) func `of two that cover the later is ended, and its holder is told why`(
        isEarlierMerged: Bool
    ) async throws {
        try await withInsurance { scene in
            let product = try await scene.product()
            let (first, second) = (try await policy(scene, of: product, .active), try await policy(scene, of: product, .active))
            let (ended, survivor) = isEarlierMerged ? (first, second) : (second, first)
            try await merge(scene, ended.memberID, into: survivor.memberID)
            for _ in 0..<2 { try await scene.at().run("insurance.leavers") }
            #expect(try await now(scene, first).state == .active)
            let gone = try await now(scene, second)
            #expect(gone.state == .cancelled && gone.reason == "merged")
            #expect(try await scene.batch(second.batchID).places.cancelled == 1)
            let told: String = try await scene.value(
                "select string_agg(state_before || ' ' || reason || ' ' || done_by, '|') from policy_event where state_after = 'cancelled'")
            #expect(told == "active merged job:insurance.leavers")
            #expect(try await scene.value("select count(*) from outbox_event where type = 'policy.cancelled'", as: Int64.self) == 1)
            let mine = try await scene.mine(survivor.memberID)
            let own = try await mine.policy(second.id)
            #expect(!own.covered && own.text.contains("您另有一份同类保单"))
            #expect(try await mine.policy(first.id).covered)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test(arguments: [PolicyState.reserved, .rejected, .issued, .accepted]) func `what does not cover yet goes to who waits`(
        state: PolicyState
    ) async throws {
        try await withInsurance { scene in
            let product = try await scene.product(acceptDays: 30)
            let first = try await policy(scene, of: product, .active, from: 0)
            let second = try await policy(scene, of: product, state, from: 5)
            try await merge(scene, second.memberID, into: first.memberID)
            try await scene.at().run("insurance.leavers")
            #expect(try await now(scene, first).state == .active)
            let gone = try await now(scene, second)
            #expect(gone.state == .returned && gone.reason == "merged")
            #expect(try await scene.batch(second.batchID).places.free == 1)
            if state != .reserved, state != .rejected {
                #expect(try await scene.value("select state from policy_number where policy_id = \(second.id)", as: String.self) == "void")
            }
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `its place goes to who waits`() async throws {
        try await withInsurance { scene in
            let product = try await scene.product()
            let first = try await policy(scene, of: product, .active)
            let waiting = try await scene.members(2)
            let batch = try await scene.confirmed(of: product, size: 1, from: 5)
            try await scene.issue(batch.id)
            let second = try #require(try await scene.policies(batch.id).first)
            try await merge(scene, second.memberID, into: first.memberID)
            try await scene.at().run("insurance.leavers")
            #expect(try await now(scene, second).state == .returned)
            try await scene.at(days: 1).run("insurance.waitlist")
            #expect(
                try await scene.policies(batch.id, .reserved).map(\.memberID) == waiting.filter { $0 != second.memberID })
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `the one that covers stays though the other was given first, and one with the insurer waits for the answer`() async throws {
        try await withInsurance { scene in
            let product = try await scene.product()
            let (first, second) = (try await policy(scene, of: product, .sent, from: 5), try await policy(scene, of: product, .active))
            try await merge(scene, second.memberID, into: first.memberID)
            try await scene.at().run("insurance.leavers")
            #expect(try await now(scene, first).state == .sent)
            #expect(try await scene.move([PolicyMove(first.id, to: .issued, number: "A-1")], of: first.batchID) == [.moved])
            try await scene.at().run("insurance.leavers")
            let gone = try await now(scene, first)
            #expect(gone.state == .returned && gone.reason == "merged")
            #expect(try await now(scene, second).state == .active)
            let third = try await policy(scene, of: product, .claimed)
            try await merge(scene, first.memberID, into: third.memberID)
            _ = try await scene.database.query("update member set merged_into = \(third.memberID) where merged_into = \(first.memberID)")
            try await scene.at().run("insurance.leavers")
            // A claim was paid under it: it is the other that goes.
            #expect(try await now(scene, third).state == .claimed)
            #expect(try await now(scene, second).state == .cancelled)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `two that share no day to come both go on`() async throws {
        try await withInsurance { scene in
            let product = try await scene.product()
            let (first, second) = (try await policy(scene, of: product, .active), try await policy(scene, of: product, .active))
            let other = try await policy(scene, of: scene.product(family: "two_cancers"), .active)
            // The days that both had are over.
            for (table, policy, from, until) in [
                ("policy", first, -300, -100), ("policy_cover", first, -300, -100), ("policy", second, -200, 100),
                ("policy_cover", second, -200, 100),
            ] {
                _ = try await scene.database.query(
                    """
                    update \(raw: table)
                    set cover = daterange(\(InsuranceScene.day(from))::text::date, \(InsuranceScene.day(until))::text::date)
                    where policy_id = \(policy.id)
                    """)
            }
            _ = try await scene.database.query(
                """
                update insurance_batch
                set cover_from = \(InsuranceScene.day(-300))::text::date, cover_until = \(InsuranceScene.day(365))::text::date
                """)
            try await merge(scene, second.memberID, into: first.memberID)
            try await merge(scene, other.memberID, into: first.memberID)
            try await scene.at().run("insurance.leavers")
            #expect(try await now(scene, first).state == .active)
            #expect(try await now(scene, second).state == .active)
            #expect(try await now(scene, other).state == .active)
        }
    }
}
