import HTTP
import Postgres
import Registry
import Runtime

/// What stands between an insurer and the union.
struct ReconciliationRoutes: Sendable {
    let products: InsuranceProductStore
    let reconciliation: ReconciliationStore

    private typealias P = RegistryPermission

    var all: [Route] { [read] }

    private var read: Route {
        Route(
            .get, "/v1/insurers/{id}/reconciliation",
            summary: "Batch by batch what was sent, issued, rejected, is awaited, due and paid; by Accept as CSV", tag: ProductRoutes.tag,
            access: .permission(P.insuranceRead), parameters: [.path("id", .id, "The insurer")],
            responses: [
                .json(200, ReconciliationAnswer.self, "The batches that were announced"),
                .bytes(200, ["text/csv"], "The same for a spreadsheet"),
            ],
            problems: [InsuranceProblem.insurerUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let scope = request.scope(of: P.insuranceRead)
            guard let insurer = try await products.insurer(request.parameter("id"), within: scope) else {
                throw Problem(InsuranceProblem.insurerUnknown)
            }
            let lines = try await reconciliation.lines(of: insurer.id, within: scope)
            if request.prefers("text/csv", to: "application/json") {
                return Response.text(ReconciliationLine.csv(lines), contentType: "text/csv; charset=utf-8")
                    .with("Cache-Control", "no-store")
            }
            return .json(ReconciliationAnswer(items: lines))
        }
    }
}
