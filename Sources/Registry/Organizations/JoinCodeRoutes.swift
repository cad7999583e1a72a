import HTTP
import MemberCode
import Postgres
import Runtime

/// An organization's join code: as JSON, as a picture, for terminals, and on a poster.
struct JoinCodeRoutes: Sendable {
    let organizations: OrganizationStore
    let profiles: OrganizationProfileStore
    let codes: JoinCodeStore
    let audit: AuditStore
    let idempotency: IdempotencyStore

    private static let picture = "image/svg+xml"
    private static let page = "text/html"

    var all: [Route] { [read, rotate, disable, poster] }

    private var read: Route {
        Route(
            .get, "/v1/organizations/{id}/join-code", summary: "The join code in use: JSON, or by Accept an SVG or a terminal drawing",
            tag: OrganizationRoutes.tag, access: .permission(RegistryPermission.organizationsRead), parameters: [OrganizationRoutes.id],
            responses: [
                .json(200, JoinCodeAnswer.self, "The short code and the text of the QR"), .bytes(200, [Self.picture], "The QR"),
                .text(200, "The QR as a drawing for terminals"),
            ],
            problems: [RegistryProblem.organizationNotFound, OrganizationProblem.noJoinCode, RegistryProblem.databaseUnavailable]
        ) { request in
            let (_, issued) = try await inUse(request)
            let wanted = AcceptedType.first(
                of: ["application/json", Self.picture, "text/plain"], accepting: request.headers["Accept"] ?? "*/*")
            switch wanted {
            case Self.picture:
                let svg = try QRCode(issued.code.qrText, level: .quartile).svg(title: "加入工会 Join the union")
                return .bytes(Array(svg.utf8), contentType: Self.picture)
            case "text/plain": return .text(try QRCode(issued.code.qrText).terminal())
            default: return .json(JoinCodeAnswer(issued))
            }
        }
    }

    private var poster: Route {
        Route(
            .get, "/v1/organizations/{id}/poster", summary: "A poster of A4 with the join code: an HTML page, or by Accept an SVG",
            tag: OrganizationRoutes.tag, access: .permission(RegistryPermission.organizationsRead), parameters: [OrganizationRoutes.id],
            responses: [.bytes(200, [Self.page, Self.picture], "The poster, to be printed")],
            problems: [RegistryProblem.organizationNotFound, OrganizationProblem.noJoinCode, RegistryProblem.databaseUnavailable]
        ) { request in
            let (organization, issued) = try await inUse(request)
            let poster = JoinPoster(organizationName: organization.name, code: issued.code)
            switch AcceptedType.first(of: [Self.page, Self.picture], accepting: request.headers["Accept"] ?? "*/*") {
            case Self.picture:
                return Response.bytes(Array(try poster.svg().utf8), contentType: Self.picture).asDocument()
            default:
                return Response.text(try poster.html(), contentType: "text/html; charset=utf-8").asDocument()
            }
        }
    }

    private func inUse(_ request: Request) async throws -> (organization: Organization, issued: JoinCodeStore.Issued) {
        let id: ID<Organization> = request.parameter("id")
        try await organizations.require(id, request.scope(of: RegistryPermission.organizationsRead))
        guard let organization = try await organizations.organization(id) else { throw Problem(RegistryProblem.organizationNotFound) }
        guard let issued = try await codes.code(of: id) else { throw Problem(OrganizationProblem.noJoinCode) }
        return (organization, issued)
    }

    private var rotate: Route {
        Route(
            .post, "/v1/organizations/{id}/join-code/rotate", summary: "Gives an organization a new join code and ends the one before",
            tag: OrganizationRoutes.tag, access: .permission(RegistryPermission.organizationsWrite),
            parameters: [OrganizationRoutes.id, IdempotencyStore.parameter],
            responses: [.json(201, JoinCodeAnswer.self, "The new code")],
            problems: [RegistryProblem.organizationNotFound, OrganizationProblem.closed] + IdempotencyStore.problems
        ) { request in
            let id: ID<Organization> = request.parameter("id")
            let subject = request.principal?.subject ?? "anyone"
            return try await idempotency.once(request) { transaction in
                try await organizations.require(id, request.scope(of: RegistryPermission.organizationsWrite), in: transaction)
                switch try await codes.rotate(id, by: subject, in: transaction) {
                case .rotated(let issued):
                    try await audit.record(
                        "organization.join_code_rotated", subject: "organization:\(id)", organization: id, request, in: transaction)
                    return .json(JoinCodeAnswer(issued), status: 201)
                case .notFound: throw Problem(RegistryProblem.organizationNotFound)
                case .closed: throw Problem(OrganizationProblem.closed)
                }
            }
        }
    }

    private var disable: Route {
        Route(
            .post, "/v1/organizations/{id}/join-code/disable", summary: "Ends an organization's join code without a new one",
            tag: OrganizationRoutes.tag, access: .permission(RegistryPermission.organizationsWrite), parameters: [OrganizationRoutes.id],
            responses: [.empty(204, "It is ended")],
            problems: [RegistryProblem.organizationNotFound, OrganizationProblem.noJoinCode, RegistryProblem.databaseUnavailable]
        ) { request in
            let id: ID<Organization> = request.parameter("id")
            let subject = request.principal?.subject ?? "anyone"
            return try await idempotency.once(request) { transaction in
                try await organizations.require(id, request.scope(of: RegistryPermission.organizationsWrite), in: transaction)
                guard try await codes.disable(id, by: subject, in: transaction) else { throw Problem(OrganizationProblem.noJoinCode) }
                try await audit.record(
                    "organization.join_code_disabled", subject: "organization:\(id)", organization: id, request, in: transaction)
                return .empty(204)
            }
        }
    }
}

/// Which of a route's types a client wants.
enum AcceptedType {
    /// The first of `offered` that the client's list names or covers, in the client's order; nil when it names none of them.
    static func first(of offered: [String], accepting accept: String) -> String? {
        for range in accept.split(separator: ",") {
            guard let type = range.split(separator: ";").first.map({ $0.filter { !$0.isWhitespace }.lowercased() }) else { continue }
            if let found = offered.first(where: { $0 == type || type == "*/*" || type == "\($0.prefix { $0 != "/" })/*" }) { return found }
        }
        return nil
    }
}

struct JoinCodeAnswer: Codable, Sendable, APIType {
    let code: String
    let printed: String
    let text: String
    let createdAt: String

    init(_ issued: JoinCodeStore.Issued) {
        code = issued.code.text
        printed = issued.code.printed
        text = issued.code.qrText
        createdAt = issued.createdAt.description
    }

    static let schema = Schema.object(
        "JoinCode", "What leads into an organization",
        [
            .required("code", .string(8...8), "To be typed; the last character checks the others"),
            .required("printed", .string(9...9), "As it stands on the poster"), .required("text", .string(13...13), "What the QR says"),
            .required("createdAt", .dateTime),
        ])
}
