import HTTP
import Postgres
import Runtime

/// What is known of members and who stands for it, over HTTP.
struct MemberAttributeRoutes: Sendable {
    let members: MemberStore
    let attributes: MemberAttributeStore
    let audit: AuditStore
    let idempotency: IdempotencyStore
    let clock: Clock

    var all: [Route] { [catalogue, list, history, certify, listOwn, declare] }

    private static let tag = "Attributes"
    private static let id = Parameter.path("id", .id, "The member")
    private static let attribute = Parameter.path(
        "attribute", .oneOf(MemberAttribute.allCases.map(\.rawValue)), "One of the catalogue")
    private static let writing = [
        PersonProblem.attributeInvalid, PersonProblem.memberMerged, RegistryProblem.memberNotFound, RegistryProblem.databaseUnavailable,
    ]

    private var catalogue: Route {
        Route(
            .get, "/v1/member-attributes", summary: "What may be known of a member: attributes and their values", tag: Self.tag,
            access: .anyone, responses: [.json(200, AttributeCatalogue.self, "The catalogue")]
        ) { _ in .json(AttributeCatalogue.whole) }
    }

    private var list: Route {
        Route(
            .get, "/v1/members/{id}/attributes", summary: "What is known of a member, with evidence and what differs", tag: Self.tag,
            access: .permission(RegistryPermission.memberDetailsRead), parameters: [Self.id],
            responses: [.json(200, AttributeList.self, "The attributes")],
            problems: [RegistryProblem.memberNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            try await states(try await members.required(request.parameter("id"), within: request.scope(of: Self.reading)))
        }
    }

    private var history: Route {
        Route(
            .get, "/v1/members/{id}/attributes/{attribute}", summary: "Everything that was ever told of one attribute", tag: Self.tag,
            access: .permission(RegistryPermission.memberDetailsRead), parameters: [Self.id, Self.attribute],
            responses: [.json(200, AttributeHistory.self, "The claims")],
            problems: [RegistryProblem.memberNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let member = try await members.required(request.parameter("id"), within: request.scope(of: Self.reading))
            let attribute: MemberAttribute = request.parameter("attribute")
            var claims = try await attributes.claims(of: member.id, attribute)
            if claims.isEmpty, let column = member.columnClaim(attribute) { claims = [column] }
            return .json(AttributeHistory(attribute: attribute, items: claims.map(AttributeClaimAnswer.init)))
        }
    }

    private var certify: Route {
        Route(
            .put, "/v1/members/{id}/attributes/{attribute}", summary: "Records a value that the organization stands for", tag: Self.tag,
            access: .permission(RegistryPermission.membersWrite), parameters: [Self.id, Self.attribute],
            body: .json(AttributeBody.self, limitBytes: 4_096), responses: [.json(200, AttributeList.self, "What is known now")],
            problems: Self.writing
        ) { request in
            let id = try await members.required(request.parameter("id"), within: request.scope(of: RegistryPermission.membersWrite)).id
            return try await record(id, .certified, request)
        }
    }

    private var listOwn: Route {
        Route(
            .get, "/v1/me/attributes", summary: "What is known of you, with evidence and what differs", tag: "Me",
            access: .permission(RegistryPermission.me), responses: [.json(200, AttributeList.self, "The attributes")],
            problems: [RegistryProblem.memberNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            guard let member = try await members.member(request.member.memberID) else { throw Problem(RegistryProblem.memberNotFound) }
            return try await states(member)
        }
    }

    private var declare: Route {
        Route(
            .put, "/v1/me/attributes/{attribute}",
            summary: "Declares a value about yourself; one that your union certified stays, and yours is listed as differing", tag: "Me",
            access: .permission(RegistryPermission.me), parameters: [Self.attribute],
            body: .json(AttributeBody.self, limitBytes: 4_096), responses: [.json(200, AttributeList.self, "What is known now")],
            problems: Self.writing
        ) { request in
            try await record(request.member.memberID, .selfDeclared, request)
        }
    }

    private static var reading: Permission { RegistryPermission.memberDetailsRead }

    private func states(_ member: Member, in querying: (any Querying)? = nil) async throws -> Response {
        .json(AttributeList(items: try await attributes.states(of: member, in: querying).map(AttributeAnswer.init)))
    }

    private func record(_ id: ID<Member>, _ evidence: AttributeEvidence, _ request: Request) async throws -> Response {
        let attribute: MemberAttribute = request.parameter("attribute")
        let draft = try request.json(AttributeBody.self).draft(id, attribute, evidence, today: .inChina(clock))
        let subject = request.principal?.subject ?? "anyone"
        return try await idempotency.once(request) { transaction in
            let outcome = try await attributes.claim([draft], by: subject, in: transaction).first
            guard let member = try await members.member(id, in: transaction) else { throw Problem(RegistryProblem.memberNotFound) }
            switch outcome {
            case .recorded:
                try await audit.record(
                    "member.attribute_recorded", subject: "member:\(id)", organization: member.organizationID,
                    details: ["attribute": attribute.rawValue, "evidence": evidence.rawValue], request, in: transaction)
            case .unchanged: break
            case .memberUnknown, nil: throw Problem(PersonProblem.memberMerged)
            }
            return try await states(member, in: transaction)
        }
    }
}

extension MemberAttribute: ParameterValue {}
