import HTTP
import Postgres
import Programs
import Registry
import Runtime
import TestSupport
import Testing

@testable import Insurance

@Suite struct PolicyMoveTests {
    @Test func `SQL and Swift say alike which state may follow which`() async throws {
        try await withInsurance { scene in
            for before in PolicyState.allCases {
                for after in PolicyState.allCases {
                    let may: Bool = try await scene.value("select insurance_may_follow(\(before.rawValue), \(after.rawValue))")
                    #expect(may == before.next.contains(after), "\(before) -> \(after)")
                }
            }
        }
    }

    @Test func `policies go their way, each step once, and the batch's places are the batch at every step`() async throws {
        try await withInsurance { scene in
            try await scene.members(8)
            let batch = try await scene.confirmed(of: scene.product(acceptDays: 30), size: 6)
            let ids = try await scene.policies(batch.id).map(\.id)
            func places() async throws -> InsuranceBatch.Places { try await scene.batch(batch.id).places }
            #expect(
                try await scene.move(ids.map { PolicyMove($0, to: .issued, number: "N\($0)") }, of: batch.id).allSatisfy {
                    $0 == .notAllowed
                })
            #expect(try await scene.move(ids.map { PolicyMove($0, to: .sent) }, of: batch.id).allSatisfy { $0 == .moved })
            #expect(try await scene.move(ids.map { PolicyMove($0, to: .sent) }, of: batch.id).allSatisfy { $0 == .unchanged })
            let answers = [
                PolicyMove(ids[0], to: .issued, number: "N0"), PolicyMove(ids[1], to: .issued, number: "N0"),
                PolicyMove(ids[1], to: .issued, number: "N1"), PolicyMove(ids[2], to: .rejected, reason: "证件号有误"),
                PolicyMove(ID(999_999), to: .issued, number: "N9"),
                PolicyMove(
                    ids[3], to: .issued, number: "N3", coverFrom: CalendarDate(text: "2020-01-01"),
                    coverUntil: CalendarDate(text: "2020-02-01")),
                PolicyMove(
                    ids[4], to: .issued, number: "N4", coverFrom: CalendarDate(text: "2020-02-01"),
                    coverUntil: CalendarDate(text: "2020-01-01")),
            ]
            #expect(
                try await scene.move(answers, of: batch.id, acceptDays: 30)
                    == [.moved, .numberUsed, .repeated, .moved, .noPolicy, .outsideCover, .outsideCover])
            #expect(try await scene.outOfBalance() == 0)
            #expect(try await scene.move([PolicyMove(ids[1], to: .issued, number: "N0")], of: batch.id) == [.numberUsed])
            #expect(try await scene.move([PolicyMove(ids[1], to: .issued, number: "N1")], of: batch.id, acceptDays: 30) == [.moved])
            #expect(try await scene.move([PolicyMove(ids[0], to: .accepted)], of: batch.id) == [.moved])
            #expect(try await scene.move([PolicyMove(ids[1], to: .refused, reason: "不需要")], of: batch.id) == [.moved])
            let now = try await places()
            #expect((now.free, now.accepted, now.rejected, now.sent, now.sum) == (1, 1, 1, 3, 6))
            #expect(try await scene.value("select state from policy_number where number = 'N1'", as: String.self) == "void")
            // Each step was written down, and whoever listens was told of those that a member is told of.
            let steps: String = try await scene.value(
                """
                select string_agg(coalesce(state_before, '') || ' ' || state_after || ' ' || coalesce(reason, ''), ', ' order by event_id)
                from policy_event where policy_id = \(ids[1])
                """)
            #expect(steps == " reserved , reserved sent , sent issued , issued refused 不需要")
            let told: String = try await scene.value(
                """
                select string_agg(type, ', ' order by event_id) from outbox_event
                where type like 'policy.%' and data::jsonb ->> 'policyId' = \(ids[1].description)
                """)
            #expect(told == "policy.issued, policy.refused")
            #expect(try await scene.outOfBalance() == 0)
            // Somebody else gets the place that came free, and who refused is not asked again.
            let free = scene.at(days: 1)
            try await free.run("insurance.waitlist")
            #expect(try await places().free == 0)
            #expect(try await scene.policies(batch.id, .reserved).count == 1)
            #expect(try await scene.policies(batch.id).count == 7)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `by the clock policies begin, end, and lapse where they were not accepted`() async throws {
        try await withInsurance { scene in
            try await scene.members(3)
            let batch = try await scene.confirmed(of: scene.product(acceptDays: 5), size: 2, from: 10, days: 100)
            let ids = try await scene.policies(batch.id).map(\.id)
            try await scene.move(ids.map { PolicyMove($0, to: .sent) }, of: batch.id)
            try await scene.move(ids.map { PolicyMove($0, to: .issued, number: "N\($0)") }, of: batch.id, acceptDays: 5)
            try await scene.move([PolicyMove(ids[0], to: .accepted)], of: batch.id)
            try await scene.at(days: 4).run("insurance.clock")
            #expect(try await scene.policies(batch.id).map(\.state) == [.accepted, .issued])
            try await scene.at(days: 6).run("insurance.clock")
            #expect(try await scene.policies(batch.id).map(\.state) == [.accepted, .returned])
            // From the first day on, to the last one.
            try await scene.at(days: 9).run("insurance.clock")
            #expect(try await scene.policies(batch.id).map(\.state) == [.accepted, .returned])
            try await scene.at(days: 10).run("insurance.clock")
            #expect(try await scene.policies(batch.id).map(\.state) == [.active, .returned])
            try await scene.at(days: 109).run("insurance.clock")
            #expect(try await scene.policies(batch.id).map(\.state) == [.active, .returned])
            try await scene.at(days: 110).run("insurance.clock")
            #expect(try await scene.policies(batch.id).map(\.state) == [.expired, .returned])
            #expect(try await scene.outOfBalance() == 0)
            #expect(try await scene.value("select count(*) from insurance_batch where ripe_at is not null", as: Int64.self) == 0)
        }
    }

    @Test func `a number given beforehand is the next one's where the insurer never wrote the policy, and void where it did`() async throws
    {
        try await withInsurance { scene in
            try await scene.members(6)
            let batch = try await scene.draft(of: scene.product(), size: 2)
            let given = await scene.upload("/v1/insurance-batches/\(batch.id)/numbers", Array("number\nA1\nA2\n".utf8))
            try #require(given.status == 201, "\(given.text)")
            _ = await scene.at().send(.post, "/v1/insurance-batches/\(batch.id)/announce")
            try await scene.run(batch.id)
            _ = await scene.at().send(.post, "/v1/insurance-batches/\(batch.id)/review", #"{"confirm":true}"#, bearer: scene.second)
            let first = try #require(try await scene.policies(batch.id).first { $0.number == "A1" })
            let second = try #require(try await scene.policies(batch.id).first { $0.number == "A2" })
            try await scene.move([PolicyMove(second.id, to: .sent)], of: batch.id)
            try await scene.move([PolicyMove(second.id, to: .issued, number: "A2")], of: batch.id)
            let over = [PolicyMove(first.id, to: .returned, reason: "名单有误"), PolicyMove(second.id, to: .returned, reason: "名单有误")]
            #expect(try await scene.move(over, of: batch.id) == [.moved, .moved])
            let states: String = try await scene.value("select string_agg(number || ' ' || state, ', ' order by number) from policy_number")
            #expect(states == "A1 free, A2 void")
            #expect(try await scene.outOfBalance() == 0)
            try await scene.at(days: 1).run("insurance.waitlist")
            #expect(try await scene.policies(batch.id, .reserved).map(\.number) == ["A1", nil])
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test(arguments: [("keeps", PolicyState.active), ("ends", .cancelled)])
    func `who moves out of the batch's organizations is insured on or not, as the product says`(
        rule: String, state: PolicyState
    ) async throws {
        try await withInsurance { scene in
            let members = try await scene.members(2)
            let product = try await scene.product(more: ",\"onTransfer\":\"\(rule)\"")
            let draft = try await scene.draft(of: product, size: 2, from: 0)
            _ = try await scene.database.query("update insurance_batch set organization_id = \(scene.east) where batch_id = \(draft.id)")
            _ = await scene.at().send(.post, "/v1/insurance-batches/\(draft.id)/announce")
            try await scene.run(draft.id)
            _ = await scene.at().send(.post, "/v1/insurance-batches/\(draft.id)/review", #"{"confirm":true}"#, bearer: scene.second)
            try await scene.issue(draft.id)
            try await scene.at().run("insurance.clock")
            _ = try await scene.database.query("update member set organization_id = \(scene.west) where member_id = \(members[0])")
            try await scene.at().run("insurance.leavers")
            let moved = try #require(try await scene.policies(draft.id).first { $0.memberID == members[0] })
            #expect(moved.state == state && moved.reason == (state == .active ? nil : "moved_away"))
            #expect(try await scene.policies(draft.id).first { $0.memberID == members[1] }?.state == .active)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test(arguments: [("keeps", 1), ("ends", 0)]) func `who leaves is insured on or not, as the product says`(
        rule: String, active: Int32
    ) async throws {
        try await withInsurance { scene in
            let members = try await scene.members(3)
            let product = try await scene.product(more: ",\"onLeaving\":\"\(rule)\"")
            let batch = try await scene.confirmed(of: product, size: 2, from: 0)
            let held = try await scene.policies(batch.id)
            try await scene.move([PolicyMove(held[0].id, to: .sent)], of: batch.id)
            try await scene.move([PolicyMove(held[0].id, to: .issued, number: "A1")], of: batch.id)
            try await scene.at().run("insurance.clock")
            _ = try await scene.database.query("update member set status = 'left' where member_id = any(\(held.map(\.memberID)))")
            try await scene.at().run("insurance.leavers")
            let places = try await scene.batch(batch.id).places
            #expect((places.active, places.cancelled, places.reserved, places.free) == (active, 1 - active, 0, 1))
            try await scene.at(days: 1).run("insurance.waitlist")
            #expect(
                try await scene.policies(batch.id, .reserved).map(\.memberID)
                    == members.filter { id in !held.contains { $0.memberID == id } })
            #expect(try await scene.outOfBalance() == 0)
        }
    }
}
