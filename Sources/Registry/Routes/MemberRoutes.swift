import HTTP
import Runtime

/// Members, over HTTP.
struct MemberRoutes: Sendable {
    let members: MemberStore
    let outbox: OutboxStore
    let idempotency: IdempotencyStore
    let clock: Clock
    var audit: AuditStore { AuditStore() }

    var all: [Route] { [create, list, read, setStatus] }

    private static let id = Parameter.path("id", .id, "The member")

    private var create: Route {
        Route(
            .post, "/v1/members", summary: "Enters a new member", tag: "Members", access: .permission(RegistryPermission.membersWrite),
            parameters: [IdempotencyStore.parameter], body: .json(MemberBody.self, limitBytes: 8_192),
            responses: [.json(201, MemberAnswer.self, "The member, masked")],
            problems: [RegistryProblem.memberInvalid, RegistryProblem.memberExists, RegistryProblem.organizationUnknown]
                + IdempotencyStore.problems
        ) { request in
            let draft = try request.json(MemberBody.self).draft(today: .inChina(clock))
            let scope = request.scope(of: RegistryPermission.membersWrite)
            return try await idempotency.once(request) { transaction in
                guard try await members.reaches(draft.organizationID, scope, in: transaction) else { throw Self.organizationUnknown }
                switch try await members.create(draft, in: transaction) {
                case .created(let member):
                    try await audit.record(
                        "member.created", subject: "member:\(member.id)", organization: member.organizationID, request, in: transaction)
                    try await MemberEvent.joined.emit(
                        MemberEvent.Payload(memberId: member.id, organizationId: member.organizationID), to: outbox, in: transaction)
                    return Self.answer(member, status: 201).with("Location", "/v1/members/\(member.id)")
                case .exists(let id):
                    // A member of another subtree is nobody whose number could be told.
                    let isReached = try await members.status(of: id, within: scope, in: transaction) != nil
                    throw Problem(
                        RegistryProblem.memberExists,
                        detail: isReached
                            ? Localized(zh: "此人已是会员，编号 \(id)", en: "This person is member \(id) already") : nil)
                case .organizationUnknown: throw Self.organizationUnknown
                }
            }
        }
    }

    private static let organizationUnknown = Problem(
        RegistryProblem.organizationUnknown,
        violations: [Violation("registry.organization_unknown", pointer: "/organizationId", zh: "没有这个组织", en: "no such organization")])

    private var list: Route {
        Route(
            .get, "/v1/members", summary: "Lists members, masked, in the order of their numbers", tag: "Members",
            access: .permission(RegistryPermission.membersRead),
            parameters: PageCursor.parameters + [
                .query("status", .oneOf(MemberStatus.allCases.map(\.rawValue)), "Only these"),
                .query("organizationId", .id, "Only members of this very organization"),
            ],
            responses: [.json(200, MemberList.self, "A page")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (after, limit) = PageCursor.read(request, of: Member.self)
            let filter = MemberStore.Filter(
                status: request.optionalParameter("status", as: String.self).flatMap(MemberStatus.init(rawValue:)),
                organizationID: request.optionalParameter("organizationId"),
                scope: request.scope(of: RegistryPermission.membersRead))
            let found = try await members.list(filter, after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(MemberList(items: items.map(MemberAnswer.init), next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/members/{id}", summary: "One member, masked", tag: "Members",
            access: .permission(RegistryPermission.membersRead), parameters: [Self.id],
            responses: [.json(200, MemberAnswer.self, "The member; its ETag names the version")],
            problems: [RegistryProblem.memberNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let scope = request.scope(of: RegistryPermission.membersRead)
            guard let member = try await members.member(request.parameter("id"), within: scope) else {
                throw Problem(RegistryProblem.memberNotFound)
            }
            return Self.answer(member, status: 200)
        }
    }

    private var setStatus: Route {
        Route(
            .post, "/v1/members/{id}/status", summary: "Sets a member's status", tag: "Members",
            access: .permission(RegistryPermission.membersWrite),
            parameters: [Self.id, EntityTag.ifMatch, IdempotencyStore.parameter], body: .json(MemberStatusBody.self, limitBytes: 1_024),
            responses: [.json(200, MemberAnswer.self, "The member, masked")],
            problems: [
                RegistryProblem.memberNotFound, RegistryProblem.memberChanged, RegistryProblem.statusNotAllowed, OrganizationProblem.closed,
            ] + IdempotencyStore.problems
        ) { request in
            let status = try request.json(MemberStatusBody.self).status
            let id = request.parameter("id", as: ID<Member>.self)
            let version = request.versionToChange.map(Int.init)
            let subject = request.principal?.subject ?? "anyone"
            let scope = request.scope(of: RegistryPermission.membersWrite)
            return try await idempotency.once(request) { transaction in
                guard let before = try await members.hold(id, scope, in: transaction) else {
                    throw Problem(RegistryProblem.memberNotFound)
                }
                switch try await members.setStatus(status, of: id, ifVersion: version, by: subject, in: transaction) {
                case .changed(let member):
                    try await audit.record(
                        "member.status_changed", subject: "member:\(id)", organization: member.organizationID,
                        details: ["status": status.rawValue], request, in: transaction)
                    if before.status != status {
                        try await MemberEvent(reaching: status).emit(
                            MemberEvent.Payload(memberId: id, organizationId: member.organizationID), to: outbox, in: transaction)
                    }
                    return Self.answer(member, status: 200)
                case .notFound: throw Problem(RegistryProblem.memberNotFound)
                case .organizationClosed: throw Problem(OrganizationProblem.closed)
                case .otherVersion: throw Problem(RegistryProblem.memberChanged)
                case .notAllowed(let present):
                    throw Problem(
                        RegistryProblem.statusNotAllowed,
                        detail: Localized(
                            zh: "不能从 \(present.rawValue) 变为 \(status.rawValue)",
                            en: "\(present.rawValue) does not become \(status.rawValue)"))
                }
            }
        }
    }

    private static func answer(_ member: Member, status: Int) -> Response {
        Response.json(MemberAnswer(member), status: status).with("ETag", EntityTag.of(version: member.version))
    }
}
