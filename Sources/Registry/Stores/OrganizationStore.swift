import HTTP
package import Postgres
package import Runtime

/// Organizations: every statement about the tree.
package struct OrganizationStore: Sendable {
    let database: Database

    package enum CreateOutcome: Sendable {
        case created(Organization)
        /// The parent has one of this name already.
        case nameTaken
        case parentUnknown
    }

    private static let columns = "organization_id, parent_id, kind, name, created_at"

    package func create(_ draft: Organization.Draft, in querying: (any Querying)? = nil) async throws(PostgresError) -> CreateOutcome {
        do throws(PostgresError) {
            let result = try await (querying ?? database).query(
                """
                select \(raw: Self.columns)
                from registry_organization_create(\(draft.parentID), \(draft.kind.rawValue), \(draft.name))
                """)
            guard let row = result.first else { return .nameTaken }
            return .created(try organization(row))
        } catch {
            // A parent that is not there yet may have the very number that the new organization drew.
            guard error.isConstraint("organization_parent_exists") || error.isConstraint("organization_parent_is_another") else {
                throw error
            }
            return .parentUnknown
        }
    }

    /// The organization of this name below its parent, made if it is not there; for setting up. Nil when the parent is unknown.
    package func ensure(_ draft: Organization.Draft) async throws(PostgresError) -> Organization? {
        switch try await create(draft) {
        case .created(let organization): return organization
        case .parentUnknown: return nil
        case .nameTaken:
            let result = try await database.query(
                """
                select \(raw: Self.columns) from organization
                where parent_id is not distinct from \(draft.parentID) and name = \(draft.name)
                """)
            return try result.first.map { row throws(PostgresError) in try organization(row) }
        }
    }

    package func organization(_ id: ID<Organization>) async throws(PostgresError) -> Organization? {
        let result = try await database.query("select \(raw: Self.columns) from organization where organization_id = \(id)")
        return try result.first.map { row throws(PostgresError) in try organization(row) }
    }

    /// Whether the organization lies within `scope`; false too when there is none.
    package func isInside(
        _ id: ID<Organization>, _ scope: Scope, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> Bool {
        let result = try await (querying ?? database).query(
            """
            select from organization
            where organization_id = \(id) and \(fragment: scope.condition("organization.organization_id"))
            """)
        return !result.isEmpty
    }

    /// Lets a request go on only within `scope`.
    /// - Throws: `registry.organization_not_found`, for what lies outside and for what does not exist alike.
    package func require(_ id: ID<Organization>, _ scope: Scope, in querying: (any Querying)? = nil) async throws {
        guard try await isInside(id, scope, in: querying) else { throw Problem(RegistryProblem.organizationNotFound) }
    }

    package enum MoveOutcome: String, Sendable {
        case moved, unchanged, unknown, cycle
        case parentUnknown = "parent_unknown"
        case nameTaken = "name_taken"
    }

    /// Holds the shape of the tree until the transaction ends: first of all locks, as the move itself takes them.
    func holdTree(in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query("select from organization_tree for update")
    }

    /// Hangs a subtree below another parent; nil makes it a root.
    /// - Parameters:
    ///   - reason: kept in the history.
    ///   - subject: who moves it, as in the logs.
    package func move(
        _ id: ID<Organization>, below parentID: ID<Organization>?, reason: String, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> MoveOutcome {
        let result = try await querying.query("select registry_organization_move(\(id), \(parentID), \(reason), \(subject))")
        guard let row = result.first, let outcome = MoveOutcome(rawValue: try row.decode(0)) else {
            throw .decoding("an unknown outcome of a move")
        }
        return outcome
    }

    /// Organizations by id, from the one after `after` on, at most `limit`.
    package func list(
        within scope: Scope = .everything, after: ID<Organization>?, limit: Int
    ) async throws(PostgresError) -> [Organization] {
        let result = try await database.query(
            """
            select \(raw: Self.columns) from organization
            where organization_id > \(after?.rawValue ?? 0) and \(fragment: scope.condition("organization.organization_id"))
            order by organization_id limit \(limit)
            """)
        var organizations: [Organization] = []
        for row in result { organizations.append(try organization(row)) }
        return organizations
    }

    /// All of them within `scope`, in order of age. A city's tree has some ten thousand nodes.
    func all(within scope: Scope = .everything) async throws(PostgresError) -> [Organization] {
        var organizations: [Organization] = []
        while true {
            let page = try await list(within: scope, after: organizations.last?.id, limit: 5_000)
            organizations += page
            if page.count < 5_000 { return organizations }
        }
    }

    private func organization(_ row: Row) throws(PostgresError) -> Organization {
        guard let kind = OrganizationKind(rawValue: try row.decode("kind")) else { throw .decoding("an unknown kind of organization") }
        return Organization(
            id: try row.decode("organization_id"), parentID: try row.decode("parent_id"), kind: kind, name: try row.decode("name"),
            createdAt: try row.decode("created_at"))
    }
}
