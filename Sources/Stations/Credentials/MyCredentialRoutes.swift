import HTTP
import Postgres
import Registry
import Runtime

/// A member's own cards, numbers and day codes.
struct MyCredentialRoutes: Sendable {
    let credentials: CredentialStore
    let desk: CardDesk
    let audit: AuditStore
    let idempotency: IdempotencyStore
    let clock: Clock

    var all: [Route] { [list, card, reportLost, setPIN] }

    private static let id = Parameter.path("id", .id, "One of the member's credentials")

    private var list: Route {
        Route(
            .get, "/v1/me/credentials", summary: "Lists the caller's cards, numbers and day codes", tag: "Me",
            access: .permission(RegistryPermission.me), parameters: PageCursor.parameters,
            responses: [.json(200, CredentialList.self, "Credentials")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            try await CredentialRoutes.page(of: request.member.memberID, request, credentials)
        }
    }

    private var card: Route {
        Route(
            .get, "/v1/me/credentials/{id}/card", summary: "An own card to be printed: 85.6 by 54 mm as SVG, or what it shows as JSON",
            tag: "Me", access: .permission(RegistryPermission.me), parameters: [Self.id], responses: CardDesk.responses,
            problems: [
                CredentialProblem.unknown, CredentialProblem.notACard, CredentialProblem.revoked, CredentialProblem.expired,
                RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            try await credentials.database.inTransaction { querying in
                let found = try await own(request, in: querying)
                let answer = try await desk.answer(found, request)
                guard let lastDay = CardDesk.lastDay(of: found), .inChina(clock) <= lastDay else {
                    throw Problem(CredentialProblem.expired)
                }
                try await audit.record(
                    "credential.printed", subject: "credential:\(found.credential.id)", organization: found.memberOrganizationID, request,
                    in: querying)
                return answer
            }
        }
    }

    private var reportLost: Route {
        Route(
            .post, "/v1/me/credentials/{id}/lost", summary: "Reports an own credential lost: it opens nothing from now on", tag: "Me",
            access: .permission(RegistryPermission.me), parameters: [Self.id, IdempotencyStore.parameter],
            responses: [.json(200, AccessCredential.self, "The credential, revoked")],
            problems: [CredentialProblem.unknown] + IdempotencyStore.problems
        ) { request in
            try await change(request, "credential.reported_lost") { id, querying in
                try await credentials.revoke(id, .lost, by: request.member.subject, in: querying)
            }
        }
    }

    private var setPIN: Route {
        Route(
            .put, "/v1/me/credentials/{id}/pin", summary: "Sets the PIN of an own card or number", tag: "Me",
            access: .permission(RegistryPermission.me), parameters: [Self.id], body: .json(PINBody.self, limitBytes: 1_024),
            responses: [.json(200, AccessCredential.self, "The credential")],
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

    private func change(
        _ request: Request, _ action: String, _ body: @escaping @Sendable (ID<AccessCredential>, any Querying) async throws -> Bool
    ) async throws -> Response {
        try await idempotency.once(request) { querying in
            let found = try await own(request, in: querying)
            let id = found.credential.id
            if try await body(id, querying) {
                try await audit.record(
                    action, subject: "credential:\(id)", organization: found.memberOrganizationID, request, in: querying)
            }
            return .json(try await own(request, in: querying).credential)
        }
    }

    /// Another member's is unknown.
    private func own(_ request: Request, in querying: any Querying) async throws -> CredentialStore.Found {
        guard let found = try await credentials.find(request.parameter("id"), in: querying),
            found.credential.memberId == request.member.memberID
        else { throw Problem(CredentialProblem.unknown) }
        return found
    }
}
