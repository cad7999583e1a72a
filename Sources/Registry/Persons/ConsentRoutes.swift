import HTTP
import Postgres
import Runtime

/// Consents, over HTTP.
struct ConsentRoutes: Sendable {
    let members: MemberStore
    let consents: MemberConsentStore
    let audit: AuditStore
    let idempotency: IdempotencyStore

    var all: [Route] { [listOwn, set, list] }

    private var listOwn: Route {
        Route(
            .get, "/v1/me/consents", summary: "What you consented to, and every change of it", tag: "Me",
            access: .permission(RegistryPermission.me), responses: [.json(200, ConsentList.self, "Your consents")],
            problems: [RegistryProblem.databaseUnavailable]
        ) { request in try await answer(request.member.memberID) }
    }

    private var set: Route {
        Route(
            .put, "/v1/me/consents/{purpose}", summary: "Gives or withdraws your consent to one purpose", tag: "Me",
            access: .permission(RegistryPermission.me),
            parameters: [.path("purpose", .oneOf(ConsentPurpose.allCases.map(\.rawValue)), "What the data may be used for")],
            body: .json(ConsentBody.self, limitBytes: 1_024), responses: [.json(200, ConsentList.self, "Your consents")],
            problems: [PersonProblem.consentNeeded, RegistryProblem.memberNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let body = try request.json(ConsentBody.self)
            let purpose: ConsentPurpose = request.parameter("purpose")
            guard body.given || purpose != .registry else { throw Problem(PersonProblem.consentNeeded) }
            let id = request.member.memberID
            return try await idempotency.once(request) { transaction in
                let draft = MemberConsentDraft(
                    memberID: id, purpose: purpose, isGiven: body.given, textVersion: body.textVersion, channel: .app)
                let recorded = try await consents.record([draft], by: request.member.subject, in: transaction)
                guard let member = try await members.member(id, in: transaction), member.erasedAt == nil else {
                    throw Problem(RegistryProblem.memberNotFound)
                }
                if recorded > 0 {
                    try await audit.record(
                        body.given ? "member.consent_given" : "member.consent_withdrawn", subject: "member:\(id)",
                        organization: member.organizationID, details: ["purpose": purpose.rawValue], request, in: transaction)
                }
                return try await answer(id, in: transaction)
            }
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/members/{id}/consents", summary: "What a member consented to, and every change of it", tag: "Members",
            access: .permission(RegistryPermission.memberDetailsRead), parameters: [.path("id", .id, "The member")],
            responses: [.json(200, ConsentList.self, "The consents")],
            problems: [RegistryProblem.memberNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let scope = request.scope(of: RegistryPermission.memberDetailsRead)
            return try await answer(try await members.required(request.parameter("id"), within: scope).id)
        }
    }

    private func answer(_ id: ID<Member>, in querying: (any Querying)? = nil) async throws -> Response {
        .json(
            ConsentList(
                items: try await consents.current(of: id, in: querying).map(ConsentAnswer.init),
                history: try await consents.history(of: id, in: querying).map(ConsentAnswer.init)))
    }
}

extension ConsentPurpose: ParameterValue {}

struct ConsentBody: Codable, Sendable, APIType {
    let given: Bool
    let textVersion: String

    static let schema = Schema.object(
        "ConsentBody", "A consent",
        [
            .required("given", .boolean, "false withdraws it"),
            .required("textVersion", .string(1...40), "Of the text that was shown: 2026-11"),
        ])
}

struct ConsentAnswer: Codable, Sendable, APIType {
    let purpose: ConsentPurpose
    let given: Bool
    let textVersion: String
    let channel: ConsentChannel
    let recordedBy: String
    let recordedAt: String

    init(_ consent: MemberConsent) {
        purpose = consent.purpose
        given = consent.isGiven
        textVersion = consent.textVersion
        channel = consent.channel
        recordedBy = consent.recordedBy
        recordedAt = consent.recordedAt.description
    }

    static let schema = Schema.object(
        "Consent", "Consent to one purpose, given or withdrawn",
        [
            .required("purpose", .oneOf(ConsentPurpose.allCases.map(\.rawValue))), .required("given", .boolean),
            .required("textVersion", .string(1...40)), .required("channel", .oneOf(ConsentChannel.allCases.map(\.rawValue))),
            .required("recordedBy", .string(1...100)), .required("recordedAt", .dateTime),
        ])
}

struct ConsentList: Codable, Sendable, APIType {
    let items: [ConsentAnswer]
    let history: [ConsentAnswer]

    static let schema = Schema.object(
        "ConsentList", "What holds, and every change",
        [
            .required("items", .array(of: ConsentAnswer.schema, 0...100), "A purpose never answered is not in it, and not consented to"),
            .required("history", .array(of: ConsentAnswer.schema, 0...100_000), "In the order of time"),
        ])
}
