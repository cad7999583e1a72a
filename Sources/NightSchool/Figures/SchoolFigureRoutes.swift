import HTTP
import Registry
import Runtime

/// How a term went, counted.
struct SchoolFigureRoutes: Sendable {
    let desk: SchoolDesk
    let figures: SchoolFigureStore

    private typealias P = RegistryPermission

    var all: [Route] { [read] }

    private var read: Route {
        Route(
            .get, "/v1/school-terms/{id}/figures",
            summary:
                "Seats filled, who waits, who wanted a course and got nothing, who came: per category, course, class, lesson or worker "
                + "kind; by Accept as CSV",
            tag: SchoolDesk.tag, access: .permission(P.schoolsRead),
            parameters: [
                .path("id", .id, "The term"),
                .query("by", .oneOf(SchoolGrouping.allCases.map(\.rawValue)), "What the figures are broken down by", required: true),
            ],
            responses: [.json(200, SchoolReport.self, "The figures"), .bytes(200, ["text/csv"], "The same for a spreadsheet")],
            problems: SchoolDesk.reading + [SchoolProblem.termUnknown]
        ) { request in
            let term = try await desk.term(request.parameter("id"), request, P.schoolsRead)
            let report = try await figures.report(of: term.id, by: request.parameter("by", as: SchoolGrouping.self))
            if request.prefers("text/csv", to: "application/json") {
                return .text(report.csv, contentType: "text/csv; charset=utf-8")
            }
            return .json(report)
        }
    }
}
