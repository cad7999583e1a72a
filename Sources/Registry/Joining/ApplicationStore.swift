package import Postgres
package import Runtime

/// Applications: what came in, what was decided, and what follows for the member.
package struct ApplicationStore: Sendable {
    let database: Database
    let members: MemberStore
    let clockOffsetMicroseconds: Int64

    private static let columns = """
        a.application_id, a.organization_id, a.member_id, a.source, a.state, a.submissions, a.submitted_at, a.decided_at, a.reject_reason,
        a.version
        """

    private var instant: SQL { "clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond'" }

    package func application(
        _ id: ID<MemberApplication>, _ scope: Scope, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> MemberApplication? {
        try await first(
            "a.application_id = \(id) and \(fragment: scope.condition("a.organization_id"))", in: querying ?? database)
    }

    /// The application whose applicant shows a secret with this digest.
    package func application(
        secretDigest: [UInt8], in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> MemberApplication? {
        try await first("a.secret_digest = \(secretDigest)", in: querying ?? database)
    }

    private func first(_ condition: SQL, in querying: any Querying) async throws(PostgresError) -> MemberApplication? {
        let result = try await querying.query(
            "select \(raw: Self.columns) from member_application a where \(fragment: condition)")
        return try result.first.map { row throws(PostgresError) in try application(row) }
    }

    /// Applications by id, from the one after `after` on, at most `limit`.
    package func list(
        _ scope: Scope, state: ApplicationState?, organization: ID<Organization>?, after: ID<MemberApplication>?, limit: Int
    ) async throws(PostgresError) -> [MemberApplication] {
        // In the text, for the index of those that wait serves only a state that the planner sees.
        let wanted: SQL = state.map { "a.state = '\(raw: $0.rawValue)'" } ?? "true"
        let place: SQL = organization.map { "a.organization_id = \($0)" } ?? "true"
        let result = try await database.query(
            """
            select \(raw: Self.columns)
            from member_application a
            where a.application_id > \(after?.rawValue ?? 0)
                and \(fragment: wanted)
                and \(fragment: place)
                and \(fragment: scope.condition("a.organization_id"))
            order by a.application_id
            limit \(limit)
            """)
        var applications: [MemberApplication] = []
        for row in result { applications.append(try application(row)) }
        return applications
    }

    /// Every application of these members, in the order of their numbers.
    func applications(of ids: [ID<Member>], in querying: any Querying) async throws(PostgresError) -> [MemberApplication] {
        let result = try await querying.query(
            "select \(raw: Self.columns) from member_application a where a.member_id = any(\(ids)) order by a.application_id")
        var applications: [MemberApplication] = []
        for row in result { applications.append(try application(row)) }
        return applications
    }

    /// The application, held, after its member is held.
    func hold(
        _ found: MemberApplication, in querying: any Querying
    ) async throws(PostgresError) -> (application: MemberApplication, member: MemberStore.Held)? {
        guard let member = try await members.hold(found.memberID, .everything, in: querying) else { return nil }
        _ = try await querying.query("select from member_application where application_id = \(found.id) for no key update")
        guard let application = try await application(found.id, .everything, in: querying) else { return nil }
        return (application, member)
    }

    /// Writes the decision of an application that is held.
    func write(
        _ state: ApplicationState, of id: ID<MemberApplication>, by subject: String, reason: String? = nil, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update member_application
            set
                state = \(state.rawValue), decided_by = \(subject), decided_at = \(fragment: instant), reject_reason = \(reason),
                wanted_phone_sealed = null, version = version + 1
            where application_id = \(id)
            """)
    }

    /// Keeps the phone that somebody who comes back gives, until it is decided.
    func want(
        _ phone: PhoneNumber, for member: ID<Member>, of id: ID<MemberApplication>, in querying: any Querying
    ) async throws(PostgresError) {
        let sealed = try await members.seal(wanted: phone, for: member, in: querying)
        _ = try await querying.query("update member_application set wanted_phone_sealed = \(sealed) where application_id = \(id)")
    }

    /// The phone so kept.
    func wantedPhone(_ id: ID<MemberApplication>, of member: ID<Member>, in querying: any Querying) async throws(PostgresError)
        -> PhoneNumber?
    {
        let result = try await querying.query(
            "select wanted_phone_sealed from member_application where application_id = \(id) and wanted_phone_sealed is not null")
        guard let row = result.first else { return nil }
        return try await members.open(wanted: try row.decode(0), for: member, in: querying)
    }

    /// Opens a rejected application again, for the member that the new data made.
    func reopen(
        _ id: ID<MemberApplication>, member: ID<Member>, consents: Set<ConsentPurpose>, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update member_application
            set
                state = 'pending', member_id = \(member), consents = \(consents.map(\.rawValue).sorted()), decided_by = null,
                decided_at = null, reject_reason = null, submitted_at = \(fragment: instant), submissions = submissions + 1,
                version = version + 1
            where application_id = \(id)
            """)
    }

    /// Enters the application of somebody who had left and scanned a code.
    func enterReturn(
        of member: ID<Member>, to organization: ID<Organization>, _ request: JoinRequest, in querying: any Querying
    ) async throws(PostgresError) -> MemberApplication {
        let result = try await querying.query(
            """
            with a as (
                insert into member_application (
                    organization_id, member_id, source, state, consents, secret_digest, request_digest, fingerprint, submitted_at,
                    first_member_id, first_state, first_submitted_at)
                select
                    
                    \(organization), \(member), 'return', 'pending', \(request.consents.map(\.rawValue).sorted()), \(request.secretDigest),
                    \(request.requestDigest), \(request.fingerprint), now.instant, \(member), 'pending', now.instant
                from (select \(fragment: instant) as instant) now
                returning *
            )
            select \(raw: Self.columns) from a
            """)
        guard let row = result.first else { throw .decoding("the application was expected") }
        return try application(row)
    }

    /// Tells of the people whom an enterprise filed, and enters an application for each who waits for approval.
    func enterFilings(
        _ batch: MemberApplyBatch, _ outcomes: [MemberApplyOutcome], in querying: any Querying
    ) async throws(PostgresError) {
        let places = outcomes.indices.filter { outcomes[$0] == .inserted }
        if places.isEmpty { return }
        _ = try await querying.query(
            """
            with newcomer as materialized (
                select member_id, organization_id, status
                from unnest(
                    \(places.map { batch.memberIDs[$0] }), \(places.map { batch.organizationIDs[$0] }), \(places.map { batch.statuses[$0] })
                ) as newcomer (member_id, organization_id, status)
            ),
            filed as (
                insert into member_application (organization_id, member_id, source, state, consents, submitted_at)
                select organization_id, member_id, 'filing', 'pending', '{}', \(fragment: instant)
                from newcomer
                where status = 'provisional'
                returning application_id, member_id
            )
            insert into outbox_event (type, subject, organization_id, data)
            select
                case newcomer.status when 'provisional' then 'member.applied' else 'member.joined' end,
                'member:' || newcomer.member_id, newcomer.organization_id,
                case
                    when filed.application_id is null
                        then format('{"memberId":%s,"organizationId":%s}', newcomer.member_id, newcomer.organization_id)
                    else format(
                        '{"applicationId":%s,"memberId":%s,"organizationId":%s}', filed.application_id, newcomer.member_id,
                        newcomer.organization_id)
                end
            from newcomer
            left join filed on filed.member_id = newcomer.member_id
            """)
    }

    /// Forgets a newcomer who was turned away: the key and everything under it; the national id is free again.
    func forget(_ member: Member, in querying: any Querying) async throws(PostgresError) {
        if let person = member.person {
            _ = try await querying.query(
                """
                delete from national_id_directory
                where national_id_index = \(members.vault.index(of: person.nationalID)) and member_id = \(member.id)
                """)
            if let phone = person.phone {
                _ = try await querying.query(
                    "delete from member_phone_index where phone_index = \(members.vault.index(of: phone)) and member_id = \(member.id)")
            }
        }
        _ = try await querying.query(
            """
            delete from member_name_index entry
            using member_personal_data personal
            where personal.member_id = \(member.id) and entry.name_index = personal.name_index and entry.member_id = \(member.id)
            """)
        _ = try await querying.query("delete from member_attribute where member_id = \(member.id)")
        _ = try await querying.query("delete from member_personal_data where member_id = \(member.id)")
        _ = try await querying.query("delete from member_data_key where member_id = \(member.id)")
        // Of the birth date the year stays, for the figures.
        _ = try await querying.query(
            """
            update member
            set erased_at = now(), birth_on = date_trunc('year', birth_on)::date, evidenced = '{}'
            where member_id = \(member.id)
            """)
    }

    private func application(_ row: Row) throws(PostgresError) -> MemberApplication {
        guard let source = MemberApplication.Source(rawValue: try row.decode("source")),
            let state = ApplicationState(rawValue: try row.decode("state"))
        else { throw .decoding("an application of an unknown state") }
        return MemberApplication(
            id: try row.decode("application_id"), organizationID: try row.decode("organization_id"),
            memberID: try row.decode("member_id"), source: source, state: state, submissions: try row.decode("submissions"),
            submittedAt: try row.decode("submitted_at"), decidedAt: try row.decode("decided_at"),
            rejectReason: try row.decode("reject_reason"), version: try row.decode("version"))
    }
}
