import HTTP
import Postgres
import Runtime

/// Leaving, suspension, coming back, and where a member belonged.
struct MembershipRoutes: Sendable {
    let members: MemberStore
    let organizations: OrganizationStore
    let audit: AuditStore
    let outbox: OutboxStore
    let idempotency: IdempotencyStore

    private static let id = Parameter.path("id", .id, "The member")
    private static let tag = "Members"

    var all: [Route] { [leave, suspend, rejoin, history, leaveOwn, historyOwn] }

    private var leave: Route {
        organizers("leave", "Ends a membership, with a reason") { request, transaction in
            let reason = try request.json(ReasonBody.self).reason
            return try await change(.leave, request, reason: reason, tells: .left, in: transaction)
        }
    }

    private var suspend: Route {
        organizers("suspend", "Suspends a membership, with a reason: doors stay shut") { request, transaction in
            let reason = try request.json(ReasonBody.self).reason
            return try await change(.suspend, request, reason: reason, tells: .suspended, in: transaction)
        }
    }

    private func organizers(
        _ verb: String, _ summary: String, _ handler: @escaping @Sendable (Request, any Querying) async throws -> Response
    ) -> Route {
        Route(
            .post, "/v1/members/{id}/\(verb)", summary: summary, tag: Self.tag, access: .permission(RegistryPermission.membersWrite),
            parameters: [Self.id, EntityTag.ifMatch, IdempotencyStore.parameter], body: .json(ReasonBody.self, limitBytes: 4_096),
            responses: [.json(200, MemberAnswer.self, "The member, masked")], problems: Self.problems
        ) { request in
            try await idempotency.once(request) { transaction in try await handler(request, transaction) }
        }
    }

    private var rejoin: Route {
        Route(
            .post, "/v1/members/{id}/rejoin", summary: "Takes back who had left or was suspended, with a reason", tag: Self.tag,
            access: .permission(RegistryPermission.membersWrite), parameters: [Self.id, EntityTag.ifMatch, IdempotencyStore.parameter],
            body: .json(RejoinBody.self, limitBytes: 4_096), responses: [.json(200, MemberAnswer.self, "The member, masked")],
            problems: Self.problems + [RegistryProblem.organizationUnknown, OrganizationProblem.closed]
        ) { request in
            let body = try request.json(RejoinBody.self)
            return try await idempotency.once(request) { transaction in
                let scope = request.scope(of: RegistryPermission.membersWrite)
                let target = body.organizationId
                if let target, try await !organizations.isInside(target, scope, in: transaction) {
                    throw Problem(RegistryProblem.organizationUnknown)
                }
                return try await change(.rejoin, request, reason: body.reason, organization: target, tells: .joined, in: transaction)
            }
        }
    }

    private var leaveOwn: Route {
        Route(
            .post, "/v1/me/leave", summary: "Ends your membership, with a reason", tag: Self.tag,
            access: .permission(RegistryPermission.me), parameters: [IdempotencyStore.parameter],
            body: .json(ReasonBody.self, limitBytes: 4_096), responses: [.json(200, MemberAnswer.self, "You, masked")],
            problems: [RegistryProblem.memberNotFound, RegistryProblem.statusNotAllowed] + IdempotencyStore.problems
        ) { request in
            let reason = try request.json(ReasonBody.self).reason
            return try await idempotency.once(request) { transaction in
                try await change(.leave, request, own: request.member.memberID, reason: reason, tells: .left, in: transaction)
            }
        }
    }

    private static let problems =
        [RegistryProblem.memberNotFound, RegistryProblem.memberChanged, RegistryProblem.statusNotAllowed] + IdempotencyStore.problems

    /// One change: held, judged by the status's rule, written with its history, told.
    private func change(
        _ event: MemberStatus.Event, _ request: Request, own: ID<Member>? = nil, reason: String,
        organization: ID<Organization>? = nil, tells told: MemberEvent, in querying: any Querying
    ) async throws -> Response {
        let id = own ?? request.parameter("id")
        let scope = own == nil ? request.scope(of: RegistryPermission.membersWrite) : .everything
        guard let present = try await members.hold(id, scope, in: querying) else { throw Problem(RegistryProblem.memberNotFound) }
        if own == nil, let version = request.versionToChange, Int(version) != present.version {
            throw Problem(RegistryProblem.memberChanged)
        }
        guard let status = present.status.after(event), try await members.mayChange(id, in: querying) else {
            throw Problem(
                RegistryProblem.statusNotAllowed,
                detail: Localized(
                    zh: "\(present.status.rawValue) 的会员不能 \(event.rawValue)",
                    en: "\(event.rawValue) is not for a member who is \(present.status.rawValue)"))
        }
        let isBack = present.status == .left
        // A suspension is lifted where the member is; who wants to go elsewhere is transferred.
        if !isBack, let organization, organization != present.organizationID { throw Problem(RegistryProblem.statusNotAllowed) }
        let place = organization ?? present.organizationID
        if isBack, try await !members.takesMembers(place, in: querying) { throw Problem(OrganizationProblem.closed) }
        let subject = request.principal?.subject ?? "anyone"
        try await members.write(
            status, of: id, by: subject, reason: reason, organization: isBack ? organization : nil, in: querying)
        try await audit.record(
            "membership.\(event.rawValue)", subject: "member:\(id)", organization: place, request, in: querying)
        try await told.emit(MemberEvent.Payload(memberId: id, organizationId: place), to: outbox, in: querying)
        guard let member = try await members.member(id, in: querying) else { throw Problem(RegistryProblem.memberNotFound) }
        return Response.json(MemberAnswer(member)).with("ETag", EntityTag.of(version: member.version))
    }

    // MARK: History

    private var history: Route {
        Route(
            .get, "/v1/members/{id}/memberships", summary: "Where a member belonged, the present membership first", tag: Self.tag,
            access: .permission(RegistryPermission.membersWrite), parameters: [Self.id],
            responses: [.json(200, MembershipList.self, "The memberships")],
            problems: [RegistryProblem.memberNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let id: ID<Member> = request.parameter("id")
            guard try await members.isInside(id, request.scope(of: RegistryPermission.membersWrite)) else {
                throw Problem(RegistryProblem.memberNotFound)
            }
            return .json(MembershipList(items: try await members.memberships(of: id).map(MembershipAnswer.init)))
        }
    }

    private var historyOwn: Route {
        Route(
            .get, "/v1/me/memberships", summary: "Where you belonged, the present membership first", tag: Self.tag,
            access: .permission(RegistryPermission.me), responses: [.json(200, MembershipList.self, "The memberships")],
            problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            .json(MembershipList(items: try await members.memberships(of: request.member.memberID).map(MembershipAnswer.init)))
        }
    }
}
