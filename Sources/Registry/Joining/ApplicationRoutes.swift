import HTTP
import Postgres
import Runtime

/// Applications, for organizers.
struct ApplicationRoutes: Sendable {
    let applications: ApplicationStore
    let members: MemberStore
    let audit: AuditStore
    let outbox: OutboxStore
    let idempotency: IdempotencyStore

    private static let id = Parameter.path("id", .id, "The application")
    private static let tag = "Joining"

    var all: [Route] { [list, read, approve, reject] }

    private var list: Route {
        Route(
            .get, "/v1/applications", summary: "Lists applications in the order of their numbers, applicants masked", tag: Self.tag,
            access: .permission(RegistryPermission.applicationsDecide),
            parameters: PageCursor.parameters + [
                .query("state", .oneOf(ApplicationState.allCases.map(\.rawValue)), "Only these"),
                .query("organizationId", .id, "Only those to this very organization"),
            ],
            responses: [.json(200, ApplicationList.self, "A page")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (after, limit) = PageCursor.read(request, of: MemberApplication.self)
            let found = try await applications.list(
                request.scope(of: RegistryPermission.applicationsDecide),
                state: request.optionalParameter("state", as: String.self).flatMap(ApplicationState.init(rawValue:)),
                organization: request.optionalParameter("organizationId"), after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            let people = try await members.found("m.member_id = any(\(items.map(\.memberID)))")
            let byID = Dictionary(uniqueKeysWithValues: people.map { ($0.id, $0) })
            return .json(ApplicationList(items: items.map { ApplicationAnswer($0, byID[$0.memberID]) }, next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/applications/{id}", summary: "One application", tag: Self.tag,
            access: .permission(RegistryPermission.applicationsDecide), parameters: [Self.id],
            responses: [.json(200, ApplicationAnswer.self, "The application; its ETag names the version")],
            problems: [JoinProblem.applicationNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let found = try await applications.application(
                request.parameter("id"), request.scope(of: RegistryPermission.applicationsDecide))
            guard let found else { throw Problem(JoinProblem.applicationNotFound) }
            return try await answer(found)
        }
    }

    private var approve: Route {
        Route(
            .post, "/v1/applications/{id}/approve", summary: "Makes an applicant a member", tag: Self.tag,
            access: .permission(RegistryPermission.applicationsDecide), parameters: [Self.id, IdempotencyStore.parameter],
            responses: [.json(200, ApplicationAnswer.self, "As it is now")],
            problems: [JoinProblem.applicationNotFound, JoinProblem.applicationDecided] + IdempotencyStore.problems
        ) { request in
            let id: ID<MemberApplication> = request.parameter("id")
            let scope = request.scope(of: RegistryPermission.applicationsDecide)
            return try await idempotency.once(request) { transaction in
                let decided = try Self.decided(
                    await applications.approve(id, scope, by: request.principal?.subject ?? "anyone", in: transaction))
                try await note(decided, "application.approved", .joined, request, in: transaction)
                return try await answer(decided, in: transaction)
            }
        }
    }

    private var reject: Route {
        Route(
            .post, "/v1/applications/{id}/reject", summary: "Turns an applicant away; a newcomer's data is erased", tag: Self.tag,
            access: .permission(RegistryPermission.applicationsDecide), parameters: [Self.id, IdempotencyStore.parameter],
            body: .json(ReasonBody.self, limitBytes: 4_096), responses: [.json(200, ApplicationAnswer.self, "As it is now")],
            problems: [JoinProblem.applicationNotFound, JoinProblem.applicationDecided] + IdempotencyStore.problems
        ) { request in
            let id: ID<MemberApplication> = request.parameter("id")
            let reason = try request.json(ReasonBody.self).reason
            let scope = request.scope(of: RegistryPermission.applicationsDecide)
            return try await idempotency.once(request) { transaction in
                let decided = try Self.decided(
                    await applications.reject(id, scope, reason: reason, by: request.principal?.subject ?? "anyone", in: transaction))
                try await note(decided, "application.rejected", .rejected, request, in: transaction)
                return try await answer(decided, in: transaction)
            }
        }
    }

    private static func decided(_ outcome: ApplicationStore.DecideOutcome) throws(Problem) -> MemberApplication {
        switch outcome {
        case .decided(let application): return application
        case .notFound: throw Problem(JoinProblem.applicationNotFound)
        case .notAllowed(let state):
            throw Problem(
                JoinProblem.applicationDecided,
                detail: Localized(zh: "申请的状态是 \(state.rawValue)", en: "The application is \(state.rawValue)"))
        }
    }

    private func note(
        _ application: MemberApplication, _ action: String, _ event: MemberEvent, _ request: Request, in querying: any Querying
    ) async throws {
        try await audit.record(
            action, subject: "application:\(application.id)", organization: application.organizationID,
            details: ["member": "member:\(application.memberID)"], request, in: querying)
        try await event.emit(
            MemberEvent.Payload(
                memberId: application.memberID, organizationId: application.organizationID, applicationId: application.id),
            to: outbox, in: querying)
    }

    private func answer(_ application: MemberApplication, in querying: (any Querying)? = nil) async throws -> Response {
        let member = try await members.member(application.memberID, in: querying)
        return Response.json(ApplicationAnswer(application, member)).with("ETag", EntityTag.of(version: application.version))
    }
}
