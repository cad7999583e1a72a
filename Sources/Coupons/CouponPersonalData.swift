import Postgres
import Registry
import Runtime

/// What coupons keep of a person: coupons, claims, uses at venues, one-time codes. What a venue's device sent besides is an HMAC.
struct CouponPersonalData: Sendable {
    let own: OwnCouponStore
    let people: CouponPersonStore

    private static let couponsMax = 10_000

    private struct Kept: Encodable, Sendable {
        let coupons: [OwnCouponAnswer]
        let claims: [CouponPersonStore.Claim]
        let redemptions: [CouponPersonStore.Use]
        let events: [CouponPersonStore.Event]
        let codes: [CouponPersonStore.Code]
    }

    var section: PersonalDataSection {
        PersonalDataSection("coupons") { ids, querying in
            Kept(
                coupons: try await own.coupons(of: ids, limit: Self.couponsMax, in: querying),
                claims: try await people.claims(of: ids, in: querying), redemptions: try await people.uses(of: ids, in: querying),
                events: try await people.events(of: ids, in: querying), codes: try await people.codes(of: ids, in: querying))
        } erase: { ids, querying in
            try await people.forget(ids, in: querying)
        }
    }
}
