import Allocation
import HTTP
import Postgres
import Registry
import Runtime

/// Applications for organizers: on behalf of workers, and who has applied.
struct ProgramApplicationRoutes: Sendable {
    let applications: ProgramApplicationStore
    let programs: ProgramStore
    let members: MemberStore
    let audit: AuditStore
    let idempotency: IdempotencyStore

    var all: [Route] { [list, apply, withdraw] }

    private static let id = Parameter.path("id", .id, "The program")
    private static let memberID = Parameter.path("memberId", .id, "The member")
    private static let tag = "Programs"
    private typealias P = RegistryPermission

    private var list: Route {
        Route(
            .get, "/v1/programs/{id}/applications", summary: "Lists the applications of members within the caller's organizations",
            tag: Self.tag, access: .permission(P.programsRead),
            parameters: [
                Self.id, .query("limit", .integer(1...200), "Items in the answer, 50 by default"),
                .query("after", .string(1...8), "The answer before gave it as next"),
            ],
            responses: [.json(200, ProgramApplicationList.self, "Applications, masked")],
            problems: [ProgramProblem.notFound, RegistryProblem.databaseUnavailable]
        ) { request in
            // A part of the program's people may belong to somebody who may not see the program's own organization.
            guard let program = try await programs.find(request.parameter("id")), program.state != .draft else {
                throw Problem(ProgramProblem.notFound)
            }
            let limit = request.optionalParameter("limit", as: Int.self) ?? 50
            let after = request.optionalParameter("after", as: String.self).flatMap { Ticket($0) }
            let found = try await applications.applications(
                to: program.id, within: request.scope(of: P.programsRead), after: after, limit: limit + 1)
            let shown = Array(found.prefix(limit))
            var items: [ProgramApplicationAnswer] = []
            for application in shown {
                items.append(
                    ProgramApplicationAnswer(application, try await members.member(application.memberID), program.facts.rules))
            }
            return .json(
                ProgramApplicationList(items: items, next: found.count > limit ? shown.last?.ticket.description : nil))
        }
    }

    private var apply: Route {
        Route(
            .put, "/v1/programs/{id}/applications/{memberId}",
            summary: "Applies on behalf of a member, or replaces the wishes; until the program closes", tag: Self.tag,
            access: .permission(P.programApplicationsWrite), parameters: [Self.id, Self.memberID],
            body: .json(WishesBody.self, limitBytes: 4_096),
            responses: [.json(200, OwnProgramApplicationAnswer.self, "The application")],
            problems: MyProgramRoutes.refusals + [RegistryProblem.memberNotFound]
        ) { request in
            let id: ID<UnionProgram> = request.parameter("id")
            let memberID: ID<Member> = request.parameter("memberId")
            let wishes = try request.json(WishesBody.self).wishes
            let subject = request.principal?.subject ?? "anyone"
            return try await idempotency.once(request) { querying in
                let organization = try await require(memberID, request, in: querying)
                let outcomes = try await applications.apply(
                    batch: [ApplyRequest(memberID: memberID, programID: id, wishes: wishes, subject: subject)], in: querying)
                guard let outcome = outcomes.first else { throw PostgresError.decoding("an outcome was expected") }
                let receipt = try outcome.receipt
                try await audit.record(
                    "program.applied_for", subject: "member:\(memberID)", organization: organization,
                    details: ["program": "program:\(id)", "wishes": wishes.map(String.init).joined(separator: " ")], request, in: querying)
                return .json(OwnProgramApplicationAnswer(receipt, to: id))
            }
        }
    }

    private var withdraw: Route {
        Route(
            .delete, "/v1/programs/{id}/applications/{memberId}", summary: "Takes a member's application back on their behalf",
            tag: Self.tag, access: .permission(P.programApplicationsWrite), parameters: [Self.id, Self.memberID],
            responses: [.empty(204, "Withdrawn")],
            problems: [
                ProgramProblem.notFound, ApplicationProblem.notOpen, ApplicationProblem.closed, ApplicationProblem.none,
                RegistryProblem.memberNotFound, RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let id: ID<UnionProgram> = request.parameter("id")
            let memberID: ID<Member> = request.parameter("memberId")
            return try await idempotency.once(request) { querying in
                let organization = try await require(memberID, request, in: querying)
                let outcome = try await applications.withdraw(memberID, from: id, in: querying)
                if let problem = outcome.problem { throw problem }
                if outcome == .withdrawn {
                    try await audit.record(
                        "program.withdrawn_for", subject: "member:\(memberID)", organization: organization,
                        details: ["program": "program:\(id)"], request, in: querying)
                }
                return .empty()
            }
        }
    }

    /// The member's organization, if it lies where the caller may apply for people.
    private func require(_ id: ID<Member>, _ request: Request, in querying: any Querying) async throws -> ID<Organization> {
        guard
            let organization = try await applications.organization(
                of: id, within: request.scope(of: P.programApplicationsWrite), in: querying)
        else { throw Problem(RegistryProblem.memberNotFound) }
        return organization
    }
}
