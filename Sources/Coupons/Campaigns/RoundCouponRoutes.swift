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
                CouponRoundRoutes.id,
                .query("state", .oneOf(["given"] + Coupon.State.allCases.map(\.rawValue)), "In this state only; given: all but returned"),
                .query("organizationId", .id, "Of people of this organization or of one below it, when they claimed"),
                .query("group", .integer(0...7), "Of people of this group of the rules, from 0"),
            ] + PageCursor.parameters,
            responses: [.json(200, RoundCouponList.self, "Of whoever got one")],
            problems: [CouponProblem.roundUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let scope = request.scope(of: RegistryPermission.couponsRead)
            guard let round = try await rounds.find(request.parameter("id"), within: scope) else {
                throw Problem(CouponProblem.roundUnknown)
            }
            let state = request.optionalParameter("state", as: String.self)
            let filter = RoundCouponFilter(
                isGiven: state == "given", state: state.flatMap(Coupon.State.init(rawValue:)),
                organization: request.optionalParameter("organizationId"),
                group: request.optionalParameter("group", as: Int.self).map { Int32($0) })
            let (after, limit) = PageCursor.read(request, of: Coupon.self)
            let found = try await coupons.list(of: round.id, filter, before: after, limit: limit + 1)
            let page = PageCursor.page(found, limit: limit, id: \.id)
            let people = try await ShownMembers.people(page.items.map(\.memberId), members)
            let items = page.items.map { coupon in
                var coupon = coupon
                coupon.member = people[coupon.memberId].map(RedemptionMember.init)
                return coupon
            }
            return .json(RoundCouponList(items: items, next: page.next))
        }
    }
}
