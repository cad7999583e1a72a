import Crypto
import FoundationEssentials
import HTTP
import MemberCode
import Postgres
import Registry
import Runtime
import Testing

@testable import Coupons

/// The code of the door, shown at a counter.
@Suite struct RedemptionTests {
    @Test func `a member code redeems, and says which coupon, how much and whose, masked`() async throws {
        try await withVenues { scene in
            let counter = try await scene.counter()
            let campaign = try await scene.campaign(at: [counter])
            let person = try await scene.person()
            let coupon = try await scene.coupon(of: campaign, for: person)
            let moment = scene.moment()
            let answer = try await scene.show(person, at: counter, moment)
            #expect(answer.outcome == .redeemed && answer.reasons.isEmpty && answer.amountFen == 5_000)
            #expect(answer.coupon?.id == coupon && answer.coupon?.title == "冬日送暖" && answer.coupon?.faceFen == 5_000)
            #expect(answer.member?.maskedName == "夏*" && answer.member?.maskedPhone == "138****5678")
            #expect(try await scene.state(of: coupon) == "redeemed")
            let event = try await scene.database.query("select event, venue_id, amount_fen, spend_fen, done_by from coupon_event")
            #expect(try event[0].decode(0, as: String.self) == "redeemed" && event[0].decode(3, as: Int64.self) == 12_000)
            #expect(try event[0].decode(4, as: String.self) == "device:\(counter.device)")
            #expect(try await scene.outOfBalance() == 0)
            let again = try await scene.show(person, at: counter, moment)
            #expect(again.reasons.map(\.code) == ["coupon.already_redeemed"] && again.earlier?.venueName == "面馆")
        }
    }

    @Test func `the same request gets the first answer for ever, another one under its id a conflict`() async throws {
        try await withVenues { scene in
            let counter = try await scene.counter()
            let campaign = try await scene.campaign(at: [counter])
            let members = try await scene.members(2)
            for member in members { try await scene.coupon(of: campaign, for: member) }
            let moment = scene.moment()
            let body = scene.body(scene.code(members[0], moment), moment)
            let first = try await scene.show(body, at: counter, moment)
            #expect(await scene.annul(body.requestId, at: counter, moment).status == 200)
            let second = try await scene.show(body, at: counter, scene.moment(3_600))
            #expect(first.outcome == .redeemed && second.outcome == .redeemed && first.decidedAt == second.decidedAt)
            #expect(first.coupon?.id == second.coupon?.id && second.amountFen == 5_000)
            for other in [
                scene.body(scene.code(members[1], moment), moment, id: body.requestId),
                RedemptionBody(code: body.code, spendFen: 12_001, requestId: body.requestId, occurredAt: body.occurredAt),
            ] {
                let text = String(decoding: try JSON.encode(other), as: UTF8.self)
                #expect(await moment.send(.post, "/v1/redemptions", text, by: counter.key).problemCode == "coupon.request_id_reused")
            }
            #expect(try await scene.value("select count(*) from coupon_event", as: Int.self) == 2)
        }
    }

    @Test func `without a number the coupon is the one that is good now, whose last day is nearest, with the lowest number`() async throws {
        try await withVenues { scene in
            let (counter, elsewhere) = (try await scene.counter(), try await scene.counter("书店"))
            let member = try await scene.members(1)[0]
            let late = try await scene.coupon(of: scene.campaign(at: [counter], lastIn: 20), for: member)
            let dear = try await scene.coupon(of: scene.campaign(at: [counter], minimum: 50_000, lastIn: 1), for: member)
            try await scene.coupon(of: scene.campaign(at: [elsewhere], lastIn: 0), for: member)
            let near = try await scene.campaign(at: [counter], lastIn: 5)
            let nearest = [try await scene.coupon(of: near, for: member), try await scene.coupon(of: near, for: member)]
            let moment = scene.moment()
            for expected in nearest + [late] {
                #expect(try await scene.show(member, at: counter, moment).coupon?.id == expected)
            }
            let last = try await scene.show(member, at: counter, moment)
            #expect(last.coupon?.id == dear && last.reasons.map(\.code) == ["coupon.below_minimum_spend"])
            #expect(try await scene.show(member, at: counter, moment, spend: 50_000).outcome == .redeemed)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `every reason is told, all that apply`() async throws {
        try await withVenues { scene in
            let (counter, elsewhere) = (try await scene.counter(), try await scene.counter("书店"))
            let members = try await scene.members(2)
            let moment = scene.moment()
            func reasons(_ coupon: ID<Coupon>?, spend: Int64 = 12_000, of member: Int = 0) async throws -> [String] {
                let answer = try await scene.show(members[member], at: counter, moment, coupon: coupon, spend: spend)
                #expect(answer.outcome == .refused && !answer.reasons.contains { $0.text.isEmpty })
                return answer.reasons.map(\.code)
            }
            #expect(try await reasons(nil) == ["coupon.none_here"])
            #expect(try await reasons(ID(99)) == ["coupon.unknown"])
            let away = try await scene.coupon(of: scene.campaign(at: [elsewhere]), for: members[0])
            #expect(try await reasons(away) == ["coupon.not_taken_here"])
            #expect(try await reasons(nil) == ["coupon.none_here"])
            let campaign = try await scene.campaign(at: [counter])
            #expect(try await reasons(scene.coupon(of: campaign, for: members[1])) == ["coupon.unknown"], "another's is unknown")
            for (state, reason) in [("expired", "coupon.expired"), ("returned", "coupon.returned")] {
                #expect(try await reasons(scene.coupon(of: campaign, for: members[0], state: state)) == [reason])
            }
            let weekday = Int64((Clock().nowSeconds + 8 * 3_600) / 86_400 + 3) % 7
            let closed = try await scene.campaign(at: [counter], lastIn: -1, weekdays: 127 & ~(1 << Int16(weekday)))
            #expect(
                try await reasons(scene.coupon(of: closed, for: members[0]), spend: 1)
                    == ["coupon.below_minimum_spend", "coupon.expired", "coupon.other_weekday"])
            let minute = Int16((Clock().nowSeconds + 8 * 3_600) % 86_400 / 60)
            let hours = try await scene.campaign(at: [counter], fromMinute: (minute + 700) % 1_380, toMinute: (minute + 700) % 1_380 + 1)
            #expect(try await reasons(scene.coupon(of: hours, for: members[0])) == ["coupon.other_hour"])
            let free = try await scene.coupon(of: scene.campaign(at: [counter], minimum: 0), for: members[0])
            #expect(try await reasons(free, spend: 0) == ["coupon.below_minimum_spend"])
            let good = try await scene.coupon(of: campaign, for: members[0])
            _ = try await scene.database.query(
                "update coupon_campaign set paused_at = now(), pause_reason = 'x' where campaign_id = \(campaign)")
            #expect(try await reasons(good) == ["coupon.redeeming_paused"])
            _ = try await scene.database.query("update coupon_campaign set paused_at = null, pause_reason = null")
            _ = try await scene.database.query(
                "update coupon_campaign_venue set removed_at = now() where campaign_id = \(campaign)")
            #expect(try await reasons(good) == ["coupon.not_taken_here"])
            _ = try await scene.database.query("update coupon_campaign_venue set removed_at = null")
            _ = try await scene.database.query("update venue set closed_at = now(), close_reason = 'x' where venue_id = \(counter.id)")
            #expect(try await reasons(good) == ["coupon.venue_closed"])
            _ = try await scene.database.query("update venue set closed_at = null, close_reason = null")
            let future = scene.body(
                scene.code(members[0], moment), moment, coupon: good, occurredAt: moment.before(seconds: -60))
            #expect(try await scene.show(future, at: counter, moment).reasons.map(\.code) == ["coupon.occurred_in_future"])
            #expect(try await scene.value("select count(*) from coupon_event", as: Int.self) == 0)
            _ = try await scene.database.query("update member set status = 'left'")
            #expect(try await scene.show(members[0], at: counter, moment, coupon: good).outcome == .redeemed, "the coupon is theirs")
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `who shows no valid code is nobody: nothing is told of a person or of coupons`() async throws {
        try await withVenues { scene in
            let counter = try await scene.counter()
            let member = try await scene.members(1)[0]
            let coupon = try await scene.coupon(of: scene.campaign(at: [counter]), for: member)
            let moment = scene.moment()
            func reasons(_ code: String, pin: String? = nil) async throws -> [String] {
                let answer = try await scene.show(scene.body(code, moment, coupon: coupon, pin: pin), at: counter, moment)
                #expect(answer.outcome == .refused && answer.member == nil && answer.coupon == nil)
                return answer.reasons.map(\.code)
            }
            #expect(try await reasons("") == ["coupon.code_malformed"])
            #expect(try await reasons(scene.code(member, moment, ageSeconds: 600)) == ["coupon.code_expired"])
            #expect(try await reasons(scene.code(member, moment, ageSeconds: -600)) == ["coupon.code_from_future"])
            #expect(try await reasons(scene.code(ID(99_999), moment)) == ["coupon.member_unknown"])
            let foreign = MemberCodeIssuer(Keys.random()).issue(
                memberID: member.rawValue, nowMicroseconds: moment.clock.nowMicroseconds
            ).text
            #expect([["coupon.code_forged"], ["coupon.code_unknown_key"]].contains(try await reasons(foreign)))
            #expect(try await reasons("NFC:04A2F19C3B5D81") == ["coupon.number_unknown"])
            let digests = CredentialDigests(scene.keys)
            let digest = digests.number(try #require(CardNumber("NFC:04A2F19C3B5D80")))
            _ = try await scene.database.query(
                """
                insert into access_credential (credential_digest, kind, member_id, pin_digest, valid_from, created_by)
                values (\(digest), 'number', \(member), \(digests.pin("2468", of: digest)), now() - interval '1 day', 'test')
                """)
            #expect(try await reasons("NFC:04A2F19C3B5D80") == ["coupon.pin_missing"])
            #expect(try await reasons("NFC:04A2F19C3B5D80", pin: "1357") == ["coupon.pin_wrong"])
            let right = scene.body("NFC:04A2F19C3B5D80", moment, pin: "2468")
            #expect(try await scene.show(right, at: counter, moment).outcome == .redeemed)
        }
    }

    @Test func `goods are picked up where they were chosen, and what is spent does not matter`() async throws {
        try await withVenues { scene in
            let (here, there) = (try await scene.counter("甲"), try await scene.counter("乙"))
            let member = try await scene.members(1)[0]
            let campaign = try await scene.campaign(at: [here, there], goods: "防暑礼包", face: 8_000)
            let coupon = try await scene.coupon(of: campaign, for: member, pickUpAt: here.id)
            let moment = scene.moment()
            #expect(try await scene.show(member, at: there, moment, spend: 0).reasons.map(\.code) == ["coupon.none_here"])
            let named = try await scene.show(member, at: there, moment, coupon: coupon, spend: 0)
            #expect(named.reasons.map(\.code) == ["coupon.other_pick_up_place"])
            let taken = try await scene.show(member, at: here, moment, spend: 0)
            #expect(taken.outcome == .redeemed && taken.coupon?.goods == "防暑礼包" && taken.amountFen == 8_000)
        }
    }

    @Test func `money off is not more than the bill, and an older number of a merged person counts`() async throws {
        try await withVenues { scene in
            let counter = try await scene.counter()
            let members = try await scene.members(2)
            let campaign = try await scene.campaign(at: [counter], minimum: 0)
            try await scene.coupon(of: campaign, for: members[0])
            _ = try await scene.database.query(
                "update member set status = 'left', merged_into = \(members[1]) where member_id = \(members[0])")
            let answer = try await scene.show(members[1], at: counter, scene.moment(), spend: 3_210)
            #expect(answer.outcome == .redeemed && answer.amountFen == 3_210)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `a batch answers each of its requests, repeats within it too`() async throws {
        try await withVenues { scene in
            let (counter, other) = (try await scene.counter(), try await scene.counter("书店"))
            let members = try await scene.members(2)
            let campaign = try await scene.campaign(at: [counter, other])
            for member in members { try await scene.coupon(of: campaign, for: member) }
            let stray = try await scene.registry.devices.create(name: "stray", profile: .venue).device.id
            let moment = scene.moment()
            let reader = VenueCodeReader(scene.keys)
            func scan(_ member: ID<Member>, _ id: String, by device: ID<Device>) throws -> VenueScan {
                let asked = VenueCodeReader.Asked(
                    requestID: try #require(UUID(uuidString: id)), deviceID: device, couponID: nil, spendFen: 12_000,
                    occurredAt: scene.moment(-1).now)
                return reader.scan(
                    scene.code(member, moment), pin: nil, asked, nowMicroseconds: moment.clock.nowMicroseconds)
            }
            let ids = (0..<4).map { _ in VenueScene.requestID() }
            let first = try scan(members[0], ids[0], by: counter.device)
            let decisions = try await moment.redeeming.redemptions.redeem(
                batch: [
                    first, try scan(members[0], ids[1], by: other.device), first, try scan(members[1], ids[0], by: counter.device),
                    try scan(members[1], ids[0], by: other.device), try scan(members[1], ids[2], by: stray),
                ], isOffline: false)
            let told = decisions.map { decision in
                switch decision {
                case .decided(let decided, let isRepeat): "\(decided.outcome.rawValue)\(isRepeat ? " again" : "")"
                case .conflict: "conflict"
                case .unbound: "unbound"
                }
            }
            #expect(told == ["redeemed", "refused", "redeemed again", "conflict", "redeemed", "unbound"])
            let text = String(decoding: try JSON.encode(scene.body(scene.code(members[0], moment), moment)), as: UTF8.self)
            #expect(await moment.send(.post, "/v1/redemptions", text).problemCode != nil, "organizers redeem nothing")
        }
    }
}
