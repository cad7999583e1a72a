import HTTP
import Postgres
import Registry
import Runtime

/// A coupon of a round, as those who give it see it.
struct RoundCoupon: Codable, Sendable, APIType {
    let id: ID<Coupon>
    /// Who goes on, of who was merged.
    let memberId: ID<Member>
    var member: RedemptionMember?
    let state: Coupon.State
    let faceFen: Int64
    let organizationId: ID<Organization>
    let organizationName: String
    /// The round's groups that the person was of, by their numbers from 0.
    let groups: [Int]
    let venueId: ID<Venue>?
    let claimedAt: String
    let changedAt: String

    static let schema = Schema.object(
        "RoundCoupon", "A coupon that somebody got in a round, and what became of it",
        [
            .required("id", .id), .required("memberId", .id),
            .optional("member", RedemptionMember.schema, "Masked; absent once the person was forgotten"),
            .required("state", .oneOf(Coupon.State.allCases.map(\.rawValue))),
            .required("faceFen", .integer(1...10_000_000)),
            .required("organizationId", .id, "Where the person belonged when it was claimed"),
            .required("organizationName", .string(1...100)),
            .required("groups", .array(of: .integer(0...7), 0...8), "Which of the rules' groups the person was of, from 0"),
            .optional("venueId", .id, "Of goods: where they are picked up"), .required("claimedAt", .dateTime),
            .required("changedAt", .dateTime, "When its state last changed"),
        ])
}

struct RoundCouponList: Codable, Sendable, APIType {
    let items: [RoundCoupon]
    let next: String?

    static let schema = Schema.object(
        "RoundCouponList", "A page of a round's coupons, the last first",
        [.required("items", [RoundCoupon].schema), PageCursor.next])
}

/// Which coupons of a round are asked for; nil asks for all.
struct RoundCouponFilter: Sendable {
    /// Not among those given back.
    var isGiven = false
    var state: Coupon.State?
    /// Of this organization or of one below it.
    var organization: ID<Organization>?
    /// Of this group of the rules, from 0.
    var group: Int32?
}
