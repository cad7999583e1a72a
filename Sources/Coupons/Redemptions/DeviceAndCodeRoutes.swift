import HTTP
import Postgres
import Registry
import Runtime

/// What a device holds for the time without network, and the code that a member reads out to it.
struct DeviceAndCodeRoutes: Sendable {
    let allowances: OfflineAllowanceStore
    let codes: CouponCodeStore
    let members: MemberStore

    var all: [Route] { [allowance, code] }

    private var allowance: Route {
        Route(
            .get, "/v1/redemptions/allowance",
            summary: "What a device needs to take coupons without network: its venue, campaigns, allowances, public keys",
            tag: VenueRoutes.tag, access: .permission(RegistryPermission.couponsRedeem),
            responses: [.json(200, OfflineAllowance.self, "All of one moment")],
            problems: [VenueProblem.deviceOnly, VenueProblem.deviceUnbound, RegistryProblem.databaseUnavailable]
        ) { request in
            guard let allowance = try await allowances.allowance(of: RedemptionRoutes.device(request)) else {
                throw Problem(VenueProblem.deviceUnbound)
            }
            return Response.json(allowance).with("Cache-Control", "no-store")
        }
    }

    private var code: Route {
        Route(
            .post, "/v1/me/coupons/{couponId}/code", summary: "A one-time code for a coupon, to be read out; an older one ends",
            tag: "Me", access: .permission(RegistryPermission.me), parameters: [.path("couponId", .id, "Your coupon")],
            responses: [.json(201, CouponCodeAnswer.self, "Shown this once; good for 5 minutes")],
            problems: [VenueProblem.couponUnknown, VenueProblem.couponNotUsable, RegistryProblem.databaseUnavailable]
        ) { request in
            let numbers = try await members.numbers(of: request.member.memberID)
            switch try await codes.make(request.parameter("couponId"), of: numbers) {
            case .unknown: throw Problem(VenueProblem.couponUnknown)
            case .notUsable: throw Problem(VenueProblem.couponNotUsable)
            case .made(let code, let expiresAt):
                return Response.json(CouponCodeAnswer(code: code.text, expiresAt: expiresAt.description), status: 201)
                    .with("Cache-Control", "no-store")
            }
        }
    }
}

struct CouponCodeAnswer: Codable, Sendable, APIType {
    let code: String
    let expiresAt: String

    static let schema = Schema.object(
        "CouponCode", "A one-time code that stands for one coupon",
        [
            .required("code", .string(11...11), "As read out: two groups of five"),
            .required("expiresAt", .dateTime, "Or once it is used, or a new one is made"),
        ])
}
