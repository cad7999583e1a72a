import HTTP
import Postgres
import Registry
import Runtime

/// Who got a round's coupons: the rows behind its figures. A claim that got nothing left no row, only a count.
struct RoundCouponRoutes: Sendable {
    let rounds: CouponRoundStore
    let coupons: RoundCouponStore
    let members: MemberStore

    var all: [Route] { [list] }

    private var list: Route {
        Route(
            .get, "/v1/coupon-rounds/{id}/coupons", summary: "Lists the coupons that a round gave, the last first",
            tag: CouponCampaignRoutes.tag, access: .permission(RegistryPermission.couponsRead),
            parameters: [
                CouponRoundRoutes.id, .query("limit", .integer(1...200), "Items in the answer, 50 by default"),
                .query("after", .id, "The answer before gave it as next"),
                .query("state", .oneOf(["given"] + Coupon.State.allCases.map(\.rawValue)), "In this state only; given: all but returned"),
                .query("organizationId", .id, "Of people of this organization or of one below it, when they claimed"),
                .query("group", .integer(0...7), "Of people of this group of the rules, from 0"),
            ],
            responses: [.json(200, RoundCouponList.self, "Of whoever got one")],
            problems: [CouponProblem.roundUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let scope = request.scope(of: RegistryPermission.couponsRead)
            guard let round = try await rounds.find(request.parameter("id"), within: scope) else {
                throw Problem(CouponProblem.roundUnknown)
            }
            let state = request.optionalParameter("state", as: String.self)
            let filter = RoundCouponFilter(
                isGiven: state == "given" ? true : nil, state: state.flatMap(Coupon.State.init(rawValue:)),
                organization: request.optionalParameter("organizationId"),
                group: request.optionalParameter("group", as: Int.self).map { Int32($0) })
            let limit = request.optionalParameter("limit", as: Int.self) ?? 50
            let found = try await coupons.list(
                of: round.id, filter, before: request.optionalParameter("after"), limit: limit + 1)
            let shown = found.prefix(limit)
            let people = try await ShownMembers.people(shown.map(\.memberId), members)
            let items = shown.map { coupon in
                var coupon = coupon
                coupon.member = people[coupon.memberId].map(RedemptionMember.init)
                return coupon
            }
            return Response.json(RoundCouponList(items: items, next: found.count > limit ? shown.last?.id : nil))
                .with("Cache-Control", "no-store")
        }
    }
}
