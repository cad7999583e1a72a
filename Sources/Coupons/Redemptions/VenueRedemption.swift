import HTTP
import Postgres
import Registry
import Runtime

/// A redemption as the organizers of its campaign see it: what they need to find and to refund it.
struct VenueRedemption: Codable, Sendable, APIType {
    enum State: String, Codable, CaseIterable, Sendable {
        case redeemed
        case redeemedTwice = "redeemed_twice"
        case annulled
        case refunded
    }

    let requestId: String
    let state: State
    let couponId: ID<Coupon>
    let campaignId: ID<CouponCampaign>
    let title: String
    let goods: String?
    let amountFen: Int64
    let spendFen: Int64
    let chargedTo: CouponCampaignFacts.OfflineCharge?
    let isOffline: Bool
    let deviceId: ID<Device>?
    var member: RedemptionMember?
    let occurredAt: String
    let recordedAt: String
    let undoneAt: String?

    static let schema = Schema.object(
        "VenueRedemption", "A coupon that was used at a venue",
        [
            .required("requestId", .uuid, "As on the receipt: what it is refunded by"),
            .required(
                "state", .oneOf(State.allCases.map(\.rawValue)),
                "redeemed: it stands; redeemed_twice: taken without network when it was used elsewhere, or given back"),
            .required("couponId", .id), .required("campaignId", .id), .required("title", .string(1...100), "The campaign's"),
            .optional("goods", .string(1...100), "What was handed out; absent: money off the bill"),
            .required("amountFen", .integer(0...10_000_000), "What came off the bill"),
            .required("spendFen", .integer(0...100_000_000), "What the bill came to; 0 for goods"),
            .optional(
                "chargedTo", .oneOf(CouponCampaignFacts.OfflineCharge.allCases.map(\.rawValue)),
                "Who bears what was taken without network twice or beyond the allowance; absent: the union, as planned"),
            .required("isOffline", .boolean, "Taken without network, and told later"), .optional("deviceId", .id),
            .optional("member", RedemptionMember.schema, "Whose coupon it was, masked"),
            .required("occurredAt", .dateTime, "By the device's clock"), .required("recordedAt", .dateTime, "By the service's"),
            .optional("undoneAt", .dateTime, "When it was annulled or refunded"),
        ])
}

struct VenueRedemptionList: Codable, Sendable, APIType {
    let items: [VenueRedemption]
    let next: String?

    static let schema = Schema.object(
        "VenueRedemptionList", "A page of redemptions, those recorded last first",
        [
            .required("items", [VenueRedemption].schema),
            .optional("next", TimeCursor.schema, "Where the list goes on; absent on the last page"),
        ])
}
