import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import Testing

@testable import Coupons

/// What was redeemed is taken back: at the counter at once, later by an organizer.
@Suite struct UndoTests {
    @Test func `the device takes back within 15 minutes, again without effect, and the coupon is usable`() async throws {
        try await withVenues { scene in
            let (counter, other) = (try await scene.counter(), try await scene.counter("书店"))
            let member = try await scene.members(1)[0]
            let coupon = try await scene.coupon(of: scene.campaign(at: [counter, other]), for: member)
            let moment = scene.moment()
            let ids = (0..<2).map { _ in VenueScene.requestID() }
            _ = try await scene.show(member, at: counter, moment, id: ids[0])
            let second = try await scene.registry.devices.create(name: "second", profile: .venue)
            try await scene.bind(VenueScene.Counter(id: counter.id, device: second.device.id, key: second.key))
            #expect(
                await moment.send(.post, "/v1/redemptions/\(ids[0])/annul", by: second.key).problemCode == "coupon.redemption_foreign")
            let late = await scene.annul(ids[0], at: counter, scene.moment(901))
            #expect(late.problemCode == "coupon.annulment_too_late")
            let undone = try await scene.annul(ids[0], at: counter, scene.moment(890)).json(UndoAnswer.self)
            #expect(undone.wasTaken && undone.couponId == coupon && undone.amountFen == 5_000)
            let again = try await scene.annul(ids[0], at: counter, scene.moment(9_000)).json(UndoAnswer.self)
            #expect(again.undoneAt == undone.undoneAt && again.wasTaken)
            #expect(try await scene.state(of: coupon) == "annulled")
            #expect(try await scene.show(member, at: other, moment, id: ids[1]).outcome == .redeemed)
            #expect(try await scene.value("select count(*) from coupon_event where event = 'annulled'", as: Int.self) == 1)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `in doubt a device annuls what it asked for, and a request that comes after that takes nothing`() async throws {
        try await withVenues { scene in
            let (counter, other) = (try await scene.counter(), try await scene.counter("书店"))
            let member = try await scene.members(1)[0]
            let coupon = try await scene.coupon(of: scene.campaign(at: [counter, other]), for: member)
            let moment = scene.moment()
            let body = scene.body(scene.code(member, moment), moment)
            let undone = try await scene.annul(body.requestId, at: counter, moment).json(UndoAnswer.self)
            #expect(!undone.wasTaken && undone.couponId == nil)
            for _ in 0..<2 {
                let late = try await scene.show(body, at: counter, moment)
                #expect(late.outcome == .refused && late.reasons.map(\.code) == ["coupon.annulled_before"])
            }
            #expect(try await scene.annul(body.requestId, at: counter, moment).json(UndoAnswer.self).wasTaken == false)
            #expect(try await scene.state(of: coupon) == "claimed")
            // Another venue's request ids are its own: a stranger's annulment there stops nothing here.
            let second = scene.body(scene.code(member, moment), moment)
            _ = await scene.annul(second.requestId, at: other, moment)
            #expect(try await scene.show(second, at: counter, moment).outcome == .redeemed)
        }
    }

    @Test func `an organizer of the campaign gives back later, once; others do not know of it`() async throws {
        try await withVenues { scene in
            let counter = try await scene.counter()
            let member = try await scene.members(1)[0]
            let coupon = try await scene.coupon(of: scene.campaign(at: [counter]), for: member)
            let moment = scene.moment()
            let id = VenueScene.requestID()
            #expect(await scene.refund(id, of: counter.id, moment).problemCode == "coupon.redemption_unknown")
            _ = try await scene.show(member, at: counter, moment, id: id)
            let stranger = scene.organizer(of: scene.town)
            #expect(await scene.refund(id, of: counter.id, stranger).problemCode == "coupon.redemption_unknown")
            let day = scene.moment(86_400)
            let first = try await scene.refund(id, of: counter.id, day).json(UndoAnswer.self)
            let second = try await scene.refund(id, of: counter.id, day).json(UndoAnswer.self)
            #expect(first.couponId == coupon && first.undoneAt == second.undoneAt)
            #expect(await scene.annul(id, at: counter, moment).problemCode == "coupon.redemption_not_standing")
            #expect(try await scene.state(of: coupon) == "refunded")
            #expect(try await scene.value("select count(*) from audit_entry where action = 'coupon.refunded'", as: Int.self) == 1)
            #expect(try await scene.show(member, at: counter, moment).outcome == .redeemed)
            #expect(try await scene.outOfBalance() == 0)
        }
    }
}
