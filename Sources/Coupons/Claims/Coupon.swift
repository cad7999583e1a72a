package import Postgres
package import Registry
package import Runtime

/// A coupon that somebody has, and what became of it.
package struct Coupon: Sendable {
    package let id: ID<Coupon>
    package let memberID: ID<Member>
    package let roundID: ID<CouponRound>
    package let campaignID: ID<CouponCampaign>
    package let state: State
    package let faceFen: Int64
    /// Of goods: where they are picked up.
    package let venueID: ID<Venue>?
    package let claimedAt: Timestamp
    package let changedAt: Timestamp

    /// What became of it.
    package enum State: String, Codable, CaseIterable, Sendable {
        case claimed
        case redeemed
        /// Its use was undone by the device that took it, within 15 minutes: usable.
        case annulled
        /// Its use was given back later: usable.
        case refunded
        case expired
        /// Given back unused: stock again.
        case returned

        /// Whether its person may still use it.
        package var isHeld: Bool {
            switch self {
            case .claimed, .annulled, .refunded: true
            case .redeemed, .expired, .returned: false
            }
        }
    }
}

/// A business where coupons are redeemed, or a place where goods are picked up (定点服务单位).
package struct Venue: Sendable {
    package let id: ID<Venue>
    package let organizationID: ID<Organization>
    package let name: String
    package let address: String
    /// Degrees, WGS 84.
    package let latitude: Double?
    package let longitude: Double?
    package let closedAt: Timestamp?
}
