import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Coupons

@Suite struct ClaimTests {
    @Test func `a claim wins a coupon, and the same claim again gets the same coupon`() async throws {
        try await withCoupons { scene in
            let round = try await scene.announced(stock: 2)
            let open = scene.at(hours: 2)
            let token = try await scene.token(of: scene.members(1)[0])
            let id = UUID()
            let first = try await scene.claim(round.id, open, by: token, id: id)
            #expect(first.result == .won)
            let again = try await scene.claim(round.id, open, by: token, id: id)
            #expect((again.result, again.couponId, again.claimedAt) == (.won, first.couponId, first.claimedAt))
            let asked = await open.send(.get, "/v1/coupon-rounds/\(round.id)/claims/\(id)", bearer: token)
            #expect(try asked.json(ClaimAnswer.self).couponId == first.couponId)
            let more = try await scene.claim(round.id, open, by: token)
            #expect((more.result, more.reasons.map(\.code)) == (.limitReached, ["coupon.limit_reached"]))
            let own = try await open.send(.get, "/v1/me/coupons", bearer: token).json(OwnCouponList.self).items
            #expect(own.map(\.id) == [first.couponId].compactMap(\.self))
            #expect(own.first?.state == .claimed)
            #expect(try await scene.value("select issued from coupon_round", as: Int32.self) == 1)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `a used request id with other content is refused and changes nothing`() async throws {
        try await withCoupons { scene in
            let campaign = try await scene.campaign(cap: 2)
            let one = try await scene.announced(stock: 2, campaign: campaign)
            let other = try await scene.announced(stock: 2, campaign: campaign)
            let open = scene.at(hours: 2)
            let members = try await scene.members(2)
            let token = try await scene.token(of: members[0])
            let id = UUID()
            #expect(try await scene.claim(one.id, open, by: token, id: id).result == .won)
            let body = #"{"requestId":"\#(id)"}"#
            let refused = await open.send(.post, "/v1/coupon-rounds/\(other.id)/claims", body, bearer: token)
            #expect((refused.status, refused.problemCode) == (409, "coupon.request_id_reused"))
            // Somebody else's claim under the same id is a claim of that person's own.
            let stranger = try await scene.claim(one.id, open, by: scene.token(of: members[1]), id: id)
            #expect(stranger.result == .won)
            #expect(try await scene.value("select count(distinct member_id) from coupon", as: Int64.self) == 2)
            #expect(try await scene.value("select issued from coupon_round where round_id = \(other.id)", as: Int32.self) == 0)
        }
    }

    @Test func `it opens and closes by the database's clock, whatever a job or a phone says`() async throws {
        try await withCoupons { scene in
            let round = try await scene.announced(stock: 2)
            let members = try await scene.members(1)
            let token = try await scene.token(of: members[0])
            let early = try await scene.claim(round.id, scene.at(hours: 0.9), by: token)
            #expect((early.result, early.reasons.map(\.code)) == (.notOpen, ["coupon.not_open"]))
            let late = try await scene.claim(round.id, scene.at(hours: 3.1), by: token)
            #expect((late.result, late.reasons.map(\.code)) == (.ended, ["coupon.ended"]))
            let unknown = await scene.at(hours: 2).send(
                .post, "/v1/coupon-rounds/99/claims", #"{"requestId":"\#(UUID())"}"#, bearer: token)
            #expect((unknown.status, unknown.problemCode) == (404, "coupon.round_unknown"))
            #expect(try await scene.value("select count(*) from coupon_claim", as: Int64.self) == 0)
        }
    }

    @Test func `a draft is nobody's to claim, and a phone says nothing of whom it claims for`() async throws {
        try await withCoupons { scene in
            let draft = try await scene.draft(of: scene.campaign(), stock: 2)
            let members = try await scene.members(2)
            let token = try await scene.token(of: members[0])
            let open = scene.at(hours: 2)
            let path = "/v1/coupon-rounds/\(draft.id)/claims"
            #expect(await open.send(.post, path, #"{"requestId":"\#(UUID())"}"#, bearer: token).status == 404)
            let other = await open.send(.post, path, #"{"requestId":"\#(UUID())","memberId":\#(members[1])}"#, bearer: token)
            #expect(other.status == 422)
            #expect(await open.send(.post, path, #"{"requestId":"\#(UUID())"}"#).status == 403)
        }
    }

    @Test func `not one coupon too many, and one each at most, whoever comes at once`() async throws {
        try await withCoupons { scene in
            let round = try await scene.announced(stock: 25)
            let open = scene.at(hours: 2)
            let members = try await scene.members(60)
            let words = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await scene.claims(members.shuffled(), on: round.id, open).map(\.word)
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(words.count { $0 == "won" } == 25)
            #expect(Set(words).isSubset(of: ["won", "sold_out", "limit_reached"]))
            #expect(try await scene.value("select count(distinct member_id) from coupon", as: Int64.self) == 25)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `a person with several coupons has as many as the round lets, and as the campaign lets`() async throws {
        try await withCoupons { scene in
            let campaign = try await scene.campaign(cap: 3)
            let one = try await scene.announced(stock: 10, cap: 2, campaign: campaign)
            let two = try await scene.announced(stock: 10, cap: 2, campaign: campaign)
            let open = scene.at(hours: 2)
            let member = try await scene.members(1)
            #expect(
                try await scene.claims([member[0], member[0], member[0]], on: one.id, open).map(\.word) == ["won", "won", "limit_reached"])
            #expect(try await scene.claims([member[0], member[0]], on: two.id, open).map(\.word) == ["won", "limit_reached"])
        }
    }

    @Test func `a natural person has one claim, whatever the account`() async throws {
        try await withCoupons { scene in
            let round = try await scene.announced(stock: 10)
            let open = scene.at(hours: 2)
            let members = try await scene.members(2)
            #expect(try await scene.claims([members[1]], on: round.id, open).map(\.word) == ["won"])
            _ = try await scene.database.query(
                "update member set merged_into = \(members[0]), status = 'left' where member_id = \(members[1])")
            #expect(
                try await scene.claims(members, on: round.id, open).map(\.word) == ["limit_reached", "limit_reached member_not_active"])
            // What the other account had is this person's now, to be given back as well.
            let token = try await scene.token(of: members[0])
            let own = try await open.send(.get, "/v1/me/coupons", bearer: token).json(OwnCouponList.self).items
            #expect(await open.send(.post, "/v1/me/coupons/\(try #require(own.first).id)/return", bearer: token).status == 200)
        }
    }

    @Test func `every reason is given at once`() async throws {
        try await withCoupons { scene in
            let rules = #","rules":{"eligibility":[{"attribute":{"name":"worker_kind","in":["truck_driver"]}},{"sex":["male"]}]}"#
            let round = try await scene.announced(stock: 10, more: rules)
            let members = try await scene.members(1)
            let token = try await scene.token(of: members[0])
            _ = try await scene.database.query("update member set status = 'suspended' where member_id = \(members[0])")
            let answer = try await scene.claim(round.id, scene.at(hours: 0.5), by: token)
            #expect(answer.result == .notOpen)
            #expect(
                answer.reasons.map(\.code) == [
                    "coupon.not_open", "coupon.member_not_active", "coupon.not_eligible", "coupon.not_eligible",
                ])
        }
    }

    @Test func `a list of rounds says whether each is for the member, and if not why`() async throws {
        try await withCoupons { scene in
            let rules = #","rules":{"eligibility":[{"attribute":{"name":"worker_kind","in":["truck_driver"]}},{"sex":["male"]}]}"#
            let closed = try await scene.announced(stock: 10, more: rules)
            let open = try await scene.announced(stock: 10)
            let members = try await scene.members(1)
            let token = try await scene.token(of: members[0])
            func rounds() async throws -> [ID<CouponRound>: OwnRoundAnswer] {
                let answer = await scene.at(hours: 0.5).send(
                    .get, "/v1/me/coupon-rounds", bearer: token, headers: [("Accept-Language", "en")])
                let items = try answer.json(OwnRoundList.self).items
                return Dictionary(uniqueKeysWithValues: items.map { ($0.id, $0) })
            }
            var found = try await rounds()
            #expect(found[open.id]?.eligible == true && found[open.id]?.reason == nil)
            #expect(found[closed.id]?.eligible == false && found[closed.id]?.reason?.code == "coupon.not_eligible")
            #expect(found[closed.id]?.reason?.text.hasPrefix("This does not hold: ") == true)
            _ = try await scene.database.query("update member set status = 'suspended' where member_id = \(members[0])")
            found = try await rounds()
            #expect(found.values.map(\.reason?.code) == ["coupon.member_not_active", "coupon.member_not_active"])
        }
    }

    @Test func `a paused round waits, a paused campaign too, and both go on`() async throws {
        try await withCoupons { scene in
            let round = try await scene.announced(stock: 10)
            let open = scene.at(hours: 2)
            let members = try await scene.members(1)
            for path in ["/v1/coupon-rounds/\(round.id)", "/v1/coupon-campaigns/\(round.campaignId)"] {
                #expect(await open.send(.post, path + "/pause", #"{"reason":"核对库存"}"#).status == 200)
                #expect(try await scene.claims(members, on: round.id, open).map(\.word) == ["paused"])
                #expect(await open.send(.post, path + "/resume").status == 200)
            }
            #expect(try await scene.claims(members, on: round.id, open).map(\.word) == ["won"])
        }
    }

    @Test func `reserves are for their groups, and the rest for everybody`() async throws {
        try await withCoupons { scene in
            let rules = """
                ,"rules":{"eligibility":[],"groups":[
                {"name":"外卖","conditions":[{"attribute":{"name":"worker_kind","in":["courier"]}}]},
                {"name":"西区","conditions":[{"organization":[\(scene.west)]}]}],
                "floors":[{"group":"外卖","size":2},{"group":"西区","size":1}]}
                """
            let round = try await scene.announced(stock: 5, more: rules.filter { $0 != "\n" })
            let open = scene.at(hours: 2)
            let cleaners = try await scene.members(4, kind: "sanitation_worker")
            // Two are everybody's; three are kept.
            #expect(try await scene.claims(cleaners, on: round.id, open).map(\.word) == ["won", "won", "sold_out", "sold_out"])
            let couriers = try await scene.members(3)
            #expect(try await scene.claims(couriers, on: round.id, open).map(\.word) == ["won", "won", "sold_out"])
            let western = try await scene.members(2, in: scene.west, kind: "sanitation_worker")
            #expect(try await scene.claims(western, on: round.id, open).map(\.word) == ["won", "sold_out"])
            #expect(try await scene.value("select sum(size - taken) from coupon_reserve", as: Int64.self) == 0)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `a reserve that nobody wants is everybody's after its time`() async throws {
        try await withCoupons { scene in
            let rules = """
                ,"reservesEndAt":"\(CouponScene.time(2))","rules":{"eligibility":[],"groups":[{"name":"西区","conditions":[
                {"organization":[\(scene.west)]}]}],"floors":[{"group":"西区","size":2}]}
                """
            let round = try await scene.announced(stock: 2, more: rules.filter { $0 != "\n" })
            let members = try await scene.members(3)
            #expect(try await scene.claims([members[0]], on: round.id, scene.at(hours: 1.5)).map(\.word) == ["sold_out"])
            #expect(
                try await scene.claims(members, on: round.id, scene.at(hours: 2.5)).map(\.word) == ["won", "won", "sold_out"])
        }
    }

    @Test func `accounts and addresses that flood are turned away before the database`() async throws {
        try await withCoupons { scene in
            let round = try await scene.announced(stock: 10)
            let members = try await scene.members(2)
            let limits = ClaimLimiter.Limits(perAddress: 1_000, perAccount: 2, accountSeconds: 1_000_000)
            let open = scene.at(hours: 2, limits: limits)
            let token = try await scene.token(of: members[0])
            #expect(try await scene.claim(round.id, open, by: token).result == .won)
            #expect(try await scene.claim(round.id, open, by: token).result == .limitReached)
            let path = "/v1/coupon-rounds/\(round.id)/claims"
            let third = await open.send(.post, path, #"{"requestId":"\#(UUID())"}"#, bearer: token)
            #expect((third.status, third.problemCode) == (429, "coupon.too_many_claims"))
            #expect(third.header("Retry-After") == "1000000")
            let tight = scene.at(hours: 2, limits: ClaimLimiter.Limits(perAddress: 0))
            let other = try await scene.token(of: members[1])
            #expect(await tight.send(.post, path, #"{"requestId":"\#(UUID())"}"#, bearer: other).status == 429)
        }
    }
}
