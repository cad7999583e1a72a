import HTTP
import Postgres
import Runtime

/// Transfers, for members and for organizers of the two organizations.
struct TransferRoutes: Sendable {
    let transfers: Transfers
    let codes: JoinCodeStore
    let idempotency: IdempotencyStore

    private static let id = Parameter.path("id", .id, "The transfer")
    private static let tag = "Transfers"

    var all: [Route] { [askOwn, listOwn, cancelOwn, ask, list, read, agree, refuse] }

    private static func actor(_ request: Request) -> Transfers.Actor {
        Transfers.Actor(subject: request.principal?.subject ?? "anyone", requestID: request.requestID)
    }

    // MARK: The member's own

    private var askOwn: Route {
        Route(
            .post, "/v1/me/transfers", summary: "Asks to move to the organization whose join code you scanned", tag: Self.tag,
            access: .permission(RegistryPermission.me), parameters: [IdempotencyStore.parameter],
            body: .json(OwnTransferBody.self, limitBytes: 1_024),
            responses: [.json(201, TransferAnswer.self, "Both organizations are asked")],
            problems: [JoinProblem.codeUnknown, JoinProblem.codeEnded] + Self.askProblems
        ) { request in
            let body = try request.json(OwnTransferBody.self)
            return try await idempotency.once(request) { transaction in
                guard let code = JoinCode(body.joinCode), let door = try await codes.door(code, in: transaction) else {
                    throw Problem(JoinProblem.codeUnknown)
                }
                guard door.isOrganizationOpen else { throw Problem(TransferProblem.targetClosed) }
                guard door.isCodeOpen else { throw Problem(JoinProblem.codeEnded) }
                return try await opened(
                    try await transfers.store.ask(
                        request.member.memberID, to: door.organizationID, sides: { _ in [] }, by: request.member.subject, in: transaction),
                    request, in: transaction)
            }
        }
    }

    private var listOwn: Route {
        Route(
            .get, "/v1/me/transfers", summary: "Your transfers, in the order of their numbers", tag: Self.tag,
            access: .permission(RegistryPermission.me), parameters: PageCursor.parameters,
            responses: [.json(200, TransferList.self, "A page")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            var filter = TransferStore.Filter()
            filter.member = request.member.memberID
            return try await page(filter, request)
        }
    }

    private var cancelOwn: Route {
        Route(
            .post, "/v1/me/transfers/{id}/cancel", summary: "Takes back a transfer that you asked for", tag: Self.tag,
            access: .permission(RegistryPermission.me), parameters: [Self.id, IdempotencyStore.parameter],
            responses: [.json(200, TransferAnswer.self, "As it is now")], problems: Self.decideProblems
        ) { request in
            try await decide(request, .everything) { transfer, _ in
                let asker = request.member.subject
                guard transfer.memberID == request.member.memberID, transfer.askedBy == asker else {
                    throw Problem(TransferProblem.notFound)
                }
                return .cancel
            }
        }
    }

    // MARK: Organizers'

    private var ask: Route {
        Route(
            .post, "/v1/members/{id}/transfers", summary: "Asks to move a member, for the organization it leaves or comes to",
            tag: Self.tag, access: .permission(RegistryPermission.membersWrite),
            parameters: [.path("id", .id, "The member"), IdempotencyStore.parameter], body: .json(TransferBody.self, limitBytes: 1_024),
            responses: [.json(201, TransferAnswer.self, "The other organization is asked; completed when it is yours too")],
            problems: [RegistryProblem.organizationUnknown] + Self.askProblems
        ) { request in
            let memberID: ID<Member> = request.parameter("id")
            let target = try request.json(TransferBody.self).organizationId
            let scope = request.scope(of: RegistryPermission.membersWrite)
            return try await idempotency.once(request) { transaction in
                guard try await transfers.organizations.isInside(target, .everything, in: transaction) else {
                    throw Problem(RegistryProblem.organizationUnknown)
                }
                guard let member = try await transfers.store.members.hold(memberID, .everything, in: transaction) else {
                    throw Problem(RegistryProblem.memberNotFound)
                }
                let sides = try await transfers.sides(of: member.organizationID, target, scope, in: transaction)
                // Somebody of neither side is told what is told of a member that does not exist.
                guard !sides.isEmpty else { throw Problem(RegistryProblem.memberNotFound) }
                let subject = request.principal?.subject ?? "anyone"
                return try await opened(
                    try await transfers.store.ask(memberID, to: target, sides: { _ in sides }, by: subject, in: transaction), request,
                    in: transaction)
            }
        }
    }

    private static let askProblems =
        [
            RegistryProblem.memberNotFound, TransferProblem.memberNotActive, TransferProblem.sameOrganization, TransferProblem.targetClosed,
            TransferProblem.openExists,
        ] + IdempotencyStore.problems

    private func opened(
        _ outcome: TransferStore.AskOutcome, _ request: Request, in querying: any Querying
    ) async throws -> Response {
        switch outcome {
        case .asked(let transfer):
            let now = try await transfers.opened(transfer, by: Self.actor(request), in: querying)
            return .json(TransferAnswer(now), status: 201).with("Location", "/v1/transfers/\(transfer.id)")
        case .memberNotFound: throw Problem(RegistryProblem.memberNotFound)
        case .memberNotActive: throw Problem(TransferProblem.memberNotActive)
        case .sameOrganization: throw Problem(TransferProblem.sameOrganization)
        case .targetClosed: throw Problem(TransferProblem.targetClosed)
        case .openExists(let id):
            throw Problem(
                TransferProblem.openExists, detail: Localized(zh: "办理中的申请编号 \(id)", en: "Transfer \(id) is under way"))
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/transfers", summary: "Lists transfers from or to your organizations", tag: Self.tag,
            access: .permission(RegistryPermission.applicationsDecide),
            parameters: PageCursor.parameters + [
                .query("state", .oneOf(MemberTransfer.State.allCases.map(\.rawValue)), "Only these"),
                .query("organizationId", .id, "Only those from or to this very organization"),
                .query("memberId", .id, "Only this member's"),
            ],
            responses: [.json(200, TransferList.self, "A page")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            var filter = TransferStore.Filter()
            filter.scope = request.scope(of: RegistryPermission.applicationsDecide)
            filter.state = request.optionalParameter("state", as: String.self).flatMap(MemberTransfer.State.init(rawValue:))
            filter.organization = request.optionalParameter("organizationId")
            filter.member = request.optionalParameter("memberId")
            return try await page(filter, request)
        }
    }

    private func page(_ filter: TransferStore.Filter, _ request: Request) async throws -> Response {
        let (after, limit) = PageCursor.read(request, of: MemberTransfer.self)
        let found = try await transfers.store.list(filter, after: after, limit: limit + 1)
        let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
        return .json(TransferList(items: items.map(TransferAnswer.init), next: next))
    }

    private var read: Route {
        Route(
            .get, "/v1/transfers/{id}", summary: "One transfer", tag: Self.tag, access: .permission(RegistryPermission.applicationsDecide),
            parameters: [Self.id], responses: [.json(200, TransferAnswer.self, "The transfer")],
            problems: [TransferProblem.notFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let scope = request.scope(of: RegistryPermission.applicationsDecide)
            guard let transfer = try await transfers.store.transfer(request.parameter("id"), scope) else {
                throw Problem(TransferProblem.notFound)
            }
            return .json(TransferAnswer(transfer))
        }
    }

    private var agree: Route {
        Route(
            .post, "/v1/transfers/{id}/agree", summary: "Agrees to a transfer, for your side of it", tag: Self.tag,
            access: .permission(RegistryPermission.applicationsDecide), parameters: [Self.id, IdempotencyStore.parameter],
            responses: [.json(200, TransferAnswer.self, "As it is now")], problems: Self.decideProblems
        ) { request in
            try await decide(request, request.scope(of: RegistryPermission.applicationsDecide)) { _, sides in .agree(sides) }
        }
    }

    private var refuse: Route {
        Route(
            .post, "/v1/transfers/{id}/refuse", summary: "Refuses a transfer, for your side of it, with a reason", tag: Self.tag,
            access: .permission(RegistryPermission.applicationsDecide), parameters: [Self.id, IdempotencyStore.parameter],
            body: .json(ReasonBody.self, limitBytes: 4_096), responses: [.json(200, TransferAnswer.self, "As it is now")],
            problems: Self.decideProblems
        ) { request in
            let reason = try request.json(ReasonBody.self).reason
            return try await decide(request, request.scope(of: RegistryPermission.applicationsDecide), reason: reason) { _, sides in
                .refuse(sides)
            }
        }
    }

    private static let decideProblems =
        [TransferProblem.notFound, TransferProblem.ended, TransferProblem.deadlinePassed, TransferProblem.notASide]
        + IdempotencyStore.problems

    private func decide(
        _ request: Request, _ scope: Scope, reason: String? = nil,
        _ event: @escaping @Sendable (MemberTransfer, Set<MemberTransfer.Side>) throws -> MemberTransfer.Event
    ) async throws -> Response {
        let id: ID<MemberTransfer> = request.parameter("id")
        return try await idempotency.once(request) { transaction in
            guard let found = try await transfers.store.transfer(id, scope, in: transaction) else {
                throw Problem(TransferProblem.notFound)
            }
            let sides = try await transfers.sides(of: found.from, found.to, scope, in: transaction)
            let happened = try event(found, sides)
            switch try await transfers.happen(happened, to: found, reason: reason, by: Self.actor(request), in: transaction) {
            case .done(let transfer): return .json(TransferAnswer(transfer))
            case .notFound: throw Problem(TransferProblem.notFound)
            case .refused(.ended): throw Problem(TransferProblem.ended)
            case .refused(.deadlinePassed), .refused(.notDue): throw Problem(TransferProblem.deadlinePassed)
            case .refused(.notASide): throw Problem(TransferProblem.notASide)
            }
        }
    }
}
