import HTTP
import Postgres
import Runtime

/// How long people wait in a holding organization, over HTTP.
struct HoldingReportRoutes: Sendable {
    let organizations: OrganizationStore
    let reports: HoldingReportStore

    var all: [Route] { [read] }

    private var read: Route {
        Route(
            .get, "/v1/organizations/{id}/holding-report", summary: "How long people wait in a holding organization",
            tag: OrganizationRoutes.tag, access: .permission(RegistryPermission.organizationsRead), parameters: [OrganizationRoutes.id],
            responses: [.json(200, HoldingReportAnswer.self, "Waits in whole days")],
            problems: [RegistryProblem.organizationNotFound, OrganizationProblem.notHolding, RegistryProblem.databaseUnavailable]
        ) { request in
            let id: ID<Organization> = request.parameter("id")
            try await organizations.require(id, request.scope(of: RegistryPermission.organizationsRead))
            guard let organization = try await organizations.organization(id) else { throw Problem(RegistryProblem.organizationNotFound) }
            guard organization.kind == .holding else { throw Problem(OrganizationProblem.notHolding) }
            return .json(HoldingReportAnswer(id, try await reports.report(id)))
        }
    }
}

struct HoldingReportAnswer: Codable, Sendable, APIType {
    struct Waits: Codable, Sendable {
        let workerKind: WorkerKind?
        let people: Int
        let medianDays: Int
        let ninetiethPercentileDays: Int
        let longestDays: Int

        init(_ waits: HoldingReport.Waits, workerKind: WorkerKind? = nil) {
            self.workerKind = workerKind
            people = waits.people
            medianDays = waits.medianDays
            ninetiethPercentileDays = waits.ninetiethPercentileDays
            longestDays = waits.longestDays
        }

        static let schema = Schema.object(
            "Waits", "Waits in whole days",
            [
                .optional("workerKind", .oneOf(WorkerKind.rawValues)), .required("people", .integer(1...Int64.max)),
                .required("medianDays", .integer(0...Int64.max)),
                .required("ninetiethPercentileDays", .integer(0...Int64.max), "Nine of ten have waited no longer"),
                .required("longestDays", .integer(0...Int64.max)),
            ])
    }

    let organizationId: ID<Organization>
    let waiting: Waits?
    let waitingByWorkerKind: [Waits]
    let placed: Waits?
    let left: Int

    init(_ id: ID<Organization>, _ report: HoldingReport) {
        organizationId = id
        waiting = report.waiting.map { Waits($0) }
        waitingByWorkerKind = report.waitingByWorkerKind.map { Waits($0.waits, workerKind: $0.kind) }
        placed = report.placed.map { Waits($0) }
        left = report.leftCount
    }

    static let schema = Schema.object(
        "HoldingReport", "How long people wait for a union of their own",
        [
            .required("organizationId", .id), .optional("waiting", Waits.schema, "Those who wait now; absent when nobody does"),
            .required("waitingByWorkerKind", .array(of: Waits.schema, 0...100)),
            .optional("placed", Waits.schema, "Those who went on to another organization within 365 days"),
            .required("left", .integer(0...Int64.max), "Those who left the union within 365 days"),
        ])
}
