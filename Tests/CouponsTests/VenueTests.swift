import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import Testing

@testable import Coupons

/// Venues, their devices, and the campaigns that they take part in.
@Suite struct VenueTests {
    private func create(_ scene: VenueScene, _ moment: VenueScene.Moment, in organization: ID<Organization>? = nil) async throws
        -> TestResponse
    {
        let body = VenueBody(
            organizationId: organization ?? scene.park, name: "=面馆", address: "创新大道 1 号", latitude: 31.8, longitude: 119.9)
        return await moment.send(.post, "/v1/venues", String(decoding: try JSON.encode(body), as: UTF8.self))
    }

    @Test func `a venue is added, changed and closed, and each is written down`() async throws {
        try await withVenues { scene in
            let moment = scene.moment()
            let made = try await create(scene, moment)
            let venue = try made.json(VenueAnswer.self)
            #expect(made.status == 201 && made.header("Location") == "/v1/venues/\(venue.id)" && venue.name == "=面馆")
            let path = "/v1/venues/\(venue.id)"
            let changed = await moment.send(
                .put, path, #"{"organizationId":\#(scene.park),"name":"粉店","address":"北街 2 号"}"#)
            #expect(try changed.json(VenueAnswer.self).name == "粉店" && changed.json(VenueAnswer.self).latitude == nil)
            let moved = await moment.send(.put, path, #"{"organizationId":\#(scene.town),"name":"粉店","address":"北街 2 号"}"#)
            #expect(moved.reasonCodes == ["venue.organization_changed"])
            let halfPlace = #"{"organizationId":\#(scene.park),"name":"粉店","address":"北街 2 号","latitude":3}"#
            #expect(await moment.send(.put, path, halfPlace).reasonCodes == ["venue.place_not_whole"])
            for _ in 0..<2 {
                let closed = await moment.send(.post, path + "/close", #"{"reason":"停业"}"#)
                #expect(try closed.json(VenueAnswer.self).closeReason == "停业")
            }
            #expect(try await moment.send(.get, "/v1/venues").json(VenueList.self).items.map(\.id) == [venue.id])
            let actions: [String] = try await scene.database.query(
                "select action from audit_entry where action like 'venue.%' order by entry_id"
            ).map { try $0.decode(0) }
            #expect(actions == ["venue.created", "venue.changed", "venue.closed"])
        }
    }

    @Test func `whoever has another subtree finds no venue, no campaign and no settlement, and adds none there`() async throws {
        try await withVenues { scene in
            let counter = try await scene.counter()
            let campaign = try await scene.campaign(at: [counter])
            let stranger = scene.organizer(of: scene.town)
            #expect(try await create(scene, stranger).reasonCodes == ["venue.organization_unknown"])
            let body = #"{"organizationId":\#(scene.park),"name":"粉店","address":"北街 2 号"}"#
            let venue = "/v1/venues/\(counter.id)"
            #expect(await stranger.send(.get, venue).problemCode == "venue.unknown")
            #expect(await stranger.send(.put, venue, body).problemCode == "venue.unknown")
            #expect(await stranger.send(.post, venue + "/close", #"{"reason":"x"}"#).problemCode == "venue.unknown")
            #expect(await stranger.send(.put, venue + "/devices/\(counter.device)").problemCode == "venue.unknown")
            #expect(await stranger.send(.delete, venue + "/devices/\(counter.device)").problemCode == "venue.unknown")
            #expect(try await stranger.send(.get, "/v1/venues").json(VenueList.self).items.isEmpty)
            let path = "/v1/coupon-campaigns/\(campaign)"
            #expect(await stranger.send(.get, path + "/venues").problemCode == "coupon.campaign_unknown")
            #expect(await stranger.send(.put, path + "/venues/\(counter.id)", "{}").problemCode == "coupon.campaign_unknown")
            #expect(await stranger.send(.delete, path + "/venues/\(counter.id)").problemCode == "coupon.campaign_unknown")
            let period = #"{"from":"2026-01-01T00:00:00Z","until":"2026-01-02T00:00:00Z"}"#
            #expect(await stranger.send(.post, path + "/settlements", period).problemCode == "coupon.campaign_unknown")
            #expect(await stranger.send(.get, path + "/settlements").problemCode == "coupon.campaign_unknown")
            #expect(await stranger.send(.get, path + "/settlements/1/file").problemCode == "coupon.campaign_unknown")
            let town = try await scene.counter("镇上", in: scene.town)
            let park = scene.organizer(of: scene.park)
            #expect(await park.send(.put, path + "/venues/\(town.id)", "{}").problemCode == "venue.unknown")
        }
    }

    @Test func `only a venue's device of one's own is bound, and it redeems where it was bound last`() async throws {
        try await withVenues { scene in
            let (here, there) = (try await scene.counter("甲"), try await scene.counter("乙"))
            let moment = scene.moment()
            let door = try await scene.registry.devices.create(name: "door", profile: .door).device.id
            #expect(await moment.send(.put, "/v1/venues/\(here.id)/devices/\(door)").problemCode == "venue.device_profile")
            #expect(await moment.send(.put, "/v1/venues/\(here.id)/devices/999").problemCode == "venue.device_unknown")
            let park = scene.organizer(of: scene.park)
            #expect(
                await park.send(.put, "/v1/venues/\(here.id)/devices/\(there.device)").problemCode == "venue.device_unknown",
                "the whole union's device is not the park's to bind")
            _ = try await scene.database.query("update device set organization_id = \(scene.park) where device_id = \(there.device)")
            let bound = try await park.send(.put, "/v1/venues/\(here.id)/devices/\(there.device)").json(VenueAnswer.self)
            #expect(bound.deviceIds == [here.device, there.device])
            let member = try await scene.members(1)[0]
            try await scene.coupon(of: scene.campaign(at: [here]), for: member)
            #expect(try await scene.show(member, at: there, moment).outcome == .redeemed, "it stands at the first venue now")
            let path = "/v1/venues/\(here.id)/devices/\(there.device)"
            #expect(try await moment.send(.delete, path).json(VenueAnswer.self).deviceIds == [here.device])
            #expect(await moment.send(.delete, path).status == 200)
            let text = String(decoding: try JSON.encode(scene.body(scene.code(member, moment), moment)), as: UTF8.self)
            #expect(await moment.send(.post, "/v1/redemptions", text, by: there.key).problemCode == "venue.device_unbound")
            #expect(try await scene.value("select count(*) from audit_entry where action = 'venue.device_unbound'", as: Int.self) == 1)
        }
    }

    @Test func `venues come and go while a campaign runs; goods have a stock, not below what is spoken for`() async throws {
        try await withVenues { scene in
            let counter = try await scene.counter()
            let (money, goods) = (try await scene.campaign(at: []), try await scene.campaign(at: [], goods: "礼包"))
            let moment = scene.moment()
            func put(_ campaign: ID<CouponCampaign>, _ body: String) async -> TestResponse {
                await moment.send(.put, "/v1/coupon-campaigns/\(campaign)/venues/\(counter.id)", body)
            }
            #expect(await put(money, #"{"stock":5}"#).reasonCodes == ["venue.stock_of_goods_only"])
            #expect(await put(goods, "{}").reasonCodes == ["venue.stock_of_goods_only"])
            #expect(await put(money, "{}").status == 200)
            #expect(try await put(goods, #"{"stock":5}"#).json(CampaignVenueAnswer.self).spokenFor == 0)
            _ = try await scene.database.query("update coupon_campaign_venue set spoken_for = 4 where stock is not null")
            #expect(await put(goods, #"{"stock":3}"#).problemCode == "venue.stock_below_spoken_for")
            #expect(try await put(goods, #"{"stock":4}"#).json(CampaignVenueAnswer.self).stock == 4)
            #expect(await put(goods, #"{"stock":4}"#).status == 200)
            let path = "/v1/coupon-campaigns/\(money)/venues"
            let removed = try await moment.send(.delete, path + "/\(counter.id)").json(CampaignVenueAnswer.self)
            let again = try await moment.send(.delete, path + "/\(counter.id)").json(CampaignVenueAnswer.self)
            #expect(removed.removedAt != nil && again.removedAt == removed.removedAt)
            #expect(await moment.send(.delete, path + "/999").problemCode == "venue.not_in_campaign")
            #expect(try await moment.send(.get, path).json(CampaignVenueList.self).items.map(\.removedAt) == [removed.removedAt])
            #expect(try await put(money, "{}").json(CampaignVenueAnswer.self).removedAt == nil)
            let steps: [String] = try await scene.database.query("select step from coupon_campaign_event order by event_id").map {
                try $0.decode(0)
            }
            #expect(steps == ["venue_added", "venue_added", "venue_changed", "venue_removed", "venue_added"])
            _ = try await scene.database.query("update venue set closed_at = now(), close_reason = 'x'")
            #expect(await put(money, "{}").problemCode == "venue.closed")
        }
    }
}
