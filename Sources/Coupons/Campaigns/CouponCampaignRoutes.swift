import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// Campaigns: made, changed, paused and read by those who give.
struct CouponCampaignRoutes: Sendable {
    let campaigns: CouponCampaignStore
    let audit: AuditStore
    let idempotency: IdempotencyStore

    static let tag = "Coupons"
    static let id = Parameter.path("id", .id, "The campaign")
    private typealias P = RegistryPermission

    var all: [Route] { [create, list, read, change, pause, resume] }

    private var create: Route {
        Route(
            .post, "/v1/coupon-campaigns", summary: "Makes a campaign of coupons", tag: Self.tag, access: .permission(P.couponsWrite),
            parameters: [IdempotencyStore.parameter], body: .json(CouponCampaignBody.self, limitBytes: 4_096),
            responses: [.json(201, CouponCampaignAnswer.self, "The campaign; nothing is given before a round is announced")],
            problems: [CouponProblem.invalid, CouponProblem.organizationUnknown] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(CouponCampaignBody.self)
            let facts = body.facts
            let faults = facts.faults()
            guard faults.isEmpty else { throw CouponProblem.invalid(faults) }
            let subject = request.principal?.subject ?? "anyone"
            return try await idempotency.once(request) { querying in
                let outcome = try await campaigns.create(
                    facts, of: body.organizationId, within: request.scope(of: P.couponsWrite), by: subject, in: querying)
                switch outcome {
                case .created(let campaign):
                    try await note("created", campaign, request, in: querying)
                    return Self.answer(campaign, status: 201).with("Location", "/v1/coupon-campaigns/\(campaign.id)")
                case .organizationUnknown: throw Problem(CouponProblem.organizationUnknown)
                case .timeZoneUnknown: throw Self.timeZoneUnknown
                }
            }
        }
    }

    static let timeZoneUnknown = CouponProblem.invalid([
        Violation("coupon.time_zone_unknown", pointer: "/timeZone", zh: "未知的时区", en: "There is no such time zone")
    ])

    private var list: Route {
        Route(
            .get, "/v1/coupon-campaigns", summary: "Lists campaigns in the order of their numbers", tag: Self.tag,
            access: .permission(P.couponsRead), parameters: PageCursor.parameters,
            responses: [.json(200, CouponCampaignList.self, "A page")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (after, limit) = PageCursor.read(request, of: CouponCampaign.self)
            let found = try await campaigns.list(within: request.scope(of: P.couponsRead), after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(CouponCampaignList(items: items.map(CouponCampaignAnswer.init), next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/coupon-campaigns/{id}", summary: "One campaign", tag: Self.tag, access: .permission(P.couponsRead),
            parameters: [Self.id], responses: [.json(200, CouponCampaignAnswer.self, "The campaign; its ETag names the version")],
            problems: [CouponProblem.campaignUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            guard let found = try await campaigns.find(request.parameter("id"), within: request.scope(of: P.couponsRead)) else {
                throw Problem(CouponProblem.campaignUnknown)
            }
            return Self.answer(found)
        }
    }

    private var change: Route {
        Route(
            .put, "/v1/coupon-campaigns/{id}",
            summary: "Replaces what a campaign says; once a round was announced only title, budget, offlineMax and a later lastOn",
            tag: Self.tag, access: .permission(P.couponsWrite), parameters: [Self.id, EntityTag.ifMatch],
            body: .json(CouponCampaignBody.self, limitBytes: 4_096),
            responses: [.json(200, CouponCampaignAnswer.self, "As it is now")],
            problems: [
                CouponProblem.campaignUnknown, CouponProblem.changed, CouponProblem.invalid, CouponProblem.frozen,
                CouponProblem.beyondBudget, CouponProblem.organizationUnknown, RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let body = try request.json(CouponCampaignBody.self)
            let facts = body.facts
            let faults = facts.faults()
            guard faults.isEmpty else { throw CouponProblem.invalid(faults) }
            return try await idempotency.once(request) { querying in
                let campaign = try await hold(request, in: querying)
                // Whose it is does not change: scopes hang on it.
                guard body.organizationId == campaign.organizationID else { throw Problem(CouponProblem.organizationUnknown) }
                switch try await campaigns.change(campaign, to: facts, in: querying) {
                case .changed: break
                case .beyondBudget: throw Problem(CouponProblem.beyondBudget)
                case .frozen: throw Problem(CouponProblem.frozen)
                case .timeZoneUnknown: throw Self.timeZoneUnknown
                }
                return try await changed("changed", campaign, request, in: querying)
            }
        }
    }

    private var pause: Route {
        Route(
            .post, "/v1/coupon-campaigns/{id}/pause", summary: "Stops all claims and redemptions, until it is resumed", tag: Self.tag,
            access: .permission(P.couponsWrite), parameters: [Self.id, IdempotencyStore.parameter],
            body: .json(PauseBody.self, limitBytes: 4_096), responses: [.json(200, CouponCampaignAnswer.self, "As it is now")],
            problems: [CouponProblem.campaignUnknown] + IdempotencyStore.problems
        ) { request in
            let reason = try request.json(PauseBody.self).reason
            return try await idempotency.once(request) { querying in
                let campaign = try await hold(request, in: querying)
                try await campaigns.pause(campaign.id, reason: reason, in: querying)
                return try await changed("paused", campaign, request, reason: reason, in: querying)
            }
        }
    }

    private var resume: Route {
        Route(
            .post, "/v1/coupon-campaigns/{id}/resume", summary: "Lets claims and redemptions go on", tag: Self.tag,
            access: .permission(P.couponsWrite), parameters: [Self.id, IdempotencyStore.parameter],
            responses: [.json(200, CouponCampaignAnswer.self, "As it is now")],
            problems: [CouponProblem.campaignUnknown] + IdempotencyStore.problems
        ) { request in
            try await idempotency.once(request) { querying in
                let campaign = try await hold(request, in: querying)
                try await campaigns.pause(campaign.id, reason: nil, in: querying)
                return try await changed("resumed", campaign, request, in: querying)
            }
        }
    }

    /// - Throws: `coupon.campaign_unknown`, for what lies outside and for what does not exist alike; `coupon.changed`.
    private func hold(_ request: Request, in querying: any Querying) async throws -> CouponCampaign {
        let scope = request.scope(of: P.couponsWrite)
        guard let campaign = try await campaigns.hold(request.parameter("id"), within: scope, in: querying) else {
            throw Problem(CouponProblem.campaignUnknown)
        }
        if let version = request.versionToChange, version != campaign.version { throw Problem(CouponProblem.changed) }
        return campaign
    }

    private func changed(
        _ step: String, _ campaign: CouponCampaign, _ request: Request, reason: String? = nil, in querying: any Querying
    ) async throws -> Response {
        try await note(step, campaign, request, reason: reason, in: querying)
        guard let after = try await campaigns.find(campaign.id, in: querying) else { throw Problem(CouponProblem.campaignUnknown) }
        return Self.answer(after)
    }

    private func note(
        _ step: String, _ campaign: CouponCampaign, _ request: Request, reason: String? = nil, in querying: any Querying
    ) async throws {
        try await campaigns.note(step, on: campaign.id, reason: reason, by: request.principal?.subject ?? "anyone", in: querying)
        try await audit.record(
            "coupon_campaign.\(step)", subject: "coupon_campaign:\(campaign.id)", organization: campaign.organizationID, request,
            in: querying)
    }

    private static func answer(_ campaign: CouponCampaign, status: Int = 200) -> Response {
        Response.json(CouponCampaignAnswer(campaign), status: status).with("ETag", EntityTag.of(version: campaign.version))
    }
}
