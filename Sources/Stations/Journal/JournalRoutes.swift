import HTTP
import Postgres
import Registry
import Runtime

/// The upload of a controller's journal.
struct JournalRoutes: Sendable {
    let journal: JournalStore
    let entries: [JournalOutcome: Counter]

    init(journal: JournalStore, metrics: Metrics) {
        self.journal = journal
        entries = Dictionary(
            uniqueKeysWithValues: JournalOutcome.allCases.map { outcome in
                (
                    outcome,
                    metrics.counter(
                        "waystation_journal_entries_total", "Uploaded decisions of controllers by what became of them",
                        labels: ["outcome": outcome.rawValue])
                )
            })
    }

    var all: [Route] { [upload] }

    private var upload: Route {
        Route(
            .post, "/v1/access/journal", summary: "Takes up decisions of a controller that was alone; again changes nothing",
            tag: "Stations",
            access: .permission(RegistryPermission.scansCreate),
            body: .json(JournalBody.self, limitBytes: 16_777_216),
            responses: [.json(200, JournalAnswer.self, "What became of each; all are done with")],
            problems: [StationProblem.accessPointForeign, StationProblem.deviceOnly, RegistryProblem.databaseUnavailable]
        ) { request in
            guard let device = request.principal as? DevicePrincipal else { throw Problem(StationProblem.deviceOnly) }
            let body = try request.json(JournalBody.self)
            guard let results = try await journal.record(body, by: device.deviceID) else {
                throw Problem(StationProblem.accessPointForeign)
            }
            for result in results { entries[result.outcome]?.increment() }
            return .json(
                JournalAnswer(
                    results: zip(body.entries, results).map {
                        JournalAnswer.Result(requestId: $0.requestId.lowercased(), outcome: $1.outcome, reason: $1.reason)
                    }))
        }
    }
}
