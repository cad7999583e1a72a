import FoundationEssentials
import HTTP
import Postgres
import Programs
import Registry
import Runtime
import Testing

@testable import Coupons

/// What was redeemed at a venue is found by those who may refund it, and by the person.
@Suite struct VenueRedemptionListTests {
    private func list(_ venue: ID<Venue>, _ moment: VenueScene.Moment, _ query: String = "") async throws -> VenueRedemptionList {
        let answer = await moment.send(.get, "/v1/venues/\(venue)/redemptions\(query)")
        try #require(answer.status == 200, "\(answer.text)")
        return try answer.json(VenueRedemptionList.self)
    }

    @Test func `redemptions are listed those recorded last first, by state and time, and refunded by what the list says`() async throws {
        try await withVenues { scene in
            let (counter, other) = (try await scene.counter(), try await scene.counter("书店"))
            let person = try await scene.person()
            let members = try await scene.members(3)
            let campaign = try await scene.campaign(at: [counter, other])
            for member in [person] + members { try await scene.coupon(of: campaign, for: member) }
            let moment = scene.moment()
            #expect(try await list(counter.id, moment).items.isEmpty)
            let begin = moment.before(seconds: 0)
            let ids = members.map { _ in VenueScene.requestID() }
            for (member, id) in zip(members, ids) { _ = try await scene.show(member, at: counter, moment, id: id) }
            #expect(try await scene.show(members[0], at: counter, moment).outcome == .refused, "is no redemption")
            _ = try await scene.show(person, at: other, moment)
            #expect(await scene.annul(ids[1], at: counter, moment).status == 200)
            let when = moment.before(seconds: 1)
            let twice = scene.body(scene.code(person, moment, ageSeconds: 2), moment, occurredAt: when)
            _ = try await scene.upload([twice], at: counter, moment)

            let all = try await list(counter.id, moment)
            #expect(all.items.map(\.requestId) == [twice.requestId] + ids.reversed() && all.next == nil)
            #expect(all.items.map(\.state) == [.redeemedTwice, .redeemed, .annulled, .redeemed])
            let first = all.items[0]
            #expect(first.isOffline && first.chargedTo == .venue && first.occurredAt == when.description && first.undoneAt == nil)
            #expect(first.member?.maskedName == "夏*" && first.member?.maskedPhone == "138****5678")
            #expect(all.items[1].amountFen == 5_000 && all.items[1].spendFen == 12_000 && all.items[1].campaignId == campaign)
            #expect(!all.items[1].isOffline && all.items[1].deviceId == counter.device && all.items[2].undoneAt != nil)

            var seen: [String] = []
            var query: String? = "?limit=1"
            while let next = query {
                let page = try await list(counter.id, moment, next)
                seen += page.items.map(\.requestId)
                query = page.next.map { "?limit=1&after=\($0)" }
            }
            #expect(seen == all.items.map(\.requestId))
            for (state, count) in [("redeemed", 2), ("redeemed_twice", 1), ("annulled", 1), ("refunded", 0)] {
                #expect(
                    try await list(counter.id, moment, "?state=\(state)").items.map(\.state.rawValue)
                        == .init(repeating: state, count: count))
            }
            #expect(try await list(counter.id, moment, "?until=\(begin)").items.isEmpty)
            #expect(try await list(counter.id, moment, "?from=\(begin)").items.count == 4)
            #expect(try await list(counter.id, moment, "?from=\(all.items[1].recordedAt)").items.count == 2)
            #expect(try await list(counter.id, moment, "?until=\(all.items[1].recordedAt)").items.count == 2)

            let found = all.items[1].requestId
            #expect(await scene.refund(found, of: counter.id, moment).status == 200)
            #expect(try await list(counter.id, moment, "?state=refunded").items.map(\.requestId) == [found])
        }
    }

    @Test func `who sees to the campaign or the venue finds it, and of other campaigns nothing`() async throws {
        try await withVenues { scene in
            let (counter, far) = (try await scene.counter(in: scene.town), try await scene.counter(in: scene.town))
            let member = try await scene.members(1)[0]
            try await scene.coupon(of: scene.campaign(at: [counter]), for: member)
            _ = try await scene.show(member, at: counter, scene.moment())
            #expect(try await list(counter.id, scene.organizer(of: scene.park)).items.count == 1, "the campaign is the park's")
            #expect(try await list(counter.id, scene.organizer(of: scene.town)).items.isEmpty, "the venue is the town's")
            #expect(try await list(far.id, scene.organizer(of: scene.town)).items.isEmpty)
            for (venue, moment) in [(far.id, scene.organizer(of: scene.park)), (ID<Venue>(999), scene.moment())] {
                #expect(await moment.send(.get, "/v1/venues/\(venue)/redemptions").problemCode == "venue.unknown")
            }
        }
    }

    @Test func `of a person who was merged the name of the one who goes on is shown, masked`() async throws {
        try await withVenues { scene in
            let counter = try await scene.counter()
            let (former, present) = (
                try await scene.person(), try await scene.person("欧阳修", nationalID: "440524198001010013", phone: "13912345678")
            )
            let campaign = try await scene.campaign(at: [counter])
            for _ in 0..<3 { try await scene.coupon(of: campaign, for: former) }
            let moment = scene.moment()
            #expect(try await scene.show(former, at: counter, moment).member?.maskedName == "夏*")
            let merge = #"{"duplicateId":\#(former),"reason":"x"}"#
            #expect(await moment.send(.post, "/v1/members/\(present)/merge", merge).status == 200)
            // By a code of either number; the coupons stay with the old one.
            let when = moment.before(seconds: 1)
            let taken = scene.body(scene.code(former, moment, ageSeconds: 2), moment, occurredAt: when)
            let answers: [RedemptionAnswer?] = [
                try await scene.show(present, at: counter, moment), try await scene.upload([taken], at: counter, moment)[0].redemption,
                try await scene.show(present, at: counter, moment),
            ]
            #expect(answers.map { $0?.outcome } == [.redeemed, .redeemed, .refused])
            #expect(answers.allSatisfy { $0?.member?.maskedName == "欧*" && $0?.member?.maskedPhone == "139****5678" })
            #expect(try await list(counter.id, moment).items.map { $0.member?.maskedName } == ["欧*", "欧*", "欧*"])
            #expect(try await scene.value("select count(*) from coupon where member_id = \(former)", as: Int.self) == 3)
        }
    }

    @Test func `a member takes coupons, uses and codes along; once erased no code is good, and the ledger stays`() async throws {
        try await withVenues { scene in
            let counter = try await scene.counter()
            let person = try await scene.person()
            let campaign = try await scene.campaign(at: [counter])
            let (used, kept) = (
                try await scene.coupon(of: campaign, for: person), try await scene.coupon(of: campaign, for: person)
            )
            let programs = Programs(database: scene.database, registry: scene.registry, keys: scene.keys, clock: Clock())
            _ = Coupons(database: scene.database, registry: scene.registry, programs: programs, keys: scene.keys, clock: Clock())
            let moment = scene.moment()
            let id = VenueScene.requestID()
            _ = try await scene.show(person, at: counter, moment, coupon: used, id: id)
            #expect(await scene.refund(id, of: counter.id, moment).status == 200)
            #expect(try await scene.show(person, at: counter, moment, spend: 100).outcome == .refused)
            let me = try await scene.token(of: person)
            let made = await moment.send(.post, "/v1/me/coupons/\(kept)/code", by: me)
            let code = try made.json(CouponCodeAnswer.self)

            let own = await moment.send(.get, "/v1/me/data", by: me)
            for word in [
                id, "面馆", #""refundedAt":"#, "退货", "coupon.below_minimum_spend", code.expiresAt, #""credentialKind":"member_code""#,
                #""event":"refunded""#, "冬日送暖",
            ] { #expect(own.text.contains(word), "\(word)") }
            #expect(!own.text.contains(code.code))

            #expect(await moment.send(.post, "/v1/me/erasure", #"{"confirm":"erase"}"#, by: me).status == 200)
            let answer = try await scene.show(scene.body(code.code, moment), at: counter, moment)
            #expect(answer.reasons.map(\.code) == ["coupon.code_unknown"] && answer.member == nil)
            #expect(try await scene.value("select count(*) from coupon_code", as: Int.self) == 0)
            #expect(try await scene.value("select count(*) from coupon_event where reason is not null", as: Int.self) == 0)
            #expect(try await scene.value("select count(*) from coupon_event", as: Int.self) == 2, "what was counted stays counted")
            let items = try await list(counter.id, moment).items
            #expect(items.map(\.state) == [.refunded] && items[0].member?.maskedName == nil)
            #expect(try await scene.outOfBalance() == 0)
        }
    }
}
