import Crypto
import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import Testing

@testable import Coupons

/// A code that is read out stands for one coupon, for five minutes, once.
@Suite struct CouponCodeTests {
    @Test func `a code is ten characters in two groups, and typing is forgiven`() throws {
        for _ in 0..<100 {
            let code = CouponCode.random()
            #expect(code.text.utf8.count == 11 && CouponCode(code.text) == code && CouponCode(code.text.lowercased()) == code)
            #expect(!code.text.contains { "01ILOU".contains($0) })
            #expect("\(code)" == "CouponCode(hidden)")
        }
        #expect(CouponCode(" k7qm2 xwd9f ") == CouponCode("K7QM2-XWD9F"))
        for text in ["", "K7QM2-XWD9", "K7QM2-XWD9FF", "K7QM2-XWD90", "WS1:AAAAAA", "12345678"] { #expect(CouponCode(text) == nil) }
        let keys = (Keys.random(), Keys.random())
        let code = try #require(CouponCode("K7QM2-XWD9F"))
        #expect(code.digest(CouponCode.key(keys.0)) == code.digest(CouponCode.key(keys.0)))
        #expect(code.digest(CouponCode.key(keys.0)) != code.digest(CouponCode.key(keys.1)))
    }

    private func make(_ coupon: ID<Coupon>, _ token: String, _ moment: VenueScene.Moment) async throws -> String {
        let answer = await moment.send(.post, "/v1/me/coupons/\(coupon)/code", by: token)
        try #require(answer.status == 201, "\(answer.text)")
        return try answer.json(CouponCodeAnswer.self).code
    }

    @Test func `a code redeems its coupon once; a newer one ends it, and so do five minutes`() async throws {
        try await withVenues { scene in
            let counter = try await scene.counter()
            let member = try await scene.members(1)[0]
            let campaign = try await scene.campaign(at: [counter])
            let coupons = [try await scene.coupon(of: campaign, for: member), try await scene.coupon(of: campaign, for: member)]
            let token = try await scene.token(of: member)
            let moment = scene.moment()
            func show(_ code: String, _ moment: VenueScene.Moment, coupon: ID<Coupon>? = nil) async throws -> RedemptionAnswer {
                try await scene.show(scene.body(code, moment, coupon: coupon), at: counter, moment)
            }
            let old = try await make(coupons[1], token, moment)
            let code = try await make(coupons[1], token, moment)
            #expect(try await show(old, moment).reasons.map(\.code) == ["coupon.code_unknown"])
            #expect(try await show(code, moment, coupon: coupons[0]).reasons.map(\.code) == ["coupon.unknown"], "of another coupon")
            #expect(try await show(code, scene.moment(301)).reasons.map(\.code) == ["coupon.code_expired"])
            #expect(try await show(code.lowercased(), moment).coupon?.id == coupons[1])
            #expect(try await show(code, moment).reasons.map(\.code) == ["coupon.code_unknown"], "used")
            #expect(try await scene.value("select count(*) from coupon_code", as: Int.self) == 0)
            let kept = try await make(coupons[0], token, moment)
            #expect(try await scene.value("select count(*) from coupon_code where length(digest) = 32", as: Int.self) == 1)
            #expect(try await moment.redeeming.codes.purge(limit: 10) == 0)
            #expect(try await scene.moment(4_000).redeeming.codes.purge(limit: 10) == 1 && !kept.isEmpty)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `codes are one's own, of coupons that are usable`() async throws {
        try await withVenues { scene in
            let members = try await scene.members(2)
            let campaign = try await scene.campaign(at: [])
            let coupon = try await scene.coupon(of: campaign, for: members[0])
            let used = try await scene.coupon(of: campaign, for: members[0], state: "expired")
            let moment = scene.moment()
            let tokens = [try await scene.token(of: members[0]), try await scene.token(of: members[1])]
            let path = "/v1/me/coupons/\(coupon)/code"
            #expect(await moment.send(.post, path, by: tokens[1]).problemCode == "coupon.unknown")
            #expect(await moment.send(.post, "/v1/me/coupons/\(used)/code", by: tokens[0]).problemCode == "coupon.own_not_usable")
            #expect(await moment.send(.post, path, by: tokens[0]).status == 201)
        }
    }

    @Test func `who guesses is stopped after twenty wrong ones an hour, and learns nothing by a right one then`() async throws {
        try await withVenues { scene in
            let (counter, other) = (try await scene.counter(), try await scene.counter("书店"))
            let member = try await scene.members(1)[0]
            let coupon = try await scene.coupon(of: scene.campaign(at: [counter, other]), for: member)
            let token = try await scene.token(of: member)
            let moment = scene.moment()
            func show(_ code: String, at counter: VenueScene.Counter, _ moment: VenueScene.Moment) async throws -> [String] {
                try await scene.show(scene.body(code, moment), at: counter, moment).reasons.map(\.code)
            }
            for _ in 0..<20 { #expect(try await show(CouponCode.random().text, at: counter, moment) == ["coupon.code_unknown"]) }
            let code = try await make(coupon, token, moment)
            #expect(try await show(code, at: counter, moment) == ["coupon.too_many_codes"])
            #expect(try await scene.show(member, at: counter, moment, coupon: ID(99)).reasons.map(\.code) == ["coupon.unknown"])
            #expect(try await show(code, at: other, moment) == [], "other devices go on")
            let later = scene.moment(3_700)
            #expect(try await show(CouponCode.random().text, at: counter, later) == ["coupon.code_unknown"])
        }
    }
}
