import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// Campaigns, their packages and their vans' visits: what organizers lay out.
struct CampaignRoutes: Sendable {
    let campaigns: CampaignStore
    let visits: VisitStore
    let audit: AuditStore
    let idempotency: IdempotencyStore

    var all: [Route] { [create, list, read, createPackage, packages, createVisit, visitList] }

    static let tag = "Checkups"
    static let id = Parameter.path("id", .id, "The campaign: its program's number")

    private var create: Route {
        Route(
            .post, "/v1/checkups/campaigns", summary: "Makes a program one of checkups", tag: Self.tag,
            access: .permission(RegistryPermission.checkupsWrite), parameters: [IdempotencyStore.parameter],
            body: .json(CheckupCampaignBody.self, limitBytes: 4_096),
            responses: [.json(201, CheckupCampaign.self, "The campaign")],
            problems: [CheckupProblem.programUnknown, CheckupProblem.campaignExists] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(CheckupCampaignBody.self)
            let scope = request.scope(of: RegistryPermission.checkupsWrite)
            let subject = request.principal?.subject ?? "anyone"
            return try await idempotency.once(request) { querying in
                switch try await campaigns.create(body, within: scope, by: subject, in: querying) {
                case .created(let campaign):
                    try await audit.record(
                        "checkup_campaign.created", subject: "program:\(campaign.id)", organization: campaign.organizationId, request,
                        in: querying)
                    return Response.json(campaign, status: 201).with("Location", "/v1/checkups/campaigns/\(campaign.id)")
                case .exists: throw Problem(CheckupProblem.campaignExists)
                case .programUnknown:
                    throw Problem(
                        CheckupProblem.programUnknown,
                        violations: [
                            Violation("checkup.program_unknown", pointer: "/programId", zh: "没有这个项目", en: "no such program")
                        ])
                }
            }
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/checkups/campaigns", summary: "Lists campaigns", tag: Self.tag,
            access: .permission(RegistryPermission.checkupsRead), parameters: PageCursor.parameters,
            responses: [.json(200, CheckupCampaignList.self, "Campaigns")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (after, limit) = PageCursor.read(request, of: UnionProgram.self)
            let found = try await campaigns.list(within: request.scope(of: RegistryPermission.checkupsRead), after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(CheckupCampaignList(items: items, next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/checkups/campaigns/{id}", summary: "A campaign", tag: Self.tag,
            access: .permission(RegistryPermission.checkupsRead), parameters: [Self.id],
            responses: [.json(200, CheckupCampaign.self, "The campaign")],
            problems: [CheckupProblem.campaignUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            .json(try await campaign(request, RegistryPermission.checkupsRead))
        }
    }

    /// - Throws: `checkup.campaign_unknown`, for what lies outside and for what does not exist alike.
    private func campaign(
        _ request: Request, _ permission: Permission, in querying: (any Querying)? = nil
    ) async throws -> CheckupCampaign {
        guard let found = try await campaigns.find(request.parameter("id"), within: request.scope(of: permission), in: querying) else {
            throw Problem(CheckupProblem.campaignUnknown)
        }
        return found
    }

    // MARK: Packages

    private var createPackage: Route {
        Route(
            .post, "/v1/checkups/campaigns/{id}/packages", summary: "Adds a package of examinations", tag: Self.tag,
            access: .permission(RegistryPermission.checkupsWrite), parameters: [Self.id, IdempotencyStore.parameter],
            body: .json(CheckupPackageBody.self, limitBytes: 32_768), responses: [.json(201, CheckupPackage.self, "The package")],
            problems: [CheckupProblem.campaignUnknown, CheckupProblem.packageExists, CheckupProblem.invalid] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(CheckupPackageBody.self)
            let kinds = (body.addOns ?? []).map(\.workerKind)
            guard Set(kinds).count == kinds.count else {
                throw Problem(
                    CheckupProblem.invalid,
                    violations: [
                        Violation(
                            "checkup.add_on_twice", pointer: "/addOns", zh: "每个工种只能有一组附加项目",
                            en: "A kind of worker has one list of add-on items")
                    ])
            }
            return try await idempotency.once(request) { querying in
                let campaign = try await campaign(request, RegistryPermission.checkupsWrite, in: querying)
                guard let package = try await campaigns.createPackage(body, of: campaign.id, in: querying) else {
                    throw Problem(CheckupProblem.packageExists)
                }
                try await audit.record(
                    "checkup_package.created", subject: "checkup_package:\(package.id)", organization: campaign.organizationId,
                    details: ["program": "\(campaign.id)"], request, in: querying)
                return .json(package, status: 201)
            }
        }
    }

    private var packages: Route {
        Route(
            .get, "/v1/checkups/campaigns/{id}/packages", summary: "A campaign's packages", tag: Self.tag,
            access: .permission(RegistryPermission.checkupsRead), parameters: [Self.id],
            responses: [.json(200, CheckupPackageList.self, "All of them")],
            problems: [CheckupProblem.campaignUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let campaign = try await campaign(request, RegistryPermission.checkupsRead)
            return .json(CheckupPackageList(items: try await campaigns.packages(of: campaign.id)))
        }
    }

    // MARK: Visits

    private var createVisit: Route {
        Route(
            .post, "/v1/checkups/campaigns/{id}/visits", summary: "Adds a van's visit", tag: Self.tag,
            access: .permission(RegistryPermission.checkupsWrite), parameters: [Self.id, IdempotencyStore.parameter],
            body: .json(VanVisitBody.self, limitBytes: 8_192), responses: [.json(201, VanVisit.self, "The visit")],
            problems: [CheckupProblem.campaignUnknown, CheckupProblem.invalid] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(VanVisitBody.self)
            let (first, last) = try Self.days(of: body)
            let subject = request.principal?.subject ?? "anyone"
            return try await idempotency.once(request) { querying in
                let campaign = try await campaign(request, RegistryPermission.checkupsWrite, in: querying)
                switch try await visits.create(body, from: first, to: last, of: campaign.id, by: subject, in: querying) {
                case .created(let visit):
                    try await audit.record(
                        "checkup_visit.created", subject: "checkup_visit:\(visit.id)", organization: campaign.organizationId,
                        details: ["program": "\(campaign.id)"], request, in: querying)
                    return Response.json(visit, status: 201).with("Location", "/v1/checkups/visits/\(visit.id)")
                case .packageUnknown:
                    throw Self.invalid("checkup.package_unknown", "/packageId", zh: "此活动没有这个套餐", en: "The campaign has no such package")
                case .organizationUnknown:
                    throw Self.invalid(
                        "checkup.organization_unknown", "/hostOrganizationId", zh: "没有这个工会组织", en: "There is no such organization")
                }
            }
        }
    }

    private static func days(of body: VanVisitBody) throws(Problem) -> (first: CalendarDate, last: CalendarDate) {
        guard let first = CalendarDate(text: body.firstOn), let last = CalendarDate(text: body.lastOn),
            (0..<60).contains(last.daysSince1970 - first.daysSince1970)
        else {
            throw invalid("checkup.days_invalid", "/lastOn", zh: "结束日须不早于开始日，且最多 60 天", en: "A visit lasts 1 to 60 days")
        }
        guard (body.latitude == nil) == (body.longitude == nil) else {
            throw invalid("checkup.place_not_whole", "/latitude", zh: "经纬度须同时填写", en: "Latitude and longitude go together")
        }
        return (first, last)
    }

    static func invalid(_ code: String, _ pointer: String, zh: String, en: String) -> Problem {
        Problem(CheckupProblem.invalid, violations: [Violation(code, pointer: pointer, zh: zh, en: en)])
    }

    private var visitList: Route {
        Route(
            .get, "/v1/checkups/campaigns/{id}/visits", summary: "A campaign's visits", tag: Self.tag,
            access: .permission(RegistryPermission.checkupsRead), parameters: [Self.id] + PageCursor.parameters,
            responses: [.json(200, VanVisitList.self, "Visits")],
            problems: [CheckupProblem.campaignUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let campaign = try await campaign(request, RegistryPermission.checkupsRead)
            let (after, limit) = PageCursor.read(request, of: VanVisit.self)
            let found = try await visits.list(of: campaign.id, within: .everything, after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(VanVisitList(items: items, next: next))
        }
    }
}
