import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import Testing

@testable import Coupons

/// Cards, numbers and PINs that were shown without network, judged as they were then.
@Suite struct OfflineCardTests {
    private static let number = "NFC:04A2F19C3B5D80"

    /// A number of the member's, in force since yesterday.
    private func bind(_ scene: VenueScene, to member: ID<Member>, pin: String? = nil, _ number: String = number) async throws {
        let digests = CredentialDigests(scene.keys)
        let digest = digests.number(try #require(CardNumber(number)))
        _ = try await scene.database.query(
            """
            insert into access_credential (credential_digest, kind, member_id, pin_digest, valid_from, created_by)
            values (\(digest), 'number', \(member), \(pin.map { digests.pin($0, of: digest) }), now() - interval '1 day', 'test')
            """)
    }

    private func revoke(_ scene: VenueScene, secondsAgo: Int32) async throws {
        _ = try await scene.database.query(
            """
            update access_credential
            set revoked_at = now() - \(secondsAgo) * interval '1 second', revoked_by = 'test', revoked_reason = 'lost'
            """)
    }

    private func code(_ item: RedemptionJournalAnswer.Item) -> [String] { item.redemption?.reasons.map(\.code) ?? ["none"] }

    @Test func `a number shown without network is good as it was then: revoked later is fine, revoked or bound otherwise is not`()
        async throws
    {
        try await withVenues { scene in
            let counter = try await scene.counter()
            let member = try await scene.members(1)[0]
            let campaign = try await scene.campaign(at: [counter])
            for _ in 0..<3 { try await scene.coupon(of: campaign, for: member) }
            try await bind(scene, to: member)
            try await revoke(scene, secondsAgo: 600)
            let moment = scene.moment()
            let items = [900, 300, 2 * 86_400].map {
                scene.body(Self.number, moment, occurredAt: moment.before(seconds: $0))
            }
            let answers = try await scene.upload(items, at: counter, moment)
            #expect(answers.map { $0.redemption?.outcome } == [.redeemed, .refused, .refused])
            #expect(answers[1...].map(code) == [["coupon.number_unknown"], ["coupon.number_unknown"]])
            #expect(answers[1].redemption?.coupon == nil, "nothing is told of what a number could get")
            #expect(try await scene.show(scene.body(Self.number, moment), at: counter, moment).outcome == .refused)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test(arguments: [false, true])
    func `PINs of an upload are counted in the order of their times, and the fifth wrong one locks`(isRevoked: Bool) async throws {
        try await withVenues { scene in
            let counter = try await scene.counter()
            let member = try await scene.members(1)[0]
            let campaign = try await scene.campaign(at: [counter])
            for _ in 0..<3 { try await scene.coupon(of: campaign, for: member) }
            try await bind(scene, to: member, pin: "2468")
            if isRevoked { try await revoke(scene, secondsAgo: 10) }
            let moment = scene.moment()
            func item(_ pin: String?, _ secondsAgo: Int64) -> RedemptionBody {
                scene.body(Self.number, moment, pin: pin, occurredAt: moment.before(seconds: secondsAgo))
            }
            // Sent in another order than shown.
            let first = try await scene.upload([item("2468", 100), item(nil, 120), item("1357", 110)], at: counter, moment)
            #expect(first.map { $0.redemption?.outcome } == [.redeemed, .refused, .refused])
            #expect(first[1...].map(code) == [["coupon.pin_missing"], ["coupon.pin_wrong"]])
            let wrong = try await scene.upload((0..<6).map { _ in item("1357", 50) }, at: counter, moment)
            #expect(wrong.allSatisfy { $0.redemption?.outcome == .refused && $0.redemption?.coupon == nil })
            #expect(wrong.last.map(code) == ["coupon.pin_locked"])
            #expect(try await code(scene.upload([item("2468", 40)], at: counter, moment)[0]) == ["coupon.pin_locked"])
            #expect(try await scene.value("select redeemed from coupon_round", as: Int.self) == 1)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test(arguments: ["venue", "union"])
    func `a coupon spent by card at two venues without network stands once, and the later one is borne by the rule`(
        charge: String
    ) async throws {
        try await withVenues { scene in
            let (early, late) = (try await scene.counter(), try await scene.counter("书店"))
            let member = try await scene.members(1)[0]
            let campaign = try await scene.campaign(at: [early, late], charge: charge)
            let coupon = try await scene.coupon(of: campaign, for: member)
            try await bind(scene, to: member, pin: "2468")
            let moment = scene.moment()
            func item(_ secondsAgo: Int64) -> RedemptionBody {
                scene.body(Self.number, moment, coupon: coupon, pin: "2468", occurredAt: moment.before(seconds: secondsAgo))
            }
            let (first, second) = (item(300), item(200))
            let stood = try await scene.upload([first], at: early, moment)[0].redemption
            let twice = try await scene.upload([second], at: late, moment)[0].redemption
            #expect(stood?.outcome == .redeemed && stood?.chargedTo == nil)
            #expect(twice?.outcome == .redeemedTwice && twice?.chargedTo?.rawValue == charge && twice?.earlier?.venueName == "面馆")
            #expect(twice?.earlier?.at == first.occurredAt, "when it was taken, not when that was told")
            let again = try await scene.upload([second], at: late, moment)[0].redemption
            #expect(again?.outcome == .redeemedTwice && again?.decidedAt == twice?.decidedAt)
            // Within one upload the earlier one stands, whatever the order.
            let other = try await scene.coupon(of: campaign, for: member)
            let pair = [item(100), item(150)].map { body in
                RedemptionBody(
                    code: body.code, pin: body.pin, couponId: other, spendFen: body.spendFen, requestId: body.requestId,
                    occurredAt: body.occurredAt)
            }
            let both = try await scene.upload(pair, at: late, moment)
            #expect(both.map { $0.redemption?.outcome } == [.redeemedTwice, .redeemed])
            #expect(both[0].redemption?.chargedTo?.rawValue == charge)
            let line = SettlementLine.sum(
                try await moment.redeeming.settlements.lines(
                    of: campaign, from: moment.before(seconds: 600), until: moment.before(seconds: -600)))
            #expect(line.redeemed.count == 2 && line.twiceByVenue.count == (charge == "venue" ? 2 : 0))
            #expect(line.owedFen == (charge == "venue" ? 10_000 : 20_000))
            #expect(try await scene.outOfBalance() == 0)
        }
    }
}
