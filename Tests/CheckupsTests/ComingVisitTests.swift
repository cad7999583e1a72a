import HTTP
import Postgres
import Programs
import Registry
import Runtime
import Testing

@testable import Checkups

@Suite struct ComingVisitTests {
    @Test func `a van finds the visits of today and of two weeks, with their days`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published(days: 2)
            let second = try await scene.visit(of: campaign.id, campaign.package, site: "西镇", days: 1)
            func items(_ moment: CheckupScene.Moment, by bearer: String? = nil) async throws -> [ComingVisit] {
                let answer = await moment.send(.get, "/v1/device/visits", by: bearer ?? scene.van)
                #expect(answer.status == 200 && answer.header("Cache-Control") == "no-store")
                return try answer.json(ComingVisitList.self).items
            }
            let early = try await items(scene.at("08:00", day: -14))
            #expect(early.map(\.id) == [campaign.visit] && early.map(\.days) == [[scene.date()]], "\(second) has no sessions")
            #expect(early.map(\.isToday) == [false])
            let first = try #require(try await items(scene.at("00:10")).first)
            #expect(first.isToday && first.days == [scene.date(), scene.date(1)] && first.site == "科技园" && first.address == "创新大道 1 号")
            #expect(first.campaignId == campaign.id && first.campaignTitle.hasPrefix("体检"))
            #expect(try await items(scene.at("23:50", day: 1)).map(\.days) == [[scene.date(1)]])
            #expect(try await items(scene.at("08:00", day: -15)).isEmpty)
            #expect(try await items(scene.at("00:10", day: 2)).isEmpty)

            #expect(try await items(scene.at("08:00"), by: scene.owner).count == 1)
            _ = try await scene.database.query("update program set state = 'closed'")
            #expect(try await items(scene.at("08:00")).isEmpty, "its places are not given yet")
        }
    }

    @Test func `a van of another organization finds none`() async throws {
        try await withCheckups { scene in
            _ = try await scene.published()
            for (organization, count) in [(scene.town, 0), (scene.park, 1), (scene.city, 1)] {
                let pairing = try await scene.registry.devices.createPairing(
                    name: "van", profile: .van, organizationID: organization, by: "test")
                let key = try #require(try await scene.registry.devices.pair(code: pairing.code)).key
                let answer = await scene.at("08:00").send(.get, "/v1/device/visits", by: key)
                #expect(try answer.json(ComingVisitList.self).items.count == count)
            }
        }
    }
}
