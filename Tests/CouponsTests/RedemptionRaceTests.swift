import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import Testing

@testable import Coupons

/// Many at once: a coupon is used once, and every count says what the coupons say.
@Suite struct RedemptionRaceTests {
    @Test func `of two devices that redeem a coupon at once exactly one does`() async throws {
        try await withVenues { scene in
            let counters = [try await scene.counter("甲"), try await scene.counter("乙"), try await scene.counter("丙")]
            let campaign = try await scene.campaign(at: counters)
            let members = try await scene.members(12)
            for member in members { try await scene.coupon(of: campaign, for: member) }
            // Two servers, each with its own queue.
            let moments = [scene.moment(), scene.moment()]
            let answers = try await withThrowingTaskGroup(of: RedemptionAnswer.self) { group in
                for member in members {
                    for (index, counter) in counters.enumerated() {
                        group.addTask { try await scene.show(member, at: counter, moments[index % 2]) }
                    }
                }
                var answers: [RedemptionAnswer] = []
                for try await answer in group { answers.append(answer) }
                return answers
            }
            #expect(answers.count { $0.outcome == .redeemed } == members.count)
            let refused = answers.filter { $0.outcome == .refused }
            #expect(refused.allSatisfy { $0.reasons.map(\.code) == ["coupon.already_redeemed"] && $0.earlier != nil })
            #expect(try await scene.value("select count(*) from coupon_event", as: Int.self) == members.count)
            #expect(try await scene.value("select redeemed from coupon_round", as: Int.self) == members.count)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `beside its annulment a request is either taken back or never taken, whoever comes first`() async throws {
        try await withVenues { scene in
            let counter = try await scene.counter()
            let campaign = try await scene.campaign(at: [counter])
            let members = try await scene.members(24)
            for member in members { try await scene.coupon(of: campaign, for: member) }
            let moments = [scene.moment(), scene.moment()]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, member) in members.enumerated() {
                    let id = VenueScene.requestID()
                    for turn in [index % 2, (index + 1) % 2] {
                        group.addTask {
                            if turn == 0 {
                                _ = try await scene.show(member, at: counter, moments[0], id: id)
                            } else {
                                #expect(await scene.annul(id, at: counter, moments[1]).status == 200)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await scene.value("select count(*) from coupon where state in ('claimed', 'annulled')", as: Int.self) == 24)
            #expect(try await scene.value("select held from coupon_round", as: Int.self) == 24)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `while all redeem, annul, refund and upload, what is settled adds up to what is redeemed`() async throws {
        try await withVenues { scene in
            let counters = [try await scene.counter("甲"), try await scene.counter("乙")]
            let campaign = try await scene.campaign(at: counters, minimum: 0, offlineMax: 3, charge: "union")
            let members = try await scene.members(30)
            for member in members + members { try await scene.coupon(of: campaign, for: member) }
            let moments = [scene.moment(), scene.moment()]
            let begin = scene.moment(-60).now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, member) in members.enumerated() {
                    group.addTask {
                        let (here, there) = (counters[index % 2], counters[(index + 1) % 2])
                        let (one, two) = (moments[index % 2], moments[(index + 1) % 2])
                        let id = VenueScene.requestID()
                        _ = try await scene.show(member, at: here, one, spend: Int64(1_000 + index * 300), id: id)
                        async let other = scene.show(member, at: there, two, spend: 700)
                        switch index % 3 {
                        case 0: _ = await scene.annul(id, at: here, two)
                        case 1: _ = await scene.refund(id, of: here.id, one)
                        default: break
                        }
                        _ = try await other
                        let taken = one.before(seconds: 30)
                        let offline = scene.body(
                            scene.code(member, one, ageSeconds: 40), one, spend: 2_000, occurredAt: taken)
                        _ = try await scene.upload([offline], at: there, two)
                        _ = try await scene.upload([offline], at: there, one)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await scene.outOfBalance() == 0)
            // Two periods that touch hold everything once.
            let middle: Timestamp = try await scene.value(
                "select percentile_disc(0.5) within group (order by recorded_at) from coupon_event")
            let end = scene.moment(60).now
            let settlements = moments[0].redeeming.settlements
            let lines =
                try await settlements.lines(of: campaign, from: begin, until: middle)
                + settlements.lines(of: campaign, from: middle, until: end)
            let sum = SettlementLine.sum(lines)
            let redeemed: Int64 = try await scene.value("select count(*) from coupon where state = 'redeemed'")
            let fen: Int64 = try await scene.value(
                "select sum(amount_fen)::bigint from coupon_redemption where outcome = 'redeemed' and state = 'standing'")
            #expect(sum.redeemed.count - sum.annulled.count - sum.refunded.count == redeemed)
            #expect(sum.redeemed.fen - sum.annulled.fen - sum.refunded.fen == fen)
            let charged: Int64 = try await scene.value(
                """
                select coalesce(sum(amount_fen) filter (where charged_to = 'union'), 0)::bigint
                    - coalesce(sum(amount_fen) filter (where charged_to = 'venue' and outcome = 'redeemed'), 0)::bigint
                from coupon_redemption where state = 'standing'
                """)
            #expect(sum.owedFen == fen + charged)
            let overAllowance: Int = try await scene.value(
                """
                select count(*) from (
                    select device_id from coupon_redemption where is_offline and state is not null and charged_to is distinct from 'venue'
                    group by device_id having count(*) > 3
                ) over
                """)
            #expect(overAllowance == 0)
        }
    }
}
