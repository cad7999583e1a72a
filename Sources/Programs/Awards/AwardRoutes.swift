import HTTP
import Postgres
import Registry
import Runtime

/// Places: what their holders say to them, and what organizers do by hand.
struct AwardRoutes: Sendable {
    let programs: ProgramStore
    let awards: AwardStore
    let idempotency: IdempotencyStore
    let audit: AuditStore

    private static let tag = "Awards"
    private typealias P = RegistryPermission

    /// What an organizer does to a place, by the words of the route.
    private enum Change: String, CaseIterable {
        case confirm, decline, withdraw, excuse, use
        case attend = "attended"
        case noShow = "no-show"

        var state: AwardState {
            switch self {
            case .confirm: .confirmed
            case .decline: .declined
            case .withdraw: .withdrawn
            case .excuse: .excused
            case .use: .used
            case .attend: .attended
            case .noShow: .noShow
            }
        }
    }

    var all: [Route] {
        [own(.confirm, "Confirms a place that you were offered"), own(.decline, "Declines a place that you were offered")]
            + [own(.withdraw, "Gives back a place that you have"), list, give, swap]
            + Change.allCases.map(change)
    }

    // MARK: The holder's

    /// Repeating it changes nothing, so it needs no key.
    private func own(_ change: Change, _ summary: String) -> Route {
        Route(
            .post, "/v1/me/programs/{id}/award/\(change.rawValue)", summary: summary, tag: Self.tag,
            access: .permission(RegistryPermission.me), parameters: [ProgramRoutes.id],
            responses: [.json(200, AwardAnswer.self, "The place as it is now")],
            problems: [
                AwardProblem.notFound, AwardProblem.notAllowed, AwardProblem.offerOver, AwardProblem.sessionOver,
                AwardProblem.programNotPublished, RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let program: ID<UnionProgram> = request.parameter("id")
            let member = request.member.memberID
            let outcome = try await awards.move(AwardMove(member, of: program, to: change.state, doneBy: request.member.subject))
            try outcome.check()
            return try await answer(member, program)
        }
    }

    // MARK: Organizers'

    private var list: Route {
        Route(
            .get, "/v1/programs/{id}/awards", summary: "Lists the places of a program, by their members' numbers", tag: Self.tag,
            access: .permission(P.programsRead),
            parameters: [ProgramRoutes.id] + PageCursor.parameters + [
                .query("state", .oneOf(AwardState.allCases.map(\.rawValue)), "Only those in this state"),
                .query("number", .integer(1...65_535), "Only those of this session"),
            ],
            responses: [.json(200, AwardList.self, "A page")], problems: [ProgramProblem.notFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let program = try await found(request, P.programsRead)
            let (after, limit) = PageCursor.read(request, of: Member.self)
            let filter = AwardStore.Filter(
                state: request.optionalParameter("state", as: String.self).flatMap(AwardState.init(rawValue:)),
                number: request.optionalParameter("number", as: Int.self).map { Int32($0) })
            let found = try await awards.list(of: program.id, filter, after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.memberID)
            return .json(AwardList(items: items.map(AwardAnswer.init), next: next))
        }
    }

    private var give: Route {
        Route(
            .post, "/v1/programs/{id}/awards", summary: "Gives a free place by hand", tag: Self.tag,
            access: .permission(P.programAwardsWrite), parameters: [ProgramRoutes.id, IdempotencyStore.parameter],
            body: .json(AwardPlaceBody.self, limitBytes: 4_096),
            responses: [.json(201, AwardAnswer.self, "The place, offered or confirmed")],
            problems: [
                ProgramProblem.notFound, AwardProblem.sessionUnknown, AwardProblem.sessionFull, AwardProblem.quotaFull,
                AwardProblem.holdsPlace, AwardProblem.memberNotActive, AwardProblem.benefitTaken, AwardProblem.programNotPublished,
                RegistryProblem.memberNotFound,
            ] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(AwardPlaceBody.self)
            return try await idempotency.once(request) { querying in
                let program = try await found(request, P.programAwardsWrite, in: querying)
                let place = AwardPlace(
                    body.memberId, of: program.id, number: body.number, source: .organizer, reason: body.reason,
                    doneBy: request.principal?.subject ?? "anyone")
                try await awards.hold([place], in: querying).first?.check()
                try await note("award.given", body.memberId, program, ["number": String(body.number)], request, in: querying)
                var answer = try await answer(body.memberId, program.id, in: querying)
                answer.status = 201
                return answer
            }
        }
    }

    private static let member = Parameter.path("memberId", .id, "Whose place it is")

    private func change(_ change: Change) -> Route {
        Route(
            .post, "/v1/programs/{id}/awards/{memberId}/\(change.rawValue)",
            summary: "Changes somebody's place to \(change.state.rawValue), with a reason", tag: Self.tag,
            access: .permission(P.programAwardsWrite), parameters: [ProgramRoutes.id, Self.member, IdempotencyStore.parameter],
            body: .json(AwardReasonBody.self, limitBytes: 4_096), responses: [.json(200, AwardAnswer.self, "The place as it is now")],
            problems: Self.moving
        ) { request in
            let reason = try request.json(AwardReasonBody.self).reason
            return try await moved(request, to: change.state, reason: reason)
        }
    }

    private var swap: Route {
        Route(
            .post, "/v1/programs/{id}/awards/{memberId}/swap", summary: "Changes somebody's place to another session while seats last",
            tag: Self.tag, access: .permission(P.programAwardsWrite),
            parameters: [ProgramRoutes.id, Self.member, IdempotencyStore.parameter], body: .json(AwardSwapBody.self, limitBytes: 4_096),
            responses: [.json(200, AwardAnswer.self, "The place as it is now")], problems: Self.moving
        ) { request in
            let body = try request.json(AwardSwapBody.self)
            return try await moved(request, to: nil, number: body.number, reason: body.reason)
        }
    }

    private static let moving =
        [
            ProgramProblem.notFound, AwardProblem.notFound, AwardProblem.notAllowed, AwardProblem.offerOver,
            AwardProblem.programNotPublished, AwardProblem.sessionUnknown, AwardProblem.sessionFull, AwardProblem.sessionOver,
            AwardProblem.quotaFull,
        ] + IdempotencyStore.problems

    private func moved(_ request: Request, to state: AwardState?, number: Int32? = nil, reason: String?) async throws -> Response {
        let member: ID<Member> = request.parameter("memberId")
        return try await idempotency.once(request) { querying in
            let program = try await found(request, P.programAwardsWrite, in: querying)
            let move = AwardMove(
                member, of: program.id, to: state, number: number, reason: reason, doneBy: request.principal?.subject ?? "anyone")
            try await awards.move([move], in: querying).first?.check()
            var details: [String: String] = [:]
            if let state { details["state"] = state.rawValue }
            if let number { details["number"] = String(number) }
            try await note("award.changed", member, program, details, request, in: querying)
            return try await answer(member, program.id, in: querying)
        }
    }

    // MARK: Common

    private func found(_ request: Request, _ permission: Permission, in querying: (any Querying)? = nil) async throws -> UnionProgram {
        guard let program = try await programs.find(request.parameter("id"), scope: request.scope(of: permission), in: querying) else {
            throw Problem(ProgramProblem.notFound)
        }
        return program
    }

    private func answer(_ member: ID<Member>, _ program: ID<UnionProgram>, in querying: (any Querying)? = nil) async throws -> Response {
        guard let award = try await awards.award(of: member, in: program, querying: querying) else { throw Problem(AwardProblem.notFound) }
        return .json(AwardAnswer(award))
    }

    private func note(
        _ action: String, _ member: ID<Member>, _ program: UnionProgram, _ details: [String: String], _ request: Request,
        in querying: any Querying
    ) async throws {
        try await audit.record(
            action, subject: "program:\(program.id)", organization: program.organizationID,
            details: details.merging(["member": "member:\(member)"]) { $1 }, request, in: querying)
    }
}
