import HTTP
import Postgres
import Runtime

/// The tree, over HTTP.
struct OrganizationRoutes: Sendable {
    let organizations: OrganizationStore
    let idempotency: IdempotencyStore

    var all: [Route] { [create, list, read] }

    private var create: Route {
        Route(
            .post, "/v1/organizations", summary: "Adds an organization to the tree", tag: "Organizations",
            access: .permission(RegistryPermission.organizationsWrite), parameters: [IdempotencyStore.parameter],
            body: .json(OrganizationBody.self, limitBytes: 8_192), responses: [.json(201, OrganizationAnswer.self, "The organization")],
            problems: [RegistryProblem.organizationUnknown, RegistryProblem.organizationExists] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(OrganizationBody.self)
            return try await idempotency.once(request) { transaction in
                let draft = Organization.Draft(parentID: body.parentId, kind: body.kind, name: body.name)
                switch try await organizations.create(draft, in: transaction) {
                case .created(let organization):
                    return .json(OrganizationAnswer(organization), status: 201).with("Location", "/v1/organizations/\(organization.id)")
                case .nameTaken: throw Problem(RegistryProblem.organizationExists)
                case .parentUnknown:
                    throw Problem(
                        RegistryProblem.organizationUnknown,
                        violations: [Violation("registry.organization_unknown", pointer: "/parentId", zh: "没有这个上级组织", en: "no such parent")]
                    )
                }
            }
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/organizations", summary: "Lists organizations in the order of their numbers", tag: "Organizations",
            access: .permission(RegistryPermission.organizationsRead), parameters: PageCursor.parameters,
            responses: [.json(200, OrganizationList.self, "A page")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (after, limit) = PageCursor.read(request, of: Organization.self)
            let found = try await organizations.list(after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(OrganizationList(items: items.map(OrganizationAnswer.init), next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/organizations/{id}", summary: "One organization", tag: "Organizations",
            access: .permission(RegistryPermission.organizationsRead), parameters: [.path("id", .id, "The organization")],
            responses: [.json(200, OrganizationAnswer.self, "The organization")],
            problems: [RegistryProblem.organizationNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            guard let organization = try await organizations.organization(request.parameter("id")) else {
                throw Problem(RegistryProblem.organizationNotFound)
            }
            return .json(OrganizationAnswer(organization))
        }
    }
}

struct OrganizationBody: Codable, Sendable, APIType {
    let parentId: ID<Organization>?
    let kind: OrganizationKind
    let name: String

    static let schema = Schema.object(
        "OrganizationBody", "An organization to be",
        [
            .optional("parentId", .id, "Absent for a root"),
            .required("kind", .oneOf(OrganizationKind.allCases.map(\.rawValue)), "What it is"),
            .required("name", .string(1...100), "Unique below its parent"),
        ])
}

struct OrganizationAnswer: Codable, Sendable, APIType {
    let id: ID<Organization>
    let parentId: ID<Organization>?
    let kind: OrganizationKind
    let name: String
    let createdAt: String

    init(_ organization: Organization) {
        id = organization.id
        parentId = organization.parentID
        kind = organization.kind
        name = organization.name
        createdAt = organization.createdAt.description
    }

    static let schema = Schema.object(
        "Organization", "A node of the union's tree",
        [
            .required("id", .id), .optional("parentId", .id, "Absent for a root"),
            .required("kind", .oneOf(OrganizationKind.allCases.map(\.rawValue))), .required("name", .string(1...100)),
            .required("createdAt", .dateTime),
        ])
}

struct OrganizationList: Codable, Sendable, APIType {
    let items: [OrganizationAnswer]
    let next: String?

    static let schema = Schema.object(
        "OrganizationList", "A page of organizations",
        [.required("items", .array(of: OrganizationAnswer.schema, 0...200)), PageCursor.next])
}
