import HTTP
import Programs
import Registry
import Runtime

/// What a van's screen asks for first: where it may stand today and in the coming days.
struct OwnVisitRoutes: Sendable {
    let visits: VisitStore

    var all: [Route] { [list] }

    private var list: Route {
        Route(
            .get, "/v1/device/visits",
            summary: "Visits with sessions today or within 14 days: a van's by its organization, an organizer's by their subtree",
            tag: CampaignRoutes.tag, access: .permission(RegistryPermission.checkupsOperate),
            responses: [.json(200, ComingVisitList.self, "Those of today first")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let reach: VisitStore.Reach =
                if let device = request.principal as? DevicePrincipal {
                    .device(device.deviceID)
                } else {
                    .scope(request.scope(of: RegistryPermission.checkupsOperate))
                }
            return Response.json(ComingVisitList(items: try await visits.coming(reach))).with("Cache-Control", "no-store")
        }
    }
}

/// A visit as it is picked from at the van.
struct ComingVisit: Codable, Sendable, APIType {
    let id: ID<VanVisit>
    let campaignId: ID<UnionProgram>
    let campaignTitle: String
    let site: String
    let address: String
    let firstOn: String
    let lastOn: String
    /// Within the 14 days.
    let days: [String]
    let isToday: Bool

    static let schema = Schema.object(
        "ComingVisit", "A visit with sessions today or within 14 days",
        [
            .required("id", .id), .required("campaignId", .id), .required("campaignTitle", .string(1...100)),
            .required("site", .string(1...60)), .required("address", .string(1...200)), .required("firstOn", .date),
            .required("lastOn", .date), .required("days", .array(of: .date, 1...15), "Its days with sessions, of the 15 from today on"),
            .required("isToday", .boolean, "Today is one of them, by the campaign's time zone"),
        ])
}

struct ComingVisitList: Codable, Sendable, APIType {
    let items: [ComingVisit]

    static let schema = Schema.object(
        "ComingVisitList", "Where a van may stand", [.required("items", .array(of: ComingVisit.schema, 0...VisitStore.comingMax))])
}
