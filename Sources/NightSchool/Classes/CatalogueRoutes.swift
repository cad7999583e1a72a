import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// A whole term in one call.
struct CatalogueRoutes: Sendable {
    let desk: SchoolDesk
    let life: ClassLife

    private typealias P = RegistryPermission

    var all: [Route] { [bring] }

    private var bring: Route {
        Route(
            .post, "/v1/school-terms/{id}/catalogue",
            summary: "Brings a term's courses, classes and lessons in at once: all of it, or nothing with every fault and where it is",
            tag: SchoolDesk.tag, access: .permission(P.schoolsWrite), parameters: [TermRoutes.id, IdempotencyStore.parameter],
            body: .json(CatalogueBody.self, limitBytes: 4_194_304), responses: [.json(201, CatalogueAnswer.self, "What was made")],
            problems: SchoolDesk.creating + [SchoolProblem.termUnknown, RulesProblem.invalid]
        ) { request in
            let body = try request.json(CatalogueBody.self)
            return try await desk.idempotency.once(request) { querying in
                let answer = try await life.bring(
                    body, into: request.parameter("id"), within: request.scope(of: P.schoolsWrite), by: ProgramLife.Actor(request),
                    in: querying)
                return .json(answer, status: 201)
            }
        }
    }
}
