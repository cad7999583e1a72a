package import Postgres
package import Runtime

/// A membership that has ended, or the present one.
package struct Membership: Sendable {
    package let organizationID: ID<Organization>
    package let organization: Organization.Names
    package let startedAt: Timestamp
    /// Nil for the present one.
    package let endedAt: Timestamp?
    /// Why it ended: transferred, left, rejected, imported, merged.
    package let cause: String?
}

// Memberships: what is done to them, and what was.
extension MemberStore {
    /// The parts of a member that decide, read under the row's lock.
    struct Held: Sendable {
        let id: ID<Member>
        let organizationID: ID<Organization>
        let status: MemberStatus
        let version: Int
    }

    /// Holds the member's row until the transaction ends: before anything else of the member, for those who hold more than one row.
    func hold(_ id: ID<Member>, _ scope: Scope, in querying: any Querying) async throws(PostgresError) -> Held? {
        _ = try await querying.query("select from member where member_id = \(id) for no key update")
        let result = try await querying.query(
            """
            select m.organization_id, m.status, m.version
            from member m
            where m.member_id = \(id) and \(fragment: scope.condition("m.organization_id"))
            """)
        guard let row = result.first else { return nil }
        guard let status = MemberStatus(rawValue: try row.decode(1)) else { throw .decoding("an unknown status") }
        return Held(id: id, organizationID: try row.decode(0), status: status, version: try row.decode(2))
    }

    /// Writes a change that was found to be allowed, with its history and all that follows from it.
    /// - Parameters:
    ///   - organization: where who comes back goes; nil stays.
    ///   - endCause: of the membership, for a status of `left`.
    func write(
        _ status: MemberStatus, of id: ID<Member>, by subject: String, reason: String? = nil, organization: ID<Organization>? = nil,
        endCause: String = "left", in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            select registry_member_set_status(
                \(id), \(status.rawValue), \(subject), \(reason), \(endCause), \(organization), \(clockOffsetMicroseconds))
            """)
    }

    /// Whether an organization takes members, held so until the transaction ends.
    func takesMembers(_ id: ID<Organization>, in querying: any Querying) async throws(PostgresError) -> Bool {
        _ = try await querying.query("select from organization where organization_id = \(id) for key share")
        let result = try await querying.query("select from organization where organization_id = \(id) and state = 'open'")
        return !result.isEmpty
    }

    /// Where the member belonged, the present membership first.
    package func memberships(of id: ID<Member>, in querying: (any Querying)? = nil) async throws(PostgresError) -> [Membership] {
        let result = try await (querying ?? database).query(
            """
            select
                belonged.organization_id, belonged.started_at, belonged.ended_at, belonged.cause, organization.name, organization.name_en
            from (
                select organization_id, organization_since as started_at, null::timestamptz as ended_at, null::text as cause,
                    null::integer as version
                from member
                where member_id = \(id) and status <> 'left'
                union all
                (
                    select organization_id, started_at, ended_at, cause, version
                    from membership
                    where member_id = \(id)
                    order by version desc
                    limit 200
                )
            ) belonged
            join organization on organization.organization_id = belonged.organization_id
            order by belonged.version desc nulls first
            """)
        var memberships: [Membership] = []
        for row in result {
            memberships.append(
                Membership(
                    organizationID: try row.decode(0),
                    organization: Organization.Names(name: try row.decode(4), nameEn: try row.decode(5)), startedAt: try row.decode(1),
                    endedAt: try row.decode(2), cause: try row.decode(3)))
        }
        return memberships
    }
}

extension MemberStore {
    /// Whether the person is still known: who was forgotten has left for good.
    func mayChange(_ id: ID<Member>, in querying: any Querying) async throws(PostgresError) -> Bool {
        try await !querying.query("select from member_data_key where member_id = \(id)").isEmpty
    }

    /// Whether the member belongs to an organization within `scope`; false too when there is none.
    func isInside(_ id: ID<Member>, _ scope: Scope, in querying: (any Querying)? = nil) async throws(PostgresError) -> Bool {
        let result = try await (querying ?? database).query(
            "select from member m where m.member_id = \(id) and \(fragment: scope.condition("m.organization_id"))")
        return !result.isEmpty
    }
}
