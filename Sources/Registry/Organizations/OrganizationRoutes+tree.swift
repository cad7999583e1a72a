import HTTP
import Postgres
import Runtime

// Moves of subtrees, and the end of an organization.
extension OrganizationRoutes {
    var treeRoutes: [Route] { [move, moves, close] }

    private var move: Route {
        Route(
            .post, "/v1/organizations/{id}/move", summary: "Hangs an organization and all below it elsewhere", tag: Self.tag,
            access: .permission(RegistryPermission.organizationsWrite),
            parameters: [Self.id, EntityTag.ifMatch, IdempotencyStore.parameter],
            body: .json(OrganizationMoveBody.self, limitBytes: 4_096), responses: [.json(200, OrganizationAnswer.self, "As it is now")],
            problems: [
                RegistryProblem.organizationNotFound, RegistryProblem.organizationUnknown, RegistryProblem.organizationExists,
                OrganizationProblem.changed, OrganizationProblem.closed, OrganizationProblem.kindNotAllowed, OrganizationProblem.cycle,
            ] + IdempotencyStore.problems
        ) { request in
            let id: ID<Organization> = request.parameter("id")
            let body = try request.json(OrganizationMoveBody.self)
            let scope = request.scope(of: RegistryPermission.organizationsWrite)
            let subject = request.principal?.subject ?? "anyone"
            return try await idempotency.once(request) { transaction in
                // Both ends lie within the caller's subtree, or a part of the union could be given away.
                try await organizations.require(id, scope, in: transaction)
                try await organizations.holdTree(in: transaction)
                guard let present = try await profiles.lock(id, in: transaction) else {
                    throw Problem(RegistryProblem.organizationNotFound)
                }
                if let version = request.versionToChange, Int(version) != present.version { throw Problem(OrganizationProblem.changed) }
                guard present.state == .open else { throw Problem(OrganizationProblem.closed) }
                if let parentID = body.parentId, try await organizations.isInside(parentID, Scope(subtrees: [id]), in: transaction) {
                    throw Problem(OrganizationProblem.cycle)
                }
                try await placeBelow(body.parentId, present.organization.kind, scope, in: transaction)
                switch try await organizations.move(id, below: body.parentId, reason: body.reason, by: subject, in: transaction) {
                case .moved:
                    try await profiles.touch(id, in: transaction)
                    try await audit.record(
                        "organization.moved", subject: "organization:\(id)", organization: id,
                        details: [
                            "from": present.organization.parentID?.description ?? "", "to": body.parentId?.description ?? "",
                        ], request, in: transaction)
                case .unchanged: break
                case .unknown: throw Problem(RegistryProblem.organizationNotFound)
                case .cycle: throw Problem(OrganizationProblem.cycle)
                case .parentUnknown: throw Self.parentUnknown
                case .nameTaken: throw Problem(RegistryProblem.organizationExists)
                }
                return try await answer(id, status: 200, in: transaction)
            }
        }
    }

    private var moves: Route {
        Route(
            .get, "/v1/organizations/{id}/moves", summary: "Where an organization hung before, the newest move first", tag: Self.tag,
            access: .permission(RegistryPermission.organizationsRead), parameters: [Self.id],
            responses: [.json(200, OrganizationMoveList.self, "The moves")],
            problems: [RegistryProblem.organizationNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let id: ID<Organization> = request.parameter("id")
            try await organizations.require(id, request.scope(of: RegistryPermission.organizationsRead))
            return .json(OrganizationMoveList(items: try await profiles.moves(of: id).map(OrganizationMoveAnswer.init)))
        }
    }

    private var close: Route {
        Route(
            .post, "/v1/organizations/{id}/close", summary: "Ends an organization that nobody belongs to any more", tag: Self.tag,
            access: .permission(RegistryPermission.organizationsWrite), parameters: [Self.id, IdempotencyStore.parameter],
            body: .json(ReasonBody.self, limitBytes: 4_096), responses: [.json(200, OrganizationAnswer.self, "As it is now")],
            problems: [RegistryProblem.organizationNotFound, OrganizationProblem.closed, OrganizationProblem.inUse]
                + IdempotencyStore.problems
        ) { request in
            let id: ID<Organization> = request.parameter("id")
            let body = try request.json(ReasonBody.self)
            let subject = request.principal?.subject ?? "anyone"
            return try await idempotency.once(request) { transaction in
                try await organizations.require(id, request.scope(of: RegistryPermission.organizationsWrite), in: transaction)
                switch try await profiles.close(id, reason: body.reason, by: subject, in: transaction) {
                case .closed(let record):
                    try await audit.record("organization.closed", subject: "organization:\(id)", organization: id, request, in: transaction)
                    return Self.answer(record, status: 200)
                case .notFound: throw Problem(RegistryProblem.organizationNotFound)
                case .closedAlready: throw Problem(OrganizationProblem.closed)
                case .inUse(let members, let children, let transfers):
                    throw Problem(
                        OrganizationProblem.inUse,
                        detail: Localized(
                            zh: "还有 \(members) 名会员、\(children) 个下级组织、\(transfers) 件转入申请",
                            en: "\(members) members, \(children) organizations below it, \(transfers) transfers on their way here"))
                }
            }
        }
    }
}
