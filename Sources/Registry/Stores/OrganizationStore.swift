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
                insert into organization (parent_id, kind, name)
                values (\(draft.parentID), \(draft.kind.rawValue), \(draft.name))
                on conflict on constraint organization_name_is_unique_below_its_parent do nothing
                returning \(raw: Self.columns)
                """)
            guard let row = result.first else { return .nameTaken }
            return .created(try organization(row))
        } catch {
            // A parent that is not there yet breaks the order of ages before it breaks the key.
            guard error.isConstraint("organization_parent_exists") || error.isConstraint("organization_parent_is_older") else {
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

    /// Organizations by id, from the one after `after` on, at most `limit`.
    package func list(after: ID<Organization>?, limit: Int) async throws(PostgresError) -> [Organization] {
        let result = try await database.query(
            """
            select \(raw: Self.columns) from organization
            where organization_id > \(after?.rawValue ?? 0)
            order by organization_id limit \(limit)
            """)
        var organizations: [Organization] = []
        for row in result { organizations.append(try organization(row)) }
        return organizations
    }

    /// All of them, in order of age. A city's tree has some ten thousand nodes.
    func all() async throws(PostgresError) -> [Organization] {
        var organizations: [Organization] = []
        while true {
            let page = try await list(after: organizations.last?.id, limit: 5_000)
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
