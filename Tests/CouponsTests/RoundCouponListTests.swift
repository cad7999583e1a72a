import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Coupons

/// The rows behind a round's figures: who got its coupons.
@Suite struct RoundCouponListTests {
    private static func list(_ round: ID<CouponRound>, _ moment: CouponScene.Moment, _ query: String = "") async throws -> RoundCouponList {
        let answer = await moment.send(.get, "/v1/coupon-rounds/\(round)/coupons\(query)")
        try #require(answer.status == 200 && answer.undeclared == nil, "\(answer.text)")
        return try answer.json(RoundCouponList.self)
    }

    @Test func `what the figures count is listed: by organization, group and state, page by page`() async throws {
        try await withCoupons { scene in
            let rules = """
                ,"rules":{"eligibility":[],"groups":[{"name":"东区","conditions":[{"organization":[\(scene.east)]}]},
                {"name":"西区","conditions":[{"organization":[\(scene.west)]}]}]}
                """
            let round = try await scene.announced(stock: 5, more: rules)
            let open = scene.at(hours: 2)
            let (western, eastern) = (try await scene.members(2, in: scene.west), try await scene.members(2))
            var mine: [ID<Coupon>] = []
            for member in western + eastern {
                mine.append(try #require(try await scene.claim(round.id, open, by: scene.token(of: member)).couponId))
            }
            let back = await open.send(.post, "/v1/me/coupons/\(mine[3])/return", bearer: try await scene.token(of: eastern[1]))
            #expect(back.status == 200)

            let all = try await Self.list(round.id, open)
            #expect(all.items.map(\.id) == mine.reversed() && all.next == nil)
            #expect(all.items.map(\.memberId) == (western + eastern).reversed())
            #expect(all.items.map(\.state) == [.returned, .claimed, .claimed, .claimed])
            #expect(all.items.map(\.groups) == [[0], [0], [1], [1]])
            #expect(all.items.map(\.organizationId) == [scene.east, scene.east, scene.west, scene.west])
            #expect(all.items.allSatisfy { $0.faceFen == 5_000 && $0.venueId == nil })

            var (seen, query): ([ID<Coupon>], String?) = ([], "?limit=1")
            while let next = query {
                let page = try await Self.list(round.id, open, next)
                seen += page.items.map(\.id)
                query = page.next.map { "?limit=1&after=\($0)" }
            }
            #expect(seen == all.items.map(\.id))

            let figures = try await open.send(.get, "/v1/coupon-rounds/\(round.id)/figures").json(RoundFigures.self)
            #expect(figures.groups.map(\.winners) == [1, 2])
            for (number, group) in figures.groups.enumerated() {
                #expect(try await Self.list(round.id, open, "?state=given&group=\(number)").items.count == Int(group.winners))
            }
            for branch in figures.organizations {
                let listed = try await Self.list(round.id, open, "?state=given&organizationId=\(branch.organizationId)")
                #expect(listed.items.count == Int(branch.winners))
            }
            #expect(try await Self.list(round.id, open, "?state=given&organizationId=\(scene.city)").items.count == 3)
            #expect(try await Self.list(round.id, open, "?state=returned").items.map(\.id) == [mine[3]])
            #expect(try await Self.list(round.id, open, "?state=redeemed").items.isEmpty)
        }
    }

    @Test func `a page is read off the round's index, and another's round is none`() async throws {
        try await withCoupons { scene in
            let round = try await scene.announced(stock: 50)
            let open = scene.at(hours: 2)
            _ = try await scene.claims(try await scene.members(40), on: round.id, open)
            _ = try await scene.database.query("analyze")
            let reads = try await tableReads(scene.database) { (querying) async throws(PostgresError) in
                for filter in [
                    RoundCouponFilter(), RoundCouponFilter(isGiven: true, organization: scene.west, group: 0),
                    RoundCouponFilter(state: .redeemed),
                ] {
                    _ = try await querying.query(RoundCouponStore.statement(round.id, filter, before: nil, limit: 51))
                }
            }
            #expect(!reads.whole.contains("coupon"), "\(reads.whole)")
            let stranger = await open.send(.get, "/v1/coupon-rounds/4711/coupons")
            #expect(stranger.status == 404 && stranger.problemCode == "coupon.round_unknown")
        }
    }
}
