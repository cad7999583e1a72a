import HTTP
import Postgres
import Registry
import Runtime

/// Cards, numbers and day codes: handed out, listed, revoked and given PINs by organizers.
struct CredentialRoutes: Sendable {
    let credentials: CredentialStore
    let desk: CardDesk
    let audit: AuditStore
    let idempotency: IdempotencyStore

    var all: [Route] { [issue, list, card, revoke, setPIN, removePIN, unlock] }

    private static let id = Parameter.path("id", .id, "The credential")

    private var issue: Route {
        Route(
            .post, "/v1/members/{id}/credentials",
            summary: "Gives a member a printed card, binds a number to the member, or hands out a day code", tag: "Credentials",
            access: .permission(RegistryPermission.credentialsWrite),
            parameters: [.path("id", .id, "The member"), IdempotencyStore.parameter],
            body: .json(CredentialDraft.self, limitBytes: 4_096),
            responses: [.json(201, IssuedCredential.self, "The credential; a day code is shown this once")],
            problems: [
                RegistryProblem.memberNotFound, RegistryProblem.organizationUnknown, CredentialProblem.invalid,
                CredentialProblem.memberGone, CredentialProblem.numberBound, CredentialProblem.noCodeLeft,
            ] + IdempotencyStore.problems
        ) { request in
            let draft = try request.json(CredentialDraft.self)
            let (number, pin) = try draft.checked()
            let scope = request.scope(of: RegistryPermission.credentialsWrite)
            let member = request.parameter("id", as: ID<Member>.self)
            let subject = request.principal?.subject ?? "anyone"
            return try await idempotency.once(request) { querying in
                switch try await credentials.issue(draft, number: number, pin: pin, to: member, within: scope, by: subject, in: querying) {
                case .issued(let found, let code):
                    let credential = found.credential
                    try await audit.record(
                        "credential.issued", subject: "credential:\(credential.id)", organization: found.memberOrganizationID,
                        details: ["kind": credential.kind.rawValue, "member": "member:\(member)"], request, in: querying)
                    let text = credential.kind == .card ? desk.text(of: found) : code?.digits
                    return Response.json(IssuedCredential(credential: credential, code: text), status: 201)
                        .with("Location", "/v1/credentials/\(credential.id)/card")
                case .memberUnknown: throw Problem(RegistryProblem.memberNotFound)
                case .memberGone: throw Problem(CredentialProblem.memberGone)
                case .numberBound: throw Problem(CredentialProblem.numberBound)
                case .noCodeLeft: throw Problem(CredentialProblem.noCodeLeft, retryAfterSeconds: 1)
                case .organizationUnknown:
                    throw Problem(
                        RegistryProblem.organizationUnknown,
                        violations: [
                            Violation(
                                "registry.organization_unknown", pointer: "/organizationId", zh: "没有这个组织", en: "no such organization")
                        ])
                }
            }
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/members/{id}/credentials", summary: "Lists a member's credentials, those that are over among them",
            tag: "Credentials", access: .permission(RegistryPermission.membersRead),
            parameters: [.path("id", .id, "The member")] + PageCursor.parameters,
            responses: [.json(200, CredentialList.self, "Credentials")],
            problems: [RegistryProblem.memberNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let member = request.parameter("id", as: ID<Member>.self)
            guard try await credentials.isMemberInside(member, request.scope(of: RegistryPermission.membersRead)) else {
                throw Problem(RegistryProblem.memberNotFound)
            }
            return try await Self.page(of: member, request, credentials)
        }
    }

    /// A page of a member's credentials as `request` asks for it.
    static func page(of member: ID<Member>, _ request: Request, _ credentials: CredentialStore) async throws -> Response {
        let (after, limit) = PageCursor.read(request, of: AccessCredential.self)
        let found = try await credentials.list(of: member, after: after, limit: limit + 1)
        let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
        return .json(CredentialList(items: items, next: next))
    }

    private var card: Route {
        Route(
            .get, "/v1/credentials/{id}/card", summary: "A card to be printed: 85.6 by 54 mm as SVG, or what it shows as JSON",
            tag: "Credentials", access: .permission(RegistryPermission.credentialsWrite), parameters: [Self.id],
            responses: CardDesk.responses,
            problems: [
                CredentialProblem.unknown, CredentialProblem.notACard, CredentialProblem.revoked, RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            try await desk.answer(try await find(request), request)
        }
    }

    private var revoke: Route {
        Route(
            .post, "/v1/credentials/{id}/revoke", summary: "Ends a credential for good; again changes nothing", tag: "Credentials",
            access: .permission(RegistryPermission.credentialsWrite), parameters: [Self.id, IdempotencyStore.parameter],
            body: .json(RevocationBody.self, limitBytes: 1_024),
            responses: [.json(200, AccessCredential.self, "The credential with the reason given first")],
            problems: [CredentialProblem.unknown] + IdempotencyStore.problems
        ) { request in
            let reason = try request.json(RevocationBody.self).reason
            return try await change(request, "credential.revoked", details: ["reason": reason.rawValue]) { id, querying in
                try await credentials.revoke(id, reason, by: request.principal?.subject ?? "anyone", in: querying)
            }
        }
    }

    private var setPIN: Route {
        Route(
            .put, "/v1/credentials/{id}/pin", summary: "Sets the PIN of a card or number, and unlocks it", tag: "Credentials",
            access: .permission(RegistryPermission.credentialsWrite), parameters: [Self.id],
            body: .json(PINBody.self, limitBytes: 1_024), responses: [.json(200, AccessCredential.self, "The credential")],
            problems: [
                CredentialProblem.unknown, CredentialProblem.invalid, CredentialProblem.revoked, RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let pin = try request.json(PINBody.self).checked()
            return try await change(request, "credential.pin_set") { id, querying in
                guard try await credentials.setPIN(pin, of: id, in: querying) else { throw Problem(CredentialProblem.revoked) }
                return true
            }
        }
    }

    private var removePIN: Route {
        Route(
            .delete, "/v1/credentials/{id}/pin", summary: "Takes the PIN of a card or number away", tag: "Credentials",
            access: .permission(RegistryPermission.credentialsWrite), parameters: [Self.id],
            responses: [.json(200, AccessCredential.self, "The credential")],
            problems: [CredentialProblem.unknown, CredentialProblem.revoked, RegistryProblem.databaseUnavailable]
        ) { request in
            try await change(request, "credential.pin_removed") { id, querying in
                guard try await credentials.setPIN(nil, of: id, in: querying) else { throw Problem(CredentialProblem.revoked) }
                return true
            }
        }
    }

    private var unlock: Route {
        Route(
            .post, "/v1/credentials/{id}/unlock", summary: "Lets the PIN be tried again after five wrong ones", tag: "Credentials",
            access: .permission(RegistryPermission.credentialsWrite), parameters: [Self.id],
            responses: [.json(200, AccessCredential.self, "The credential")],
            problems: [CredentialProblem.unknown, RegistryProblem.databaseUnavailable]
        ) { request in
            try await change(request, "credential.unlocked") { id, querying in
                try await credentials.unlock(id, in: querying)
                return true
            }
        }
    }

    private func find(_ request: Request, in querying: (any Querying)? = nil) async throws -> CredentialStore.Found {
        let scope = request.scope(of: RegistryPermission.credentialsWrite)
        guard let found = try await credentials.find(request.parameter("id"), within: scope, in: querying) else {
            throw Problem(CredentialProblem.unknown)
        }
        return found
    }

    /// Changes the credential that `request` names and writes it down, in one transaction.
    /// - Parameter body: false where nothing was changed.
    private func change(
        _ request: Request, _ action: String, details: [String: String] = [:],
        _ body: @escaping @Sendable (ID<AccessCredential>, any Querying) async throws -> Bool
    ) async throws -> Response {
        try await idempotency.once(request) { querying in
            let found = try await find(request, in: querying)
            let id = found.credential.id
            if try await body(id, querying) {
                try await audit.record(
                    action, subject: "credential:\(id)", organization: found.memberOrganizationID, details: details, request, in: querying)
            }
            return .json(try await find(request, in: querying).credential)
        }
    }
}
