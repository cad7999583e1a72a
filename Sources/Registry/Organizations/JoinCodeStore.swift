package import Postgres
package import Runtime

/// The join codes of organizations: at most one in use for each.
package struct JoinCodeStore: Sendable {
    let database: Database

    package struct Issued: Sendable {
        package let code: JoinCode
        package let createdAt: Timestamp
    }

    /// The code in use; nil when there is none.
    package func code(of id: ID<Organization>, in querying: (any Querying)? = nil) async throws(PostgresError) -> Issued? {
        let result = try await (querying ?? database).query(
            "select code, created_at from organization_join_code where organization_id = \(id) and state = 'open'")
        return try result.first.map { row throws(PostgresError) in try issued(row) }
    }

    package enum RotateOutcome: Sendable {
        case rotated(Issued)
        case notFound, closed
    }

    /// A new code; the one before ends at once.
    package func rotate(
        _ id: ID<Organization>, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> RotateOutcome {
        // Orders those who rotate at once, and comes wholly before or after the organization's end.
        let held = try await querying.query("select state from organization where organization_id = \(id) for no key update")
        guard let row = held.first else { return .notFound }
        guard try row.decode(0) == OrganizationRecord.State.open.rawValue else { return .closed }
        _ = try await end(id, as: "rotated", by: subject, in: querying)
        // One in seventeen billion stands on another organization's poster, or stood once.
        for _ in 0..<5 {
            let result = try await querying.query(
                """
                insert into organization_join_code (code, organization_id, created_by)
                values (\(JoinCode.random().text), \(id), \(subject))
                on conflict on constraint organization_join_code_pkey do nothing
                returning code, created_at
                """)
            if let row = result.first { return .rotated(try issued(row)) }
        }
        throw .decoding("five join codes that all existed already")
    }

    /// Ends the code in use; false when there is none.
    package func disable(_ id: ID<Organization>, by subject: String, in querying: any Querying) async throws(PostgresError) -> Bool {
        try await end(id, as: "disabled", by: subject, in: querying)
    }

    private func end(
        _ id: ID<Organization>, as state: String, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> Bool {
        let result = try await querying.query(
            """
            update organization_join_code
            set state = \(state), ended_by = \(subject), ended_at = now()
            where organization_id = \(id) and state = 'open'
            """)
        return result.affectedRows > 0
    }

    /// What stands behind a code that somebody scans.
    package struct Door: Sendable {
        package let organizationID: ID<Organization>
        package let organizationName: String
        package let kind: OrganizationKind
        package let joinRule: JoinRule
        package let isCodeOpen: Bool
        package let isOrganizationOpen: Bool
    }

    /// Nil for a code that was never given out.
    package func door(_ code: JoinCode, in querying: (any Querying)? = nil) async throws(PostgresError) -> Door? {
        let result = try await (querying ?? database).query(
            """
            select
                organization.organization_id, organization.name, organization.kind, organization.join_rule,
                join_code.state = 'open' as code_is_open, organization.state = 'open' as organization_is_open
            from organization_join_code join_code
            join organization on organization.organization_id = join_code.organization_id
            where join_code.code = \(code.text)
            """)
        guard let row = result.first else { return nil }
        guard let kind = OrganizationKind(rawValue: try row.decode("kind")), let rule = JoinRule(rawValue: try row.decode("join_rule"))
        else {
            throw .decoding("an organization of an unknown kind")
        }
        return Door(
            organizationID: try row.decode("organization_id"), organizationName: try row.decode("name"), kind: kind, joinRule: rule,
            isCodeOpen: try row.decode("code_is_open"), isOrganizationOpen: try row.decode("organization_is_open"))
    }

    private func issued(_ row: Row) throws(PostgresError) -> Issued {
        guard let code = JoinCode(try row.decode(0, as: String.self)) else { throw .decoding("a join code whose check fails") }
        return Issued(code: code, createdAt: try row.decode(1))
    }
}
