import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import Testing

@testable import Coupons

/// What was taken without network is judged by the true times, and recorded once.
@Suite struct OfflineRedemptionTests {
    @Test func `codes are judged as of their time: expired now is fine, expired then is not`() async throws {
        try await withVenues { scene in
            let counter = try await scene.counter()
            let members = try await scene.members(3)
            let campaign = try await scene.campaign(at: [counter])
            for member in members { try await scene.coupon(of: campaign, for: member) }
            let moment = scene.moment()
            let hourAgo = moment.before(seconds: 3_600)
            let items = [
                scene.body(scene.code(members[0], moment, ageSeconds: 3_610), moment, occurredAt: hourAgo),
                scene.body(scene.code(members[1], moment, ageSeconds: 5_000), moment, occurredAt: hourAgo),
                scene.body(scene.code(members[2], moment), moment, occurredAt: moment.before(seconds: -60)),
            ]
            let answers = try await scene.upload(items, at: counter, moment)
            #expect(answers.map { $0.redemption?.outcome } == [.redeemed, .refused, .refused])
            #expect(answers[1].redemption?.reasons.map(\.code) == ["coupon.code_expired"])
            #expect(answers[2].redemption?.reasons.map(\.code) == ["coupon.occurred_in_future"])
            let again = try await scene.upload(items.reversed(), at: counter, scene.moment(100))
            #expect(again.map { $0.redemption?.decidedAt } == answers.reversed().map { $0.redemption?.decidedAt })
            #expect(again.map { $0.redemption?.outcome } == [.refused, .refused, .redeemed])
            #expect(try await scene.value("select count(*) from coupon_event", as: Int.self) == 1)
            let times = try await scene.database.query("select occurred_at, recorded_at from coupon_event")
            #expect(try times[0].decode(0, as: Timestamp.self) == hourAgo && times[0].decode(1, as: Timestamp.self) > hourAgo)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `a request that was answered before its reply was lost is the same in the journal`() async throws {
        try await withVenues { scene in
            let counter = try await scene.counter()
            let member = try await scene.members(1)[0]
            let campaign = try await scene.campaign(at: [counter])
            for _ in 0..<2 { try await scene.coupon(of: campaign, for: member) }
            let moment = scene.moment()
            let body = scene.body(scene.code(member, moment), moment)
            let online = try await scene.show(body, at: counter, moment)
            let journal = try await scene.upload([body], at: counter, moment)
            #expect(journal[0].redemption?.outcome == .redeemed && journal[0].redemption?.decidedAt == online.decidedAt)
            let other = RedemptionBody(code: body.code, spendFen: 99_000, requestId: body.requestId, occurredAt: body.occurredAt)
            #expect(try await scene.upload([other], at: counter, moment)[0].isConflict)
            #expect(try await scene.value("select redeemed from coupon_round", as: Int.self) == 1)
        }
    }

    @Test(arguments: ["venue", "union"])
    func `what somebody else took meanwhile is recorded as taken twice, and borne by whom the campaign says`(charge: String) async throws {
        try await withVenues { scene in
            let (counter, other) = (try await scene.counter(), try await scene.counter("书店"))
            let members = try await scene.members(2)
            let campaign = try await scene.campaign(at: [counter, other], charge: charge)
            for member in members { try await scene.coupon(of: campaign, for: member) }
            let gone = try await scene.coupon(of: campaign, for: members[1], state: "returned")
            let moment = scene.moment()
            _ = try await scene.show(members[0], at: other, moment)
            let when = moment.before(seconds: 5)
            let code = scene.code(members[0], moment, ageSeconds: 5)
            let back = scene.body(scene.code(members[1], moment, ageSeconds: 5), moment, coupon: gone, occurredAt: when)
            let answers = try await scene.upload([scene.body(code, moment, occurredAt: when), back], at: counter, moment)
            #expect(answers.allSatisfy { $0.redemption?.outcome == .redeemedTwice && $0.redemption?.chargedTo?.rawValue == charge })
            #expect(answers[0].redemption?.earlier?.venueName == "书店" && answers[1].redemption?.earlier == nil)
            let id = try #require(answers[0].redemption?.requestId)
            #expect(await scene.annul(id, at: counter, moment).problemCode == "coupon.redemption_not_standing")
            let line = SettlementLine.sum(
                try await moment.redeeming.settlements.lines(
                    of: campaign, from: moment.before(seconds: 600), until: moment.before(seconds: -600)))
            #expect(line.redeemed.count == 1 && line.twiceByVenue.count == (charge == "venue" ? 2 : 0))
            #expect(line.owedFen == (charge == "venue" ? 5_000 : 15_000))
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `more than a device may take a day is recorded and the venue's own; the day is the campaign's`() async throws {
        try await withVenues { scene in
            let counter = try await scene.counter()
            let members = try await scene.members(5)
            let campaign = try await scene.campaign(at: [counter], offlineMax: 2)
            for member in members { try await scene.coupon(of: campaign, for: member) }
            // Yesterday's noon in China, so that a few seconds stay on one day.
            let noon = (Clock().nowSeconds + 8 * 3_600) / 86_400 * 86_400 - 12 * 3_600 - 8 * 3_600
            let moment = scene.moment()
            func item(_ index: Int, at seconds: Int64) -> RedemptionBody {
                let at = Timestamp(microseconds: seconds * 1_000_000)
                return scene.body(
                    scene.code(members[index], moment, ageSeconds: Clock().nowSeconds - seconds + 10), moment, occurredAt: at)
            }
            // In the order of their times, whatever the order of the upload.
            let first = try await scene.upload([item(1, at: noon + 2), item(0, at: noon + 1)], at: counter, moment)
            #expect(first.allSatisfy { $0.redemption?.outcome == .redeemed && $0.redemption?.chargedTo == nil })
            let third = try await scene.upload([item(2, at: noon + 3), item(3, at: noon - 86_400)], at: counter, moment)
            #expect(third[0].redemption?.outcome == .redeemed && third[0].redemption?.chargedTo == .venue)
            #expect(third[0].redemption?.reasons.map(\.code) == ["coupon.offline_allowance_used"])
            #expect(third[1].redemption?.chargedTo == nil, "another day")
            let line = SettlementLine.sum(
                try await moment.redeeming.settlements.lines(
                    of: campaign, from: moment.before(seconds: 600), until: moment.before(seconds: -600)))
            #expect(line.redeemed.count == 4 && line.beyondAllowance.count == 1 && line.owedFen == 15_000)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `a coupon that expired before the upload was good when it was taken; a venue removed later took it still`() async throws {
        try await withVenues { scene in
            let counter = try await scene.counter()
            let member = try await scene.members(1)[0]
            let campaign = try await scene.campaign(at: [counter], lastIn: -1)
            let coupon = try await scene.coupon(of: campaign, for: member, state: "expired")
            let moment = scene.moment()
            _ = try await scene.database.query("update coupon_campaign_venue set removed_at = now() - interval '1 minute'")
            _ = try await scene.database.query(
                "update venue set closed_at = now() - interval '1 minute', close_reason = 'x' where venue_id = \(counter.id)")
            let yesterday = moment.before(seconds: 86_400)
            let body = scene.body(scene.code(member, moment, ageSeconds: 86_405), moment, occurredAt: yesterday)
            let answer = try await scene.upload([body], at: counter, moment)[0].redemption
            #expect(answer?.outcome == .redeemed && answer?.coupon?.id == coupon, "\(String(describing: answer?.reasons))")
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `a device is told its venue, what is good there and how much it may take`() async throws {
        try await withVenues { scene in
            let counter = try await scene.counter()
            let campaign = try await scene.campaign(at: [counter], offlineMax: 2)
            let over = try await scene.campaign(at: [counter], lastIn: -2)
            let member = try await scene.members(1)[0]
            try await scene.coupon(of: campaign, for: member)
            let moment = scene.moment()
            let when = moment.before(seconds: 0)
            _ = try await scene.upload([scene.body(scene.code(member, moment), moment, occurredAt: when)], at: counter, moment)
            let answer = await moment.send(.get, "/v1/redemptions/allowance", by: counter.key)
            let allowance = try answer.json(OfflineAllowance.self)
            #expect(allowance.venue.id == counter.id && allowance.campaigns.map(\.id) == [campaign] && over != campaign)
            #expect(allowance.campaigns[0].offlineMax == 2 && allowance.campaigns[0].takenToday == 1)
            #expect(allowance.campaigns[0].weekdays == Array(1...7) && !allowance.publicKeys.isEmpty)
            let stray = try await scene.registry.devices.create(name: "stray", profile: .venue)
            #expect(await moment.send(.get, "/v1/redemptions/allowance", by: stray.key).problemCode == "venue.device_unbound")
            #expect(await moment.send(.get, "/v1/redemptions/allowance").status == 403)
        }
    }
}
