package import Crypto
package import FoundationEssentials
import MemberCode
package import Postgres
package import Registry
package import Runtime

/// A code shown at a venue, its check done, on its way to the decision.
package struct VenueScan: Sendable {
    /// Made by the device; unique within the venue.
    package let requestID: UUID
    package let deviceID: ID<Device>
    /// `member_code`, `card`, `number`, `coupon_code`.
    package let kind: String
    /// Whose code it is; nil when it is not authentic, and for what is looked up when it is decided.
    package let memberID: ID<Member>?
    /// What the code itself is refused for.
    package let reason: CouponReason?
    /// What `access_credential` or `coupon_code` knows it by.
    package let digest: [UInt8]?
    package let pinDigest: [UInt8]?
    package let couponID: ID<Coupon>?
    package let spendFen: Int64
    package let occurredAt: Timestamp
    let fingerprint: [UInt8]
}

/// Tells what a venue's device read: a one-time code of a coupon, or what any device reads.
package struct VenueCodeReader: Sendable {
    private let reader: ShownCodeReader
    private let couponCodeKey: HMACKey

    package init(_ keys: Keys) {
        reader = ShownCodeReader(keys, for: "coupon")
        couponCodeKey = CouponCode.key(keys)
    }

    /// What was shown and asked, apart from the code.
    package struct Asked: Sendable {
        package let requestID: UUID
        package let deviceID: ID<Device>
        package let couponID: ID<Coupon>?
        package let spendFen: Int64
        package let occurredAt: Timestamp

        package init(requestID: UUID, deviceID: ID<Device>, couponID: ID<Coupon>?, spendFen: Int64, occurredAt: Timestamp) {
            self.requestID = requestID
            self.deviceID = deviceID
            self.couponID = couponID
            self.spendFen = spendFen
            self.occurredAt = occurredAt
        }
    }

    /// - Parameters:
    ///   - text: as read or typed; anything.
    ///   - pin: as typed with it; empty is none.
    ///   - nowMicroseconds: when it was shown, since 1970.
    package func scan(_ text: String, pin: String?, _ asked: Asked, nowMicroseconds: Int64) -> VenueScan {
        func scan(
            _ kind: String, _ member: ID<Member>?, _ reason: CouponReason?, _ digest: [UInt8]?, _ pin: [UInt8]?, said: [UInt8]
        ) -> VenueScan {
            VenueScan(
                requestID: asked.requestID, deviceID: asked.deviceID, kind: kind, memberID: member, reason: reason, digest: digest,
                pinDigest: pin, couponID: asked.couponID, spendFen: asked.spendFen, occurredAt: asked.occurredAt,
                fingerprint: reader.fingerprint(
                    "redeem \(asked.couponID?.rawValue ?? 0) \(asked.spendFen) \(asked.occurredAt.microseconds)", said: said))
        }
        if let code = CouponCode(text) {
            let digest = code.digest(couponCodeKey)
            return scan("coupon_code", nil, nil, digest, nil, said: digest)
        }
        let shown = reader.read(text, pin: pin, nowMicroseconds: nowMicroseconds)
        return scan(
            shown.kind.rawValue, shown.memberID, CouponReason(shown.fault), shown.digest, shown.pinDigest, said: shown.said)
    }
}

/// What was decided at a venue.
package enum VenueDecision: Sendable {
    case decided(Decided, isRepeat: Bool)
    /// The request id was used for something else.
    case conflict
    /// The device redeems at no venue.
    case unbound

    package enum Outcome: String, Codable, CaseIterable, Sendable {
        case redeemed
        /// It was taken without network when somebody else had taken it, or it was given back.
        case redeemedTwice = "redeemed_twice"
        case refused
    }

    package struct Decided: Sendable {
        package let outcome: Outcome
        package let reasons: [CouponReason]
        package let memberID: ID<Member>?
        package let coupon: ShownCoupon?
        /// What the union owes the venue for it, unless it is charged otherwise.
        package let amountFen: Int64?
        package let chargedTo: CouponCampaignFacts.OfflineCharge?
        package let decidedAt: Timestamp
        /// Where and when it was used before.
        package let earlier: (at: Timestamp, venueName: String)?
    }

    package struct ShownCoupon: Sendable {
        package let id: ID<Coupon>
        package let campaignID: ID<CouponCampaign>
        package let title: String
        package let goods: String?
        package let faceFen: Int64
    }
}
