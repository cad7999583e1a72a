package import Postgres
package import Runtime

/// What is known of organizations beside their place in the tree: profile, renewal, end.
package struct OrganizationProfileStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    private static let columns = """
        organization_id, parent_id, kind, name, created_at, version, updated_at, state, closed_at, close_reason, join_rule, credit_code,
        address, industry, contact_phone, founded_on, employees, employees_female, members_stated, chair_name, chair_elected_on, renewed_on,
        name_en
        """

    /// Today in China, by the database's clock.
    private var today: SQL {
        "((clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond') at time zone 'Asia/Shanghai')::date"
    }

    private var renewal: SQL {
        "registry_renewal_state(state, renewed_on, \(fragment: today), \(Int32(OrganizationRecord.RenewalState.graceDays))) as renewal"
    }

    package func record(
        _ id: ID<Organization>, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> OrganizationRecord? {
        let result = try await (querying ?? database).query(
            "select \(raw: Self.columns), \(fragment: renewal) from organization where organization_id = \(id)")
        return try result.first.map { row throws(PostgresError) in try record(row) }
    }

    /// What a list shows.
    package struct Filter: Sendable {
        package var scope = Scope.everything
        package var renewal: OrganizationRecord.RenewalState?
        package var parentID: ID<Organization>?

        package init() {}
    }

    /// Organizations by id, from the one after `after` on, at most `limit`.
    package func list(
        _ filter: Filter, after: ID<Organization>?, limit: Int
    ) async throws(PostgresError) -> [OrganizationRecord] {
        let grace = Int32(OrganizationRecord.RenewalState.graceDays)
        // As ranges of the day, for the index.
        let wanted: SQL =
            switch filter.renewal {
            case nil: "true"
            case .some(.none): "state = 'closed'"
            case .overdue: "state = 'open' and renewed_on < registry_half_year_start(\(fragment: today) - \(grace))"
            case .due:
                """
                state = 'open' and renewed_on < registry_half_year_start(\(fragment: today))
                and renewed_on >= registry_half_year_start(\(fragment: today) - \(grace))
                """
            case .current: "state = 'open' and renewed_on >= registry_half_year_start(\(fragment: today))"
            }
        let parent: SQL = filter.parentID.map { "parent_id = \($0)" } ?? "true"
        let result = try await database.query(
            """
            select \(raw: Self.columns), \(fragment: renewal)
            from organization
            where organization_id > \(after?.rawValue ?? 0)
                and \(fragment: filter.scope.condition("organization.organization_id"))
                and \(fragment: wanted)
                and \(fragment: parent)
            order by organization_id
            limit \(limit)
            """)
        var records: [OrganizationRecord] = []
        for row in result { records.append(try record(row)) }
        return records
    }

    /// The row, held until the transaction ends, so that nobody else changes it.
    func lock(_ id: ID<Organization>, in querying: any Querying) async throws(PostgresError) -> OrganizationRecord? {
        _ = try await querying.query("select from organization where organization_id = \(id) for no key update")
        return try await record(id, in: querying)
    }

    package enum ChangeOutcome: Sendable {
        case changed(OrganizationRecord)
        case nameTaken, creditCodeTaken
    }

    /// Writes name and profile of a row that is held.
    /// - Parameter renewed: whether the yearly fields count as renewed today.
    func write(
        _ profile: OrganizationProfile, name: String, of id: ID<Organization>, renewed: Bool, in querying: any Querying
    ) async throws(PostgresError) -> ChangeOutcome {
        // Looked for beforehand, for a broken constraint would end the transaction; the constraints stay the judges of a race.
        let taken = try await querying.query(
            """
            select
                exists (select from organization where credit_code = \(profile.creditCode?.text) and organization_id <> \(id)),
                exists (
                    select
                    from organization me
                    join organization twin
                        on twin.parent_id is not distinct from me.parent_id and twin.organization_id <> me.organization_id
                    where me.organization_id = \(id) and twin.name = \(name))
            """)
        if let row = taken.first {
            if try row.decode(0, as: Bool.self) { return .creditCodeTaken }
            if try row.decode(1, as: Bool.self) { return .nameTaken }
        }
        let result = try await querying.query(
            """
            update organization
            set
                name = \(name),
                name_en = \(profile.nameEn),
                join_rule = \(profile.joinRule.rawValue),
                credit_code = \(profile.creditCode?.text),
                address = \(profile.address),
                industry = \(profile.industry?.rawValue),
                contact_phone = \(profile.contactPhone),
                founded_on = \(profile.foundedOn),
                employees = \(profile.employees),
                employees_female = \(profile.employeesFemale),
                members_stated = \(profile.membersStated),
                chair_name = \(profile.chairName),
                chair_elected_on = \(profile.chairElectedOn),
                renewed_on = case when \(renewed) then \(fragment: today) else renewed_on end,
                version = version + 1,
                updated_at = now()
            where organization_id = \(id)
            returning \(raw: Self.columns), \(fragment: renewal)
            """)
        guard let row = result.first else { throw .decoding("the organization was expected") }
        return .changed(try record(row))
    }

    /// A version more, for a change that is written elsewhere: the place in the tree.
    func touch(_ id: ID<Organization>, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query("update organization set version = version + 1, updated_at = now() where organization_id = \(id)")
    }

    // MARK: Renewals

    /// Keeps what was renewed, under the version that came of it.
    func keepRenewal(_ record: OrganizationRecord, by subject: String, in querying: any Querying) async throws(PostgresError) {
        let profile = record.profile
        _ = try await querying.query(
            """
            insert into organization_renewal (
                organization_id, version, half_year_on, employees, employees_female, members_stated, chair_name, chair_elected_on,
                contact_phone, address, renewed_by, renewed_at)
            values (
                \(record.organization.id), \(record.version), registry_half_year_start(\(record.renewedOn)), \(profile.employees),
                \(profile.employeesFemale), \(profile.membersStated), \(profile.chairName), \(profile.chairElectedOn),
                \(profile.contactPhone), \(profile.address), \(subject),
                clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')
            """)
    }

    /// The newest first, at most 200: a hundred years.
    package func renewals(of id: ID<Organization>) async throws(PostgresError) -> [OrganizationRenewal] {
        let result = try await database.query(
            """
            select
                organization_id, half_year_on, employees, employees_female, members_stated, chair_name, chair_elected_on, contact_phone,
                address, renewed_by, renewed_at
            from organization_renewal
            where organization_id = \(id)
            order by version desc
            limit 200
            """)
        var renewals: [OrganizationRenewal] = []
        for row in result {
            var fields = OrganizationProfile()
            fields.employees = try row.decode("employees")
            fields.employeesFemale = try row.decode("employees_female")
            fields.membersStated = try row.decode("members_stated")
            fields.chairName = try row.decode("chair_name")
            fields.chairElectedOn = try row.decode("chair_elected_on")
            fields.contactPhone = try row.decode("contact_phone")
            fields.address = try row.decode("address")
            renewals.append(
                OrganizationRenewal(
                    organizationID: try row.decode("organization_id"), halfYearOn: try row.decode("half_year_on"), fields: fields,
                    renewedBy: try row.decode("renewed_by"), renewedAt: try row.decode("renewed_at")))
        }
        return renewals
    }

    // MARK: The tree

    /// The kind and state of a parent to be, which stay as they are until the transaction ends; nil when there is none.
    func parent(_ id: ID<Organization>, in querying: any Querying) async throws(PostgresError) -> (
        kind: OrganizationKind, state: OrganizationRecord.State
    )? {
        _ = try await querying.query("select from organization where organization_id = \(id) for key share")
        let result = try await querying.query("select kind, state from organization where organization_id = \(id)")
        guard let row = result.first else { return nil }
        guard let kind = OrganizationKind(rawValue: try row.decode(0)), let state = OrganizationRecord.State(rawValue: try row.decode(1))
        else { throw .decoding("an organization of an unknown kind or state") }
        return (kind, state)
    }

    /// The moves of an organization itself, the newest first, at most 200.
    package func moves(of id: ID<Organization>) async throws(PostgresError) -> [OrganizationMove] {
        let result = try await database.query(
            """
            select parent_id_before, parent_id_after, reason, moved_by, moved_at
            from organization_move
            where organization_id = \(id)
            order by move_id desc
            limit 200
            """)
        var moves: [OrganizationMove] = []
        for row in result {
            moves.append(
                OrganizationMove(
                    parentIDBefore: try row.decode(0), parentIDAfter: try row.decode(1), reason: try row.decode(2),
                    movedBy: try row.decode(3), movedAt: try row.decode(4)))
        }
        return moves
    }

    package enum CloseOutcome: Sendable {
        case closed(OrganizationRecord)
        case notFound, closedAlready
        /// Who and what still belongs to it.
        case inUse(members: Int, children: Int, transfers: Int)
    }

    /// Ends an organization that nobody and nothing belongs to any more, and its join code.
    func close(
        _ id: ID<Organization>, reason: String, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> CloseOutcome {
        // Whoever joins, moves here or hangs a child below holds the row for key share: this waits for them, and they for this.
        _ = try await querying.query("select from organization where organization_id = \(id) for update")
        guard let present = try await record(id, in: querying) else { return .notFound }
        if present.state == .closed { return .closedAlready }
        let counted = try await querying.query(
            """
            select
                (select count(*) from member where organization_id = \(id) and status <> 'left'),
                (select count(*) from organization where parent_id = \(id) and state = 'open'),
                (select count(*) from member_transfer where to_organization_id = \(id) and state = 'open')
            """)
        guard let row = counted.first else { throw .decoding("counts were expected") }
        let (members, children, transfers) = (
            try row.decode(0, as: Int.self), try row.decode(1, as: Int.self), try row.decode(2, as: Int.self)
        )
        guard members == 0, children == 0 else { return .inUse(members: members, children: children, transfers: transfers) }
        _ = try await querying.query(
            """
            update organization_join_code
            set state = 'disabled', ended_by = \(subject), ended_at = now()
            where organization_id = \(id) and state = 'open'
            """)
        let result = try await querying.query(
            """
            update organization
            set
                state = 'closed',
                closed_at = clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond',
                close_reason = \(reason),
                version = version + 1,
                updated_at = now()
            where organization_id = \(id)
            returning \(raw: Self.columns), \(fragment: renewal)
            """)
        guard let closed = result.first else { throw .decoding("the organization was expected") }
        return .closed(try record(closed))
    }

    private func record(_ row: Row) throws(PostgresError) -> OrganizationRecord {
        guard let kind = OrganizationKind(rawValue: try row.decode("kind")),
            let state = OrganizationRecord.State(rawValue: try row.decode("state")),
            let renewal = OrganizationRecord.RenewalState(rawValue: try row.decode("renewal")),
            let rule = JoinRule(rawValue: try row.decode("join_rule"))
        else { throw .decoding("an organization of an unknown kind or state") }
        var profile = OrganizationProfile()
        profile.nameEn = try row.decode("name_en")
        profile.creditCode = try row.decode("credit_code", as: String?.self).flatMap(CreditCode.init)
        profile.address = try row.decode("address")
        profile.industry = try row.decode("industry", as: String?.self).flatMap(IndustrySection.init(rawValue:))
        profile.contactPhone = try row.decode("contact_phone")
        profile.foundedOn = try row.decode("founded_on")
        profile.employees = try row.decode("employees")
        profile.employeesFemale = try row.decode("employees_female")
        profile.membersStated = try row.decode("members_stated")
        profile.chairName = try row.decode("chair_name")
        profile.chairElectedOn = try row.decode("chair_elected_on")
        profile.joinRule = rule
        return OrganizationRecord(
            organization: Organization(
                id: try row.decode("organization_id"), parentID: try row.decode("parent_id"), kind: kind, name: try row.decode("name"),
                createdAt: try row.decode("created_at")),
            profile: profile, state: state, closedAt: try row.decode("closed_at"), closeReason: try row.decode("close_reason"),
            renewedOn: try row.decode("renewed_on"), renewal: renewal, version: try row.decode("version"),
            updatedAt: try row.decode("updated_at"))
    }
}

/// Where an organization hung before.
package struct OrganizationMove: Sendable {
    package let parentIDBefore: ID<Organization>?
    package let parentIDAfter: ID<Organization>?
    package let reason: String
    package let movedBy: String
    package let movedAt: Timestamp
}

extension OrganizationStore {
    /// What each of these organizations does with newcomers.
    func joinRules(of ids: [ID<Organization>]) async throws(PostgresError) -> [ID<Organization>: JoinRule] {
        let result = try await database.query(
            "select organization_id, join_rule from organization where organization_id = any(\(Array(Set(ids))))")
        var rules: [ID<Organization>: JoinRule] = [:]
        for row in result { rules[try row.decode(0)] = JoinRule(rawValue: try row.decode(1)) }
        return rules
    }

    /// Those that have ended: few.
    func closedIDs() async throws(PostgresError) -> Set<ID<Organization>> {
        var closed: Set<ID<Organization>> = []
        for row in try await database.query("select organization_id from organization where state = 'closed'") {
            closed.insert(try row.decode(0))
        }
        return closed
    }
}
