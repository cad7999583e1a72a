import HTTP
import Postgres
import Runtime

/// A member's own data, over HTTP: to see, to take away, to end.
struct OwnDataRoutes: Sendable {
    let members: MemberStore
    let organizations: OrganizationStore
    let data: PersonalDataStore
    let sections: PersonalDataSections
    let audit: AuditStore
    let outbox: OutboxStore
    let idempotency: IdempotencyStore
    let authenticator: RegistryAuthenticator

    var all: [Route] { [export, eraseOwn, erase] }

    private var export: Route {
        Route(
            .get, "/v1/me/data", summary: "Everything that is stored about you, in clear", tag: "Me",
            access: .permission(RegistryPermission.me),
            responses: [.json(200, OwnDataAnswer.self, "A file for you: one section for each kind of data")],
            problems: [RegistryProblem.memberNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let id = request.member.memberID
            return try await idempotency.once(request) { transaction in
                let numbers = try await members.numbers(of: id, in: transaction)
                let people = try await members.members(numbers, within: .everything, in: transaction)
                guard let member = people.first(where: { $0.id == id }), member.erasedAt == nil else {
                    throw Problem(RegistryProblem.memberNotFound)
                }
                try await audit.record(
                    "member.data_exported", subject: "member:\(id)", organization: member.organizationID, request, in: transaction)
                var read: [String: OwnDataAnswer.Section] = [:]
                for section in sections.all { read[section.name] = .init(value: try await section.read(numbers, transaction)) }
                let organization = try await organizations.organization(member.organizationID)
                return Response.json(OwnDataAnswer(people.map { OwnMember($0) }, organization?.name, read))
                    .with("Content-Disposition", "attachment; filename=\"my-data.json\"").with("Cache-Control", "no-store")
            }
        }
    }

    private var eraseOwn: Route {
        Route(
            .post, "/v1/me/erasure", summary: "Erases everything that tells who you are, at once and for good", tag: "Me",
            access: .permission(RegistryPermission.me), body: .json(OwnErasureBody.self, limitBytes: 1_024),
            responses: [.json(200, ErasureAnswer.self, "You are forgotten; your sessions are over")], problems: Self.problems
        ) { request in
            _ = try request.json(OwnErasureBody.self)
            return try await erase(request.member.memberID, .askedByThePerson, within: .everything, request)
        }
    }

    private var erase: Route {
        Route(
            .post, "/v1/members/{id}/erasure", summary: "Erases everything that tells who a member is, at once and for good",
            tag: "Members", access: .permission(RegistryPermission.membersErase), parameters: [.path("id", .id, "The member")],
            body: .json(ErasureBody.self, limitBytes: 1_024),
            responses: [.json(200, ErasureAnswer.self, "The person is forgotten; the number and the figures stay")],
            problems: Self.problems
        ) { request in
            let body = try request.json(ErasureBody.self)
            return try await erase(
                request.parameter("id"), body.reason, within: request.scope(of: RegistryPermission.membersErase), request)
        }
    }

    private static let problems = [
        RegistryProblem.memberNotFound, PersonProblem.memberMerged, PersonProblem.memberErased, RegistryProblem.databaseUnavailable,
    ]

    private func erase(_ id: ID<Member>, _ reason: ErasureReason, within scope: Scope, _ request: Request) async throws -> Response {
        let subject = request.principal?.subject ?? "anyone"
        let response = try await idempotency.once(request) { transaction in
            let member = try await members.required(id, within: scope, in: transaction)
            let numbers = try await members.numbers(of: id, in: transaction)
            let people = try await members.members(numbers, within: .everything, in: transaction)
            switch try await data.erase(id, people, reason: reason, by: subject, in: transaction) {
            case .erased: break
            case .unknown: throw Problem(RegistryProblem.memberNotFound)
            case .merged: throw Problem(PersonProblem.memberMerged)
            case .already: throw Problem(PersonProblem.memberErased)
            }
            for section in sections.all { try await section.erase(numbers, transaction) }
            try await audit.record(
                "member.erased", subject: "member:\(id)", organization: member.organizationID,
                details: ["reason": reason.rawValue, "numbers": numbers.map(\.description).joined(separator: " ")], request,
                in: transaction)
            try await outbox.emit(
                "member.left", subject: "member:\(id)", organization: member.organizationID,
                data: ErasedEvent(memberId: id, organizationId: member.organizationID, erased: true), in: transaction)
            return .json(ErasureAnswer(memberIds: numbers))
        }
        authenticator.forgetAll()
        return response
    }
}

/// What receivers of webhooks are told, so that they forget too.
struct ErasedEvent: Encodable, Sendable {
    let memberId: ID<Member>
    let organizationId: ID<Organization>
    let erased: Bool
}
