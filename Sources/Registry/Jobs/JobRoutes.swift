import HTTP
import Postgres
import Runtime
import Scheduler

/// Queued jobs, over HTTP: who is there for the whole union sees all, everybody else what they asked for themselves.
struct JobRoutes: Sendable {
    let database: Database
    let jobs: QueuedJobStore
    let audit: AuditStore

    var all: [Route] { [list, read, run, cancel] }

    private static let id = Parameter.path("id", .id, "The job")

    private var list: Route {
        Route(
            .get, "/v1/jobs", summary: "Lists queued jobs, the newest first", tag: "Jobs",
            access: .permission(RegistryPermission.jobsRead),
            parameters: PageCursor.parameters + [
                .query("state", .oneOf(QueuedJob.State.allCases.map(\.rawValue)), "Only these; dead is what was given up"),
                .query("kind", .string(1...100), "Of this kind"), .query("subject", .string(1...200), "About this one: program:12"),
            ],
            responses: [.json(200, JobList.self, "A page")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (before, limit) = PageCursor.read(request, of: QueuedJob.self)
            let filter = QueuedJobStore.Filter(
                state: request.optionalParameter("state", as: String.self).flatMap(QueuedJob.State.init(rawValue:)),
                kind: request.optionalParameter("kind"), subject: request.optionalParameter("subject"),
                requestedBy: Self.seesAll(request, RegistryPermission.jobsRead) ? nil : request.principal?.subject ?? "")
            let found = try await jobs.list(filter, before: before?.rawValue, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit) { ID<QueuedJob>($0.id) }
            return .json(JobList(items: items.map(JobAnswer.init), next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/jobs/{id}", summary: "One queued job: its state and how far it is", tag: "Jobs",
            access: .permission(RegistryPermission.jobsRead), parameters: [Self.id],
            responses: [.json(200, JobAnswer.self, "The job")], problems: [JobProblem.notFound, RegistryProblem.databaseUnavailable]
        ) { request in
            .json(JobAnswer(try await found(request, RegistryPermission.jobsRead, in: database)))
        }
    }

    private var run: Route {
        Route(
            .post, "/v1/jobs/{id}/run", summary: "Makes a job due at once, also one that is dead or cancelled", tag: "Jobs",
            access: .permission(RegistryPermission.jobsWrite), parameters: [Self.id],
            responses: [.json(202, JobAnswer.self, "The next free server does it")],
            problems: [JobProblem.notFound, JobProblem.over, JobProblem.running, RegistryProblem.databaseUnavailable]
        ) { request in
            try await record(request, "job.run_asked") { id, transaction in
                switch try await jobs.runNow(id, in: transaction) {
                case .due: return
                case .running: throw Problem(JobProblem.running)
                case .done: throw Problem(JobProblem.over)
                case .unknown: throw Problem(JobProblem.notFound)
                }
            }
        }
    }

    private var cancel: Route {
        Route(
            .post, "/v1/jobs/{id}/cancel", summary: "Calls a job off; one that runs is told to stop and does not complete", tag: "Jobs",
            access: .permission(RegistryPermission.jobsWrite), parameters: [Self.id],
            responses: [.json(202, JobAnswer.self, "Cancelled, or asked to stop")],
            problems: [JobProblem.notFound, JobProblem.over, RegistryProblem.databaseUnavailable]
        ) { request in
            try await record(request, "job.cancel_asked") { id, transaction in
                switch try await jobs.cancel(id, in: transaction) {
                case .cancelled, .asked: return
                case .over: throw Problem(JobProblem.over)
                case .unknown: throw Problem(JobProblem.notFound)
                }
            }
        }
    }

    private func record(
        _ request: Request, _ action: String, _ body: @Sendable (Int64, any Querying) async throws -> Void
    ) async throws -> Response {
        let job = try await database.transaction { (transaction) async throws(any Error) in
            let id = try await found(request, RegistryPermission.jobsWrite, in: transaction).id
            try await body(id, transaction)
            try await audit.record(action, subject: "job:\(id)", organization: nil, request, in: transaction)
            return try await found(request, RegistryPermission.jobsWrite, in: transaction)
        }
        return .json(JobAnswer(job), status: 202)
    }

    private func found(_ request: Request, _ permission: Permission, in querying: any Querying) async throws -> QueuedJob {
        guard let job = try await jobs.find(request.parameter("id"), in: querying),
            Self.seesAll(request, permission) || job.requestedBy == request.principal?.subject
        else { throw Problem(JobProblem.notFound) }
        return job
    }

    private static func seesAll(_ request: Request, _ permission: Permission) -> Bool {
        request.scope(of: permission) == .everything
    }
}
