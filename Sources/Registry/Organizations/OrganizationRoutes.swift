import HTTP
import Postgres
import Runtime

/// The tree and what is known of its nodes, over HTTP.
struct OrganizationRoutes: Sendable {
    let organizations: OrganizationStore
    let profiles: OrganizationProfileStore
    let audit: AuditStore
    let idempotency: IdempotencyStore
    let clock: Clock

    var all: [Route] { [create, list, read, change, renew, renewals] + treeRoutes }

    static let id = Parameter.path("id", .id, "The organization")
    static let tag = "Organizations"

    private var create: Route {
        Route(
            .post, "/v1/organizations", summary: "Adds an organization to the tree", tag: Self.tag,
            access: .permission(RegistryPermission.organizationsWrite), parameters: [IdempotencyStore.parameter],
            body: .json(OrganizationBody.self, limitBytes: 8_192), responses: [.json(201, OrganizationAnswer.self, "The organization")],
            problems: [
                RegistryProblem.organizationUnknown, RegistryProblem.organizationExists, RegistryProblem.organizationNotFound,
                OrganizationProblem.kindNotAllowed, OrganizationProblem.closed, OrganizationProblem.invalid,
            ] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(OrganizationBody.self)
            let faults = OrganizationFault.found(in: OrganizationProfile(), name: body.name)
            guard faults.isEmpty else { throw Problem(OrganizationProblem.invalid, violations: faults) }
            let scope = request.scope(of: RegistryPermission.organizationsWrite)
            return try await idempotency.once(request) { transaction in
                try await placeBelow(body.parentId, body.kind, scope, in: transaction)
                let draft = Organization.Draft(parentID: body.parentId, kind: body.kind, name: body.name)
                switch try await organizations.create(draft, in: transaction) {
                case .created(let organization):
                    try await audit.record(
                        "organization.created", subject: "organization:\(organization.id)", organization: organization.id,
                        details: ["kind": body.kind.rawValue], request, in: transaction)
                    return try await answer(organization.id, status: 201, in: transaction)
                        .with("Location", "/v1/organizations/\(organization.id)")
                case .nameTaken: throw Problem(RegistryProblem.organizationExists)
                case .parentUnknown: throw Self.parentUnknown
                }
            }
        }
    }

    static let parentUnknown = Problem(
        RegistryProblem.organizationUnknown,
        violations: [Violation("registry.organization_unknown", pointer: "/parentId", zh: "没有这个上级组织", en: "no such parent")])

    /// Holds the parent to be, and refuses what may not stand below it.
    func placeBelow(
        _ parentID: ID<Organization>?, _ kind: OrganizationKind, _ scope: Scope, in querying: any Querying
    ) async throws {
        guard let parentID else {
            // A root lies in nobody's subtree.
            guard scope == .everything else { throw Problem(HTTPProblem.notPermitted) }
            return
        }
        guard try await organizations.isInside(parentID, scope, in: querying),
            let parent = try await profiles.parent(parentID, in: querying)
        else { throw Self.parentUnknown }
        guard parent.state == .open else { throw Problem(OrganizationProblem.closed) }
        guard parent.kind.childKinds.contains(kind) else {
            throw Problem(
                OrganizationProblem.kindNotAllowed,
                detail: Localized(
                    zh: "\(kind.rawValue) 不能设在 \(parent.kind.rawValue) 之下",
                    en: "\(kind.rawValue) does not stand below \(parent.kind.rawValue)"))
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/organizations", summary: "Lists organizations in the order of their numbers", tag: Self.tag,
            access: .permission(RegistryPermission.organizationsRead),
            parameters: PageCursor.parameters + [
                .query("renewal", .oneOf(OrganizationRecord.RenewalState.allCases.map(\.rawValue)), "Only these"),
                .query("parentId", .id, "Only those directly below it"),
                .query("counts", .boolean, "Whether to count who belongs to each"),
            ],
            responses: [.json(200, OrganizationList.self, "A page")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (after, limit) = PageCursor.read(request, of: Organization.self)
            var filter = OrganizationProfileStore.Filter()
            filter.scope = request.scope(of: RegistryPermission.organizationsRead)
            filter.renewal = request.optionalParameter("renewal", as: String.self)
                .flatMap(OrganizationRecord.RenewalState.init(rawValue:))
            filter.parentID = request.optionalParameter("parentId")
            let found = try await profiles.list(filter, after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.organization.id)
            var counts: [ID<Organization>: OrganizationProfileStore.Count] = [:]
            if request.optionalParameter("counts", as: Bool.self) == true {
                counts = try await profiles.counts(of: items.map(\.organization.id))
            }
            return .json(OrganizationList(items: items.map { OrganizationAnswer($0, counts[$0.organization.id]) }, next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/organizations/{id}", summary: "One organization", tag: Self.tag,
            access: .permission(RegistryPermission.organizationsRead), parameters: [Self.id],
            responses: [.json(200, OrganizationAnswer.self, "The organization; its ETag names the version")],
            problems: [RegistryProblem.organizationNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let id: ID<Organization> = request.parameter("id")
            try await organizations.require(id, request.scope(of: RegistryPermission.organizationsRead))
            return try await answer(id, status: 200)
        }
    }

    // MARK: The profile

    private var change: Route {
        Route(
            .patch, "/v1/organizations/{id}", summary: "Changes what is known of an organization", tag: Self.tag,
            access: .permission(RegistryPermission.organizationsWrite), parameters: [Self.id, EntityTag.ifMatch],
            body: .json(OrganizationChangeBody.self, limitBytes: 8_192), responses: [.json(200, OrganizationAnswer.self, "As it is now")],
            problems: Self.changeProblems
        ) { request in
            let id: ID<Organization> = request.parameter("id")
            let body = try request.json(OrganizationChangeBody.self)
            return try await idempotency.once(request) { transaction in
                let changed = try await write(body, of: id, renewed: false, request, in: transaction)
                let fields = changed.fields.joined(separator: ",")
                try await audit.record(
                    "organization.changed", subject: "organization:\(id)", organization: id, details: ["fields": fields], request,
                    in: transaction)
                return Self.answer(changed.record, status: 200)
            }
        }
    }

    private var renew: Route {
        Route(
            .post, "/v1/organizations/{id}/renewals", summary: "Renews the yearly fields for this half-year", tag: Self.tag,
            access: .permission(RegistryPermission.organizationsWrite),
            parameters: [Self.id, EntityTag.ifMatch, IdempotencyStore.parameter],
            body: .json(OrganizationChangeBody.self, limitBytes: 8_192), responses: [.json(201, OrganizationAnswer.self, "As it is now")],
            problems: Self.changeProblems + [RegistryProblem.idempotencyKeyReused]
        ) { request in
            let id: ID<Organization> = request.parameter("id")
            let body = try request.json(OrganizationChangeBody.self)
            let subject = request.principal?.subject ?? "anyone"
            return try await idempotency.once(request) { transaction in
                let changed = try await write(body, of: id, renewed: true, request, in: transaction)
                try await profiles.keepRenewal(changed.record, by: subject, in: transaction)
                try await audit.record("organization.renewed", subject: "organization:\(id)", organization: id, request, in: transaction)
                return Self.answer(changed.record, status: 201)
            }
        }
    }

    private static let changeProblems = [
        RegistryProblem.organizationNotFound, RegistryProblem.organizationExists, OrganizationProblem.invalid, OrganizationProblem.changed,
        OrganizationProblem.closed, RegistryProblem.databaseUnavailable,
    ]

    /// Holds the row, applies the change and writes it.
    private func write(
        _ body: OrganizationChangeBody, of id: ID<Organization>, renewed: Bool, _ request: Request, in querying: any Querying
    ) async throws -> (record: OrganizationRecord, fields: [String]) {
        try await organizations.require(id, request.scope(of: RegistryPermission.organizationsWrite), in: querying)
        guard let present = try await profiles.lock(id, in: querying) else { throw Problem(RegistryProblem.organizationNotFound) }
        if let version = request.versionToChange, Int(version) != present.version { throw Problem(OrganizationProblem.changed) }
        guard present.state == .open else { throw Problem(OrganizationProblem.closed) }
        let profile = try body.applied(to: present.profile, today: .inChina(clock))
        let name = body.name ?? present.organization.name
        switch try await profiles.write(profile, name: name, of: id, renewed: renewed, in: querying) {
        case .changed(let record): return (record, record.fieldsThatDiffer(from: present))
        case .nameTaken: throw Problem(RegistryProblem.organizationExists)
        case .creditCodeTaken: throw Problem(OrganizationProblem.invalid, violations: [OrganizationFault.creditCodeTaken])
        }
    }

    private var renewals: Route {
        Route(
            .get, "/v1/organizations/{id}/renewals", summary: "Every renewal of the yearly fields, the newest first", tag: Self.tag,
            access: .permission(RegistryPermission.organizationsRead), parameters: [Self.id],
            responses: [.json(200, OrganizationRenewalList.self, "The renewals")],
            problems: [RegistryProblem.organizationNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let id: ID<Organization> = request.parameter("id")
            try await organizations.require(id, request.scope(of: RegistryPermission.organizationsRead))
            return .json(OrganizationRenewalList(items: try await profiles.renewals(of: id).map(OrganizationRenewalAnswer.init)))
        }
    }

    // MARK: Answers

    func answer(_ id: ID<Organization>, status: Int, in querying: (any Querying)? = nil) async throws -> Response {
        guard let record = try await profiles.record(id, in: querying) else { throw Problem(RegistryProblem.organizationNotFound) }
        return Self.answer(record, status: status)
    }

    static func answer(_ record: OrganizationRecord, status: Int) -> Response {
        Response.json(OrganizationAnswer(record), status: status).with("ETag", EntityTag.of(version: record.version))
    }
}

extension OrganizationRecord {
    /// The names of what differs, for the audit row: names of fields say what was touched without repeating it.
    func fieldsThatDiffer(from other: OrganizationRecord) -> [String] {
        let (new, old) = (profile, other.profile)
        let differing: [(String, Bool)] = [
            ("name", organization.name != other.organization.name), ("nameEn", new.nameEn != old.nameEn),
            ("joinRule", new.joinRule != old.joinRule),
            ("creditCode", new.creditCode != old.creditCode), ("address", new.address != old.address),
            ("industry", new.industry != old.industry), ("contactPhone", new.contactPhone != old.contactPhone),
            ("foundedOn", new.foundedOn != old.foundedOn), ("employees", new.employees != old.employees),
            ("employeesFemale", new.employeesFemale != old.employeesFemale), ("membersStated", new.membersStated != old.membersStated),
            ("chairName", new.chairName != old.chairName), ("chairElectedOn", new.chairElectedOn != old.chairElectedOn),
        ]
        return differing.filter(\.1).map(\.0)
    }
}
