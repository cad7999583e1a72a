import Crypto
import HTTP
import Postgres
import Registry
import Runtime

/// What venues are owed: looked at before, settled, and the file that is paid by.
struct SettlementRoutes: Sendable {
    let settlements: SettlementStore
    let taking: CampaignVenueStore
    let audit: AuditStore
    let idempotency: IdempotencyStore

    var all: [Route] { [preview, create, list, file] }

    private static let tag = "Settlements"

    private var preview: Route {
        Route(
            .get, "/v1/coupon-campaigns/{id}/settlement-preview", summary: "What a settlement of a period would say now", tag: Self.tag,
            access: .permission(RegistryPermission.couponsRead),
            parameters: [
                CampaignVenueRoutes.campaignID, .query("from", .dateTime, "What was recorded from then on", required: true),
                .query("until", .dateTime, "And before then", required: true),
            ],
            responses: [.json(200, SettlementPreview.self, "By venue")],
            problems: [VenueProblem.campaignUnknown, VenueProblem.invalid, RegistryProblem.databaseUnavailable]
        ) { request in
            let campaign = try await CampaignVenueRoutes.campaign(request, RegistryPermission.couponsRead, taking)
            let (from, until) = try Self.period(request.parameter("from"), request.parameter("until"))
            let lines = try await settlements.lines(of: campaign.id, from: from, until: until)
            return .json(
                SettlementPreview(
                    from: from.description, until: until.description, lines: lines, sum: SettlementLine.sum(lines)))
        }
    }

    private static func period(_ from: String, _ until: String) throws(Problem) -> (Timestamp, Timestamp) {
        guard let from = Timestamp(dateTime: from), let until = Timestamp(dateTime: until) else { throw Problem(HTTPProblem.invalidBody) }
        guard from < until else {
            throw VenueProblem.invalid("coupon.period_invalid", "/until", zh: "结束须晚于开始", en: "A period ends after it begins")
        }
        return (from, until)
    }

    private var create: Route {
        Route(
            .post, "/v1/coupon-campaigns/{id}/settlements", summary: "Settles a period: what each venue is owed, paid once",
            tag: Self.tag, access: .permission(RegistryPermission.couponsWrite),
            parameters: [CampaignVenueRoutes.campaignID, IdempotencyStore.parameter],
            body: .json(SettlementBody.self, limitBytes: 1_024), responses: [.json(201, SettlementAnswer.self, "The settlement")],
            problems: [
                VenueProblem.campaignUnknown, VenueProblem.invalid, VenueProblem.settlementTooEarly, VenueProblem.settlementOverlaps,
            ] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(SettlementBody.self)
            let (from, until) = try Self.period(body.from, body.until)
            return try await idempotency.once(request) { querying in
                let campaign = try await CampaignVenueRoutes.campaign(request, RegistryPermission.couponsWrite, taking, in: querying)
                switch try await settlements.create(campaign, from: from, until: until, by: request.actor, in: querying) {
                case .tooEarly: throw Problem(VenueProblem.settlementTooEarly)
                case .overlaps: throw Problem(VenueProblem.settlementOverlaps)
                case .created(let settlement):
                    try await audit.record(
                        "coupon_settlement.created", subject: "coupon_settlement:\(settlement.id)",
                        organization: campaign.organizationID,
                        details: ["campaign": "\(campaign.id)", "owedFen": "\(settlement.owedFen)", "sha256": settlement.sha256], request,
                        in: querying)
                    return Response.json(settlement, status: 201)
                        .with("Location", "/v1/coupon-campaigns/\(campaign.id)/settlements/\(settlement.id)/file")
                }
            }
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/coupon-campaigns/{id}/settlements", summary: "A campaign's settlements", tag: Self.tag,
            access: .permission(RegistryPermission.couponsRead),
            parameters: [CampaignVenueRoutes.campaignID] + PageCursor.parameters,
            responses: [.json(200, SettlementList.self, "Each with the hash of its file")],
            problems: [VenueProblem.campaignUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let campaign = try await CampaignVenueRoutes.campaign(request, RegistryPermission.couponsRead, taking)
            let (after, limit) = PageCursor.read(request, of: CouponSettlement.self)
            let found = try await settlements.list(of: campaign.id, after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(SettlementList(items: items, next: next))
        }
    }

    private var file: Route {
        Route(
            .get, "/v1/coupon-campaigns/{id}/settlements/{settlementId}/file", summary: "The file of a settlement, for a spreadsheet",
            tag: Self.tag, access: .permission(RegistryPermission.couponsRead),
            parameters: [CampaignVenueRoutes.campaignID, .path("settlementId", .id, "The settlement")],
            responses: [.bytes(200, ["text/csv"], "UTF-8 with a byte order mark; its SHA-256 is the ETag")],
            problems: [VenueProblem.campaignUnknown, VenueProblem.settlementUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let campaign = try await CampaignVenueRoutes.campaign(request, RegistryPermission.couponsRead, taking)
            let id: ID<CouponSettlement> = request.parameter("settlementId")
            guard let file = try await settlements.file(id, of: campaign.id) else { throw Problem(VenueProblem.settlementUnknown) }
            return Response.bytes(file.bytes, contentType: "text/csv; charset=utf-8")
                .with("Content-Disposition", "attachment; filename=\"settlement-\(id).csv\"").with("Cache-Control", "no-store")
                .with("ETag", "\"\(Hex.encode(file.sha256))\"")
        }
    }
}
