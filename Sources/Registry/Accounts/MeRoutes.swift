import HTTP
import MemberCode
import Postgres
import Runtime

/// What members see of themselves: who they are, their code of this minute, their sessions.
struct MeRoutes: Sendable {
    let members: MemberStore
    let organizations: OrganizationStore
    let sessions: MemberSessionStore
    let issuer: MemberCodeIssuer
    let clock: Clock
    let authenticator: RegistryAuthenticator

    var all: [Route] { [read, code, codes, listSessions, endSession, endOtherSessions] }

    private var read: Route {
        Route(
            .get, "/v1/me", summary: "Your membership, masked as others see it", tag: "Me", access: .permission(RegistryPermission.me),
            responses: [.json(200, MeAnswer.self, "You and your organization")],
            problems: [RegistryProblem.memberNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            guard let member = try await members.member(request.member.memberID),
                let organization = try await organizations.organization(member.organizationID)
            else { throw Problem(RegistryProblem.memberNotFound) }
            return .json(
                MeAnswer(
                    member: MemberAnswer(member), organizationName: organization.name, organizationKind: organization.kind,
                    hasCode: member.status.holdsCard))
        }
    }

    private var code: Route {
        Route(
            .get, "/v1/me/code", summary: "Your code of this minute: JSON, or by Accept an SVG or a terminal drawing", tag: "Me",
            access: .permission(RegistryPermission.me), responses: MemberCodeRoutes.responses,
            problems: [RegistryProblem.memberNotFound, RegistryProblem.memberNotActive, RegistryProblem.databaseUnavailable]
        ) { request in
            let id = request.member.memberID
            guard let status = try await members.status(of: id) else { throw Problem(RegistryProblem.memberNotFound) }
            guard status.holdsCard else { throw Problem(RegistryProblem.memberNotActive) }
            return try MemberCodeRoutes.answer(issuer, id, clock: clock, accepting: request.headers["Accept"])
        }
    }

    private var listSessions: Route {
        Route(
            .get, "/v1/me/sessions", summary: "Where you are signed in, the newest first", tag: "Me",
            access: .permission(RegistryPermission.me), responses: [.json(200, SessionList.self, "Sessions in force")],
            problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let present = request.member.sessionID
            let found = try await sessions.list(of: request.member.memberID)
            return .json(SessionList(items: found.map { SessionAnswer($0, isThis: $0.id == present) }))
        }
    }

    private var endSession: Route {
        Route(
            .delete, "/v1/me/sessions/{id}", summary: "Signs out: this session or another of yours", tag: "Me",
            access: .permission(RegistryPermission.me), parameters: [.path("id", .id, "The session")],
            responses: [.empty(204, "It is over")],
            problems: [AccountProblem.sessionNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let ended = try await sessions.end(request.parameter("id"), of: request.member.memberID)
            authenticator.forgetAll()
            guard ended else { throw Problem(AccountProblem.sessionNotFound) }
            return .empty()
        }
    }

    private var endOtherSessions: Route {
        Route(
            .delete, "/v1/me/sessions", summary: "Signs out everywhere else", tag: "Me", access: .permission(RegistryPermission.me),
            responses: [.empty(204, "This is the only session")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            try await sessions.endAll(of: request.member.memberID, but: request.member.sessionID)
            authenticator.forgetAll()
            return .empty()
        }
    }
}

struct MeAnswer: Codable, Sendable, APIType {
    let member: MemberAnswer
    let organizationName: String
    let organizationKind: OrganizationKind
    let hasCode: Bool

    static let schema = Schema.object(
        "Me", "Your membership",
        [
            .required("member", MemberAnswer.schema), .required("organizationName", .string(1...100)),
            .required("organizationKind", .oneOf(OrganizationKind.allCases.map(\.rawValue))),
            .required("hasCode", .boolean, "Your status lets you show a code"),
        ])
}

/// A session as its owner sees it.
struct SessionAnswer: Codable, Sendable, APIType {
    let id: Int64
    let deviceName: String?
    let isThis: Bool
    let madeBy: String?
    let createdAt: String
    let seenAt: String?
    let expiresAt: String?

    init(_ session: MemberSession, isThis: Bool) {
        id = session.id.rawValue
        deviceName = session.deviceName
        self.isThis = isThis
        madeBy = nil
        createdAt = session.createdAt.description
        seenAt = session.seenAt.description
        expiresAt = session.expiresAt.description
    }

    static let schema = Schema.object(
        "Session", "Where somebody is signed in",
        [
            .required("id", .id), .optional("deviceName", .string(1...100)), .required("isThis", .boolean, "The one that asks"),
            .optional("madeBy", .string(1...20), "Of an account's: command, password or invitation"), .required("createdAt", .dateTime),
            .optional("seenAt", .dateTime, "To the hour"),
            .optional("expiresAt", .dateTime, "Absent for one that only ends when it is ended"),
        ])
}

struct SessionList: Codable, Sendable, APIType {
    let items: [SessionAnswer]

    static let schema = Schema.object(
        "SessionList", "Sessions in force", [.required("items", .array(of: SessionAnswer.schema, 0...200))])
}
