import Crypto
import FoundationEssentials
import HTTP
import Postgres
import Programs
import Registry
import Runtime
import TestSupport
import Testing

@testable import Coupons

@Suite struct RoundLifeTests {
    @Test func `rounds stay within the budget, and what is announced is frozen`() async throws {
        try await withCoupons { scene in
            let campaign = try await scene.campaign(budgetFen: 50_000)
            let now = scene.at(hours: 0)
            let round = try await scene.draft(of: campaign, stock: 6)
            let path = "/v1/coupon-campaigns/\(campaign.id)/rounds"
            let times = #""opensAt":"\#(CouponScene.time(1))","closesAt":"\#(CouponScene.time(2))""#
            let refused = await now.send(.post, path, #"{\#(times),"stock":5}"#)
            #expect((refused.status, refused.problemCode) == (409, "coupon.beyond_budget"))
            for negative in [#"{\#(times),"stock":-1}"#, #"{\#(times),"stock":0}"#] {
                #expect(await now.send(.post, path, negative).status == 422)
            }
            let bigger = await now.send(.put, "/v1/coupon-rounds/\(round.id)", #"{\#(times),"stock":10}"#)
            #expect(bigger.status == 200)
            #expect(await now.send(.put, "/v1/coupon-rounds/\(round.id)", #"{\#(times),"stock":11}"#).status == 409)
            #expect(await now.send(.post, "/v1/coupon-rounds/\(round.id)/announce").status == 200)
            let frozen = await now.send(.put, "/v1/coupon-rounds/\(round.id)", #"{\#(times),"stock":1}"#)
            #expect((frozen.status, frozen.problemCode) == (409, "coupon.round_frozen"))
            let read = try await now.send(.get, "/v1/coupon-campaigns/\(campaign.id)").json(CouponCampaignAnswer.self)
            #expect(read.plannedFen == 50_000)
            #expect(await now.send(.post, "/v1/coupon-rounds/\(round.id)/cancel", #"{"reason":"改期"}"#).status == 200)
            #expect(try await scene.value("select planned_fen from coupon_campaign", as: Int64.self) == 0)
        }
    }

    @Test func `what fits no rule is named, with its place`() async throws {
        try await withCoupons { scene in
            let campaign = try await scene.campaign()
            let goods = try await scene.campaign(more: #","goods":"中秋礼盒""#)
            let now = scene.at(hours: 0)
            let times = #""opensAt":"\#(CouponScene.time(1))","closesAt":"\#(CouponScene.time(2))","stock":1"#
            func codes(_ campaign: CouponCampaignAnswer, _ body: String) async -> [String] {
                let answer = await now.send(.post, "/v1/coupon-campaigns/\(campaign.id)/rounds", body)
                #expect(answer.status == 422)
                return answer.problem?.reasons.map(\.code) ?? []
            }
            #expect(await codes(campaign, #"{\#(times),"mode":"equal_start"}"#) == ["coupon.equal_start_invalid"])
            #expect(await codes(campaign, #"{\#(times),"equalStartSeconds":5}"#) == ["coupon.equal_start_invalid"])
            #expect(await codes(campaign, #"{\#(times),"mode":"draw","cap":2}"#) == ["coupon.draw_gives_one"])
            #expect(await codes(goods, #"{\#(times),"mode":"draw"}"#) == ["coupon.goods_are_not_drawn"])
            let classes = #""rules":{"eligibility":[],"classes":[{"name":"a","conditions":[]}]}"#
            #expect(await codes(campaign, #"{\#(times),\#(classes)}"#) == ["coupon.rules_for_draws_only"])
            let past = try await scene.draft(of: campaign, stock: 1, opens: -1)
            let announced = await now.send(.post, "/v1/coupon-rounds/\(past.id)/announce")
            #expect(announced.problem?.reasons.map(\.code) == ["coupon.opens_in_past"])
        }
    }

    @Test func `organizers see and change what lies in their subtree, and nothing else`() async throws {
        try await withCoupons { scene in
            let round = try await scene.announced(stock: 1)
            let account = try await scene.registry.accounts.createOwner(name: "east")
            _ = try await scene.database.query(
                """
                update account_grant set organization_id = \(scene.east), role = 'manager'
                where account_id = (select max(account_id) from account)
                """)
            scene.registry.authenticator.forgetAll()
            let now = scene.at(hours: 0)
            for (method, path, body) in [
                (Method.get, "/v1/coupon-rounds/\(round.id)", nil), (.get, "/v1/coupon-campaigns/\(round.campaignId)", nil),
                (.post, "/v1/coupon-rounds/\(round.id)/pause", #"{"reason":"x"}"#),
                (.get, "/v1/coupon-rounds/\(round.id)/figures", nil), (.get, "/v1/coupon-campaigns/\(round.campaignId)/rounds", nil),
            ] as [(Method, String, String?)] {
                #expect(await now.send(method, path, body, bearer: account).status == 404)
            }
            #expect(try await now.send(.get, "/v1/coupon-campaigns", bearer: account).json(CouponCampaignList.self).items.isEmpty)
        }
    }

    @Test func `what is given back is stock again a second later, and no server says meanwhile that one is left`() async throws {
        try await withCoupons { scene in
            let round = try await scene.announced(stock: 2)
            let open = scene.at(hours: 2)
            let members = try await scene.members(4)
            let tokens = [try await scene.token(of: members[0]), try await scene.token(of: members[3])]
            let mine = try await scene.claim(round.id, open, by: tokens[0])
            #expect(try await scene.claims([members[1], members[2]], on: round.id, open).map(\.word) == ["won", "sold_out"])
            let back = await open.send(.post, "/v1/me/coupons/\(try #require(mine.couponId))/return", bearer: tokens[0])
            #expect(try back.json(OwnCouponAnswer.self).state == .returned)
            #expect(await open.send(.post, "/v1/me/coupons/\(try #require(mine.couponId))/return", bearer: tokens[0]).status == 200)
            #expect(await open.send(.post, "/v1/me/coupons/\(try #require(mine.couponId))/return", bearer: tokens[1]).status == 404)
            // Within the second (a slow machine must not make two of it), and after it, by the database's clock.
            #expect(try await scene.claims([members[2]], on: round.id, scene.at(hours: 1.9)).map(\.word) == ["sold_out"])
            let later = scene.at(hours: 2.1)
            #expect(try await scene.claims([members[2], members[3]], on: round.id, later).map(\.word) == ["won", "sold_out"])
            #expect(try await scene.value("select issued - reissued from coupon_round", as: Int32.self) == 2)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `a round that is over leaves its stock to the next, or to the budget`() async throws {
        try await withCoupons { scene in
            let campaign = try await scene.campaign(cap: 3)
            let first = try await scene.announced(stock: 3, more: #","leftover":"carry""#, campaign: campaign)
            let next = try await scene.announced(stock: 2, opens: 5, closes: 6, campaign: campaign)
            let members = try await scene.members(2)
            #expect(try await scene.claims([members[0]], on: first.id, scene.at(hours: 2)).map(\.word) == ["won"])
            let after = scene.at(hours: 4)
            try await after.run("coupons.close")
            #expect(try await scene.value("select stock from coupon_round where round_id = \(next.id)", as: Int32.self) == 4)
            #expect(try await scene.value("select stock from coupon_round where round_id = \(first.id)", as: Int32.self) == 1)
            #expect(try await scene.value("select planned_fen from coupon_campaign", as: Int64.self) == 25_000)
            try await scene.at(hours: 7).run("coupons.close")
            #expect(try await scene.value("select planned_fen from coupon_campaign", as: Int64.self) == 5_000)
            // What is given back of a round that is over goes back to the budget, too.
            let coupon: ID<Coupon> = try await scene.value("select coupon_id from coupon")
            let token = try await scene.token(of: members[0])
            #expect(await scene.at(hours: 8).send(.post, "/v1/me/coupons/\(coupon)/return", bearer: token).status == 200)
            #expect(try await scene.value("select planned_fen from coupon_campaign", as: Int64.self) == 0)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `coupons expire with the last minute of their last day`() async throws {
        try await withCoupons { scene in
            let round = try await scene.announced(stock: 3, campaign: scene.campaign(more: #","until":"22:00""#))
            let members = try await scene.members(3)
            _ = try await scene.claims(members, on: round.id, scene.at(hours: 2))
            try await scene.at(hours: 24 * 80).run("coupons.expire")
            #expect(try await scene.value("select held from coupon_round", as: Int32.self) == 3)
            try await scene.at(hours: 24 * 92).run("coupons.expire")
            #expect(try await scene.value("select expired from coupon_round", as: Int32.self) == 3)
            #expect(try await scene.value("select count(*) from coupon_event where event = 'expired'", as: Int64.self) == 3)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `in an equal start who came first does not matter, and everybody can check it`() async throws {
        try await withCoupons { scene in
            let round = try await scene.announced(stock: 5, more: #","mode":"equal_start","equalStartSeconds":60"#)
            let open = scene.at(hours: 1 + 0.5 / 60)
            let members = try await scene.members(20)
            let token = try await scene.token(of: members[0])
            let id = UUID()
            let mine = try await scene.claim(round.id, open, by: token, id: id)
            #expect(mine.result == .pending)
            let words = try await scene.claims(Array(members[1..<15]) + [members[0]], on: round.id, open).map(\.word)
            #expect(words == Array(repeating: "pending", count: 14) + ["limit_reached"])
            // Who comes after the first seconds, but before the shuffle, goes behind all of those.
            let late = scene.at(hours: 1.1)
            #expect(try await scene.claims(Array(members[15...]), on: round.id, late).map(\.word).allSatisfy { $0 == "pending" })
            try await late.run("coupons.shuffle")
            let asked = try await late.send(.get, "/v1/coupon-rounds/\(round.id)/claims/\(id)", bearer: token).json(ClaimAnswer.self)
            #expect(asked.result == .won || asked.result == .soldOut)
            #expect(try await scene.claim(round.id, late, by: token, id: id).result == asked.result)
            #expect(try await scene.value("select count(*) from coupon_claim where state = 'won'", as: Int64.self) == 5)
            #expect(try await scene.value("select count(*) from coupon_claim where state = 'lost'", as: Int64.self) == 15)
            #expect(
                try await scene.value(
                    "select count(*) from coupon_claim where state = 'won' and member_id = any(\(Array(members[15...])))", as: Int64.self)
                    == 0)
            let told = try await scene.value(
                "select details ->> 'secret' from coupon_campaign_event where step = 'shuffled'", as: String.self)
            #expect(told.count == 64)
            let secret = try #require(Hex.decode(told))
            #expect(Hex.encode(CommittedShuffle.commitment(to: secret)) == round.commitment)
            // Drawn again from what is published: the first five of the shuffled tickets are those that won.
            let file = await late.send(.get, "/v1/public/coupon-rounds/\(round.id)/shuffle")
            #expect(file.header("Waystation-Shuffle-Secret") == told)
            let lines = file.text.split(separator: "\n").dropFirst().map { $0.split(separator: ",").map(String.init) }
            #expect(lines.count == 20)
            let early = lines.filter { $0[2] == "t" }
            let order = CommittedShuffle(secret: secret, name: "coupon_round:\(round.id)")
                .order(of: early.compactMap { UInt64($0[1], radix: 16) })
            #expect(order.map { early[$0][3] == "won" } == (0..<15).map { $0 < 5 })
            #expect(early.contains { $0[1] == asked.ticket })
            #expect(try await scene.claims([members[19]], on: round.id, late).map(\.word) == ["sold_out"])
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `a draw is a program, and its winners get their coupons once it is published`() async throws {
        try await withCoupons { scene in
            let round = try await scene.announced(stock: 2, more: #","mode":"draw""#)
            let program = try #require(round.programId)
            let members = try await scene.members(5)
            try await scene.at(hours: 1.1).run("programs.timetable")
            for member in members {
                let token = try await scene.token(of: member)
                let open = scene.at(hours: 2)
                #expect(try await scene.claim(round.id, open, by: token).result == .pending)
                #expect(try await scene.claim(round.id, open, by: token).result == .pending)
            }
            let late = try await scene.claim(round.id, scene.at(hours: 3.5), by: scene.token(of: members[0]))
            #expect(late.result == .ended)
            let after = scene.at(hours: 4)
            try await after.run("programs.timetable")
            _ = try await scene.database.query(
                """
                insert into program_award (member_id, program_id, number, state, source, changed_at)
                select member_id, \(program), 1, 'placed', 'run', now() from program_application order by member_id limit 2
                """)
            _ = try await scene.database.query(
                """
                update program set state = 'published', inputs_hash = 'x', closed_at = now(), taken = 2 where program_id = \(program)
                """)
            try await after.run("coupons.draws")
            #expect(try await scene.value("select issued from coupon_round", as: Int32.self) == 2)
            #expect(try await scene.claim(round.id, after, by: scene.token(of: members[0])).result == .won)
            try await after.run("coupons.draws")
            #expect(try await scene.value("select issued from coupon_round", as: Int32.self) == 2)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `members see rounds by the server's clock, with an honest floor of what is left`() async throws {
        try await withCoupons { scene in
            let round = try await scene.announced(stock: 12)
            let members = try await scene.members(13)
            let token = try await scene.token(of: members[12])
            func seen(_ moment: CouponScene.Moment) async throws -> OwnRoundAnswer {
                try #require(try await moment.send(.get, "/v1/me/coupon-rounds", bearer: token).json(OwnRoundList.self).items.first)
            }
            #expect(try await seen(scene.at(hours: 0)).phase == .notOpen)
            let open = scene.at(hours: 2)
            let first = try await seen(open)
            #expect((first.phase, first.leftAtLeast, first.own) == (.open, 10, 0))
            _ = try await scene.claims(Array(members[0..<3]), on: round.id, open)
            #expect(try await seen(open).leftAtLeast == 1)
            _ = try await scene.claims(Array(members[3..<12]), on: round.id, open)
            let last = try await seen(open)
            #expect((last.phase, last.leftAtLeast) == (.soldOut, 0))
            #expect(try await seen(scene.at(hours: 3.5)).phase == .ended)
        }
    }

    @Test func `figures tell how claims went, who won, and how long it lasted`() async throws {
        try await withCoupons { scene in
            let rules = """
                ,"rules":{"eligibility":[],"groups":[{"name":"西区","conditions":[{"organization":[\(scene.west)]}]}]}
                """
            let round = try await scene.announced(stock: 3, more: rules)
            let open = scene.at(hours: 2)
            let western = try await scene.members(1, in: scene.west)
            let eastern = try await scene.members(4)
            for member in western + eastern { _ = try await scene.claim(round.id, open, by: scene.token(of: member)) }
            await open.coupons.tally.flush()
            let figures = try await open.send(.get, "/v1/coupon-rounds/\(round.id)/figures").json(RoundFigures.self)
            #expect(figures.results.map(\.result) == [.won, .soldOut])
            #expect(figures.results.map(\.claims) == [3, 2])
            #expect(figures.claimsPerSecond.reduce(0) { $0 + $1.claims } == 5)
            #expect(figures.groups.map(\.winners) == [1])
            #expect(figures.organizations.map(\.winners) == [2, 1])
            #expect(figures.left == 0)
            #expect(try #require(figures.soldOutAfterSeconds) > 3_500)
        }
    }
}
