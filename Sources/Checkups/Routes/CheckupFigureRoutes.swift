import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// How a campaign went, counted.
struct CheckupFigureRoutes: Sendable {
    let figures: CheckupFigureStore
    let campaigns: CampaignStore

    var all: [Route] { [read] }

    private var read: Route {
        Route(
            .get, "/v1/checkups/campaigns/{id}/figures",
            summary: "Applied, placed, confirmed, attended, missing: per class, floor, organization or session; by Accept as CSV",
            tag: CampaignRoutes.tag, access: .permission(RegistryPermission.checkupsRead),
            parameters: [
                CampaignRoutes.id,
                .query(
                    "by", .oneOf(CheckupGrouping.allCases.map(\.rawValue)), "What the figures are broken down by", required: true),
            ],
            responses: [.json(200, CheckupReport.self, "The figures"), .bytes(200, ["text/csv"], "The same for a spreadsheet")],
            problems: [CheckupProblem.campaignUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let scope = request.scope(of: RegistryPermission.checkupsRead)
            guard let campaign = try await campaigns.find(request.parameter("id"), within: scope) else {
                throw Problem(CheckupProblem.campaignUnknown)
            }
            let grouping = request.parameter("by", as: CheckupGrouping.self)
            let report = CheckupReport(
                by: grouping.rawValue, total: try await figures.total(of: campaign.id),
                items: try await figures.lines(of: campaign.id, by: grouping))
            if request.prefers("text/csv", to: "application/json") {
                return .text(report.csv, contentType: "text/csv; charset=utf-8")
            }
            return .json(report)
        }
    }
}
