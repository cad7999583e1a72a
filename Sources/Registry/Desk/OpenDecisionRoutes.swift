import HTTP
import Postgres
import Runtime

/// What needs a decision today, for whoever opens the desk.
struct OpenDecisionRoutes: Sendable {
    let store: OpenDecisionStore
    let decisions: OpenDecisions
    let clock: Clock

    var all: [Route] { [list] }

    private var list: Route {
        Route(
            .get, "/v1/desk/decisions",
            summary: "What waits for a decision: each kind that you may decide, within your organizations, with how many and since when",
            tag: "Desk", access: .permission(RegistryPermission.account),
            responses: [.json(200, OpenDecisionList.self, "Kinds of which there are any")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            guard let organizer = request.principal as? OrganizerPrincipal else { throw Problem(HTTPProblem.notPermitted) }
            let asked = decisions.all.filter { organizer.may($0.permission) }.map { decision in
                (
                    decision,
                    OpenDecision.Caller(
                        scope: organizer.scope(of: decision.permission), subject: organizer.subject,
                        clockOffsetMicroseconds: clock.offsetMicroseconds)
                )
            }
            let paths = Dictionary(decisions.all.map { ($0.kind, $0.path) }) { first, _ in first }
            let items = try await store.counts(asked).map { OpenDecisionAnswer($0, path: paths[$0.kind] ?? nil) }
            return Response.json(OpenDecisionList(items: items)).with("Cache-Control", "no-store")
        }
    }
}

struct OpenDecisionAnswer: Codable, Sendable, APIType {
    let kind: String
    let count: Int64
    let more: Bool?
    let oldestAt: String
    let path: String?

    init(_ found: OpenDecisionStore.Count, path: String?) {
        kind = found.kind
        count = min(found.count, OpenDecisionStore.countMax)
        more = found.count > OpenDecisionStore.countMax ? true : nil
        oldestAt = found.oldestAt.description
        self.path = path
    }

    static let schema = Schema.object(
        "OpenDecision", "Things of one kind that wait",
        [
            .required(
                "kind", .string(1...60),
                "alarms, applications, transfers (for your side), duplicates, program_runs (to review), programs_to_run (closed, without a "
                    + "run), program_cuts, class_cuts (to confirm), insurance_runs (to review), policies_to_mend, appeals, dead_jobs, "
                    + "silent_devices (for a day), imports_with_rejections (of 7 days); new ones may come"),
            .required("count", .integer(1...OpenDecisionStore.countMax)),
            .optional("more", .boolean, "true: there are more than count"),
            .required("oldestAt", .dateTime, "Since when the oldest waits"),
            .optional("path", .string(1...200), "The list that shows them"),
        ])
}

struct OpenDecisionList: Codable, Sendable, APIType {
    let items: [OpenDecisionAnswer]

    static let schema = Schema.object(
        "OpenDecisionList", "What waits for a decision", [.required("items", .array(of: OpenDecisionAnswer.schema, 0...100))])
}
