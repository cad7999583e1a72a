package import Postgres
package import Runtime

/// Transfers: every statement about them. Whoever changes one holds the member first, then the transfer.
package struct TransferStore: Sendable {
    let database: Database
    let members: MemberStore
    let clockOffsetMicroseconds: Int64

    private static let columns = """
        t.transfer_id, t.member_id, t.from_organization_id, t.to_organization_id, t.state, t.asked_by, t.asked_at, t.deadline_at,
        t.releasing_by is not null as releasing_agreed, t.receiving_by is not null as receiving_agreed, t.ended_at, t.end_cause,
        t.refuse_reason,
        (select name from organization where organization_id = t.from_organization_id) as from_name,
        (select name_en from organization where organization_id = t.from_organization_id) as from_name_en,
        (select name from organization where organization_id = t.to_organization_id) as to_name,
        (select name_en from organization where organization_id = t.to_organization_id) as to_name_en
        """

    private var instant: SQL { "clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond'" }

    // MARK: Reading

    /// The transfer, if one of its two organizations lies within `scope`.
    package func transfer(
        _ id: ID<MemberTransfer>, _ scope: Scope, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> MemberTransfer? {
        let result = try await (querying ?? database).query(
            """
            select \(raw: Self.columns)
            from member_transfer t
            where t.transfer_id = \(id) and \(fragment: Self.touches(scope))
            """)
        return try result.first.map { row throws(PostgresError) in try transfer(row) }
    }

    private static func touches(_ scope: Scope) -> SQL {
        "(\(fragment: scope.condition("t.from_organization_id")) or \(fragment: scope.condition("t.to_organization_id")))"
    }

    /// What a list shows.
    package struct Filter: Sendable {
        package var scope = Scope.everything
        package var state: MemberTransfer.State?
        package var organization: ID<Organization>?
        package var member: ID<Member>?

        package init() {}
    }

    /// Transfers by id, from the one after `after` on, at most `limit`.
    package func list(_ filter: Filter, after: ID<MemberTransfer>?, limit: Int) async throws(PostgresError) -> [MemberTransfer] {
        let state: SQL = filter.state.map { "t.state = \($0.rawValue)" } ?? "true"
        let member: SQL = filter.member.map { "t.member_id = \($0)" } ?? "true"
        let place: SQL = filter.organization.map { "(t.from_organization_id = \($0) or t.to_organization_id = \($0))" } ?? "true"
        let result = try await database.query(
            """
            select \(raw: Self.columns)
            from member_transfer t
            where t.transfer_id > \(after?.rawValue ?? 0)
                and \(fragment: state)
                and \(fragment: member)
                and \(fragment: place)
                and \(fragment: Self.touches(filter.scope))
            order by t.transfer_id
            limit \(limit)
            """)
        var transfers: [MemberTransfer] = []
        for row in result { transfers.append(try transfer(row)) }
        return transfers
    }

    /// Every transfer of these members, in the order of their numbers.
    func transfers(of ids: [ID<Member>], in querying: any Querying) async throws(PostgresError) -> [MemberTransfer] {
        let result = try await querying.query(
            "select \(raw: Self.columns) from member_transfer t where t.member_id = any(\(ids)) order by t.transfer_id")
        var transfers: [MemberTransfer] = []
        for row in result { transfers.append(try transfer(row)) }
        return transfers
    }

    /// Transfers whose deadline has passed, in the order of their members, at most `limit`.
    func due(limit: Int, in querying: (any Querying)? = nil) async throws(PostgresError) -> [ID<MemberTransfer>] {
        let result = try await (querying ?? database).query(
            """
            select transfer_id
            from (
                select transfer_id, member_id
                from member_transfer
                where state = 'open' and deadline_at <= \(fragment: instant)
                order by deadline_at, transfer_id
                limit \(limit)
            ) due
            order by member_id
            """)
        var ids: [ID<MemberTransfer>] = []
        for row in result { ids.append(try row.decode(0)) }
        return ids
    }

    // MARK: Asking

    package enum AskOutcome: Sendable {
        case asked(MemberTransfer)
        case memberNotFound, memberNotActive, sameOrganization, targetClosed
        /// A transfer of this member is under way.
        case openExists(ID<MemberTransfer>)
    }

    /// Opens a transfer.
    /// - Parameters:
    ///   - sides: for whom who asks agrees already.
    ///   - subject: who asks.
    func ask(
        _ memberID: ID<Member>, to target: ID<Organization>,
        sides: (MemberStore.Held) async throws(PostgresError) -> Set<MemberTransfer.Side>,
        by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> AskOutcome {
        guard let member = try await members.hold(memberID, .everything, in: querying) else { return .memberNotFound }
        guard member.status == .active else { return .memberNotActive }
        guard member.organizationID != target else { return .sameOrganization }
        guard try await members.takesMembers(target, in: querying) else { return .targetClosed }
        let agreed = try await sides(member)
        let open = try await querying.query(
            "select transfer_id from member_transfer where member_id = \(memberID) and state = 'open'")
        if let row = open.first { return .openExists(try row.decode(0)) }
        let result = try await querying.query(
            """
            with moment as materialized (select \(fragment: instant) as now),
            t as (
                insert into member_transfer (
                    member_id, from_organization_id, to_organization_id, asked_by, asked_at, deadline_at, releasing_by, releasing_at,
                    receiving_by, receiving_at)
                select
                    \(memberID), \(member.organizationID), \(target), \(subject), now,
                    now + \(Int32(MemberTransfer.deadlineDays)) * interval '1 day',
                    case when \(agreed.contains(.releasing)) then \(subject) end,
                    case when \(agreed.contains(.releasing)) then now end,
                    case when \(agreed.contains(.receiving)) then \(subject) end,
                    case when \(agreed.contains(.receiving)) then now end
                from moment
                returning *
            )
            select \(raw: Self.columns) from t
            """)
        guard let row = result.first else { throw .decoding("the transfer was expected") }
        return .asked(try transfer(row))
    }

    // MARK: Deciding

    /// A transfer that is held, with what the rule has to know.
    struct Held: Sendable {
        let transfer: MemberTransfer
        let circumstances: MemberTransfer.Circumstances
    }

    /// Holds the member, then the transfer, then the organization to go to.
    func hold(_ found: MemberTransfer, in querying: any Querying) async throws(PostgresError) -> Held? {
        guard let member = try await members.hold(found.memberID, .everything, in: querying) else { return nil }
        _ = try await querying.query("select from member_transfer where transfer_id = \(found.id) for no key update")
        let isOpen = try await members.takesMembers(found.to, in: querying)
        let result = try await querying.query(
            """
            select \(raw: Self.columns), t.deadline_at <= \(fragment: instant) as is_past
            from member_transfer t
            where t.transfer_id = \(found.id)
            """)
        guard let row = result.first else { return nil }
        let transfer = try transfer(row)
        var circumstances = MemberTransfer.Circumstances()
        circumstances.isPastDeadline = try row.decode("is_past")
        circumstances.isTargetClosed = !isOpen
        circumstances.isMemberActive = member.status == .active
        circumstances.isMemberInPlace = member.organizationID == transfer.from
        return Held(transfer: transfer, circumstances: circumstances)
    }

    /// Notes who agreed, and goes on waiting.
    func note(
        _ sides: Set<MemberTransfer.Side>, on id: ID<MemberTransfer>, by subject: String, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update member_transfer
            set
                releasing_by = case when \(sides.contains(.releasing)) then coalesce(releasing_by, \(subject)) else releasing_by end,
                releasing_at = case
                    when \(sides.contains(.releasing)) then coalesce(releasing_at, \(fragment: instant)) else releasing_at
                end,
                receiving_by = case when \(sides.contains(.receiving)) then coalesce(receiving_by, \(subject)) else receiving_by end,
                receiving_at = case
                    when \(sides.contains(.receiving)) then coalesce(receiving_at, \(fragment: instant)) else receiving_at
                end,
                version = version + 1
            where transfer_id = \(id)
            """)
    }

    /// Ends a transfer without moving anybody.
    func end(
        _ id: ID<MemberTransfer>, _ state: MemberTransfer.State, _ cause: MemberTransfer.EndCause, reason: String?, by subject: String,
        in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update member_transfer
            set
                state = \(state.rawValue), end_cause = \(cause.rawValue), ended_at = \(fragment: instant), ended_by = \(subject),
                refuse_reason = \(reason), version = version + 1
            where transfer_id = \(id)
            """)
    }

    /// Moves the member: in one update, so that it belongs to one organization at every moment.
    /// - Returns: false when the member was not where the transfer takes it from; then nothing is written.
    func complete(
        _ transfer: MemberTransfer, _ cause: MemberTransfer.EndCause, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> Bool {
        let result = try await querying.query(
            """
            with moment as materialized (select \(fragment: instant) as now),
            before as materialized (
                select member_id, organization_id, organization_since
                from member
                where member_id = \(transfer.memberID) and organization_id = \(transfer.from) and status = 'active'
            ),
            moved as (
                update member
                set
                    organization_id = \(transfer.to),
                    organization_since = greatest(moment.now, before.organization_since),
                    version = member.version + 1,
                    updated_at = now()
                from before, moment
                where member.member_id = before.member_id
                returning member.member_id, member.version, member.organization_since
            ),
            kept as (
                insert into membership (member_id, version, organization_id, started_at, ended_at, cause, transfer_id)
                select
                    moved.member_id, moved.version, before.organization_id, before.organization_since, moved.organization_since,
                    'transferred', \(transfer.id)
                from moved
                join before on before.member_id = moved.member_id
            )
            update member_transfer
            set
                state = 'completed', end_cause = \(cause.rawValue), ended_at = moment.now, ended_by = \(subject),
                version = member_transfer.version + 1
            from moved, moment
            where transfer_id = \(transfer.id)
            """)
        return result.affectedRows == 1
    }

    private func transfer(_ row: Row) throws(PostgresError) -> MemberTransfer {
        guard let state = MemberTransfer.State(rawValue: try row.decode("state")) else { throw .decoding("an unknown state of a transfer") }
        var consents: Set<MemberTransfer.Side> = []
        if try row.decode("releasing_agreed", as: Bool.self) { consents.insert(.releasing) }
        if try row.decode("receiving_agreed", as: Bool.self) { consents.insert(.receiving) }
        return MemberTransfer(
            id: try row.decode("transfer_id"), memberID: try row.decode("member_id"), from: try row.decode("from_organization_id"),
            to: try row.decode("to_organization_id"),
            fromNames: Organization.Names(name: try row.decode("from_name"), nameEn: try row.decode("from_name_en")),
            toNames: Organization.Names(name: try row.decode("to_name"), nameEn: try row.decode("to_name_en")), state: state,
            consents: consents, askedBy: try row.decode("asked_by"),
            askedAt: try row.decode("asked_at"), deadlineAt: try row.decode("deadline_at"), endedAt: try row.decode("ended_at"),
            endCause: try row.decode("end_cause", as: String?.self).flatMap(MemberTransfer.EndCause.init(rawValue:)),
            refuseReason: try row.decode("refuse_reason"))
    }
}
