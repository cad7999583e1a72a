import HTTP
import Postgres
import Registry
import Runtime

/// Where the coupons of a campaign are good.
struct CampaignVenueRoutes: Sendable {
    let taking: CampaignVenueStore
    let venues: VenueStore
    let audit: AuditStore
    let idempotency: IdempotencyStore

    var all: [Route] { [list, put, remove] }

    static let campaignID = Parameter.path("id", .id, "The campaign")
    private static let venueID = Parameter.path("venueId", .id, "The venue")

    /// - Throws: `venue.campaign_unknown`, for what lies outside and for what does not exist alike.
    static func campaign(
        _ request: Request, _ permission: Permission, _ taking: CampaignVenueStore, in querying: (any Querying)? = nil
    ) async throws -> CampaignVenueStore.Campaign {
        guard let found = try await taking.campaign(request.parameter("id"), within: request.scope(of: permission), in: querying) else {
            throw Problem(VenueProblem.campaignUnknown)
        }
        return found
    }

    private var list: Route {
        Route(
            .get, "/v1/coupon-campaigns/{id}/venues", summary: "A campaign's venues", tag: VenueRoutes.tag,
            access: .permission(RegistryPermission.couponsRead), parameters: [Self.campaignID] + PageCursor.parameters,
            responses: [.json(200, CampaignVenueList.self, "Those removed among them")],
            problems: [VenueProblem.campaignUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let campaign = try await Self.campaign(request, RegistryPermission.couponsRead, taking)
            let (after, limit) = PageCursor.read(request, of: Venue.self)
            let found = try await taking.list(of: campaign.id, after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.venueId)
            return .json(CampaignVenueList(items: items, next: next))
        }
    }

    private var put: Route {
        Route(
            .put, "/v1/coupon-campaigns/{id}/venues/{venueId}",
            summary: "Adds a venue to a campaign, or changes how many goods can be picked up there", tag: VenueRoutes.tag,
            access: .permission(RegistryPermission.couponsWrite), parameters: [Self.campaignID, Self.venueID],
            body: .json(CampaignVenueBody.self, limitBytes: 1_024),
            responses: [.json(200, CampaignVenueAnswer.self, "The venue in the campaign; again changes nothing")],
            problems: [
                VenueProblem.campaignUnknown, VenueProblem.unknown, VenueProblem.closed, VenueProblem.invalid,
                VenueProblem.stockBelowSpokenFor,
            ] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(CampaignVenueBody.self)
            return try await idempotency.once(request) { querying in
                let campaign = try await Self.campaign(request, RegistryPermission.couponsWrite, taking, in: querying)
                let scope = request.scope(of: RegistryPermission.couponsWrite)
                guard let venue = try await venues.find(request.parameter("venueId"), within: scope, in: querying) else {
                    throw Problem(VenueProblem.unknown)
                }
                if venue.closedAt != nil { throw Problem(VenueProblem.closed) }
                guard (body.stock != nil) == campaign.isGoods else {
                    throw VenueProblem.invalid(
                        "venue.stock_of_goods_only", "/stock", zh: "实物须填写数量，代金券不填", en: "Goods have a stock here; money has none")
                }
                let outcome = try await taking.put(venue.id, stock: body.stock, in: campaign.id, by: request.actor, querying)
                switch outcome {
                case .stockTooLow: throw Problem(VenueProblem.stockBelowSpokenFor)
                case .unchanged: break
                case .added, .changed:
                    try await audit.record(
                        "coupon_campaign.venue_put", subject: "coupon_campaign:\(campaign.id)", organization: campaign.organizationID,
                        details: ["venue": "\(venue.id)"].merging(body.stock.map { ["stock": "\($0)"] } ?? [:]) { $1 }, request,
                        in: querying)
                }
                guard let answer = try await taking.find(venue.id, in: campaign.id, querying) else {
                    throw Problem(VenueProblem.notInCampaign)
                }
                return .json(answer)
            }
        }
    }

    private var remove: Route {
        Route(
            .delete, "/v1/coupon-campaigns/{id}/venues/{venueId}",
            summary: "Takes a venue out of a campaign: its coupons are not good there any more", tag: VenueRoutes.tag,
            access: .permission(RegistryPermission.couponsWrite), parameters: [Self.campaignID, Self.venueID],
            responses: [.json(200, CampaignVenueAnswer.self, "The venue; again changes nothing")],
            problems: [VenueProblem.campaignUnknown, VenueProblem.notInCampaign] + IdempotencyStore.problems
        ) { request in
            try await idempotency.once(request) { querying in
                let campaign = try await Self.campaign(request, RegistryPermission.couponsWrite, taking, in: querying)
                let venue: ID<Venue> = request.parameter("venueId")
                let isRemoved = try await taking.remove(venue, from: campaign.id, by: request.actor, querying)
                guard isRemoved != nil, let answer = try await taking.find(venue, in: campaign.id, querying) else {
                    throw Problem(VenueProblem.notInCampaign)
                }
                if isRemoved == true {
                    try await audit.record(
                        "coupon_campaign.venue_removed", subject: "coupon_campaign:\(campaign.id)",
                        organization: campaign.organizationID, details: ["venue": "\(venue)"], request, in: querying)
                }
                return .json(answer)
            }
        }
    }
}
