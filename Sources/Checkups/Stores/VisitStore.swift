import HTTP
package import Postgres
package import Programs
package import Registry
package import Runtime

/// Vans' visits and their sessions: every statement about them.
package struct VisitStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    /// - Parameter clock: its offset is added to the database's clock in what is decided here.
    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    static let columns = """
        checkup_visit.visit_id, checkup_visit.program_id, checkup_visit.package_id, checkup_visit.host_organization_id,
        checkup_visit.audience_organization_id, checkup_visit.site, checkup_visit.address, checkup_visit.latitude,
        checkup_visit.longitude, checkup_visit.first_on, checkup_visit.last_on
        """

    package enum CreateOutcome: Sendable {
        case created(VanVisit)
        case packageUnknown
        /// The host, or whom it is for.
        case organizationUnknown
    }

    package func create(
        _ body: VanVisitBody, from first: CalendarDate, to last: CalendarDate, of campaign: ID<UnionProgram>, by subject: String,
        in querying: any Querying
    ) async throws(PostgresError) -> CreateOutcome {
        do throws(PostgresError) {
            let rows = try await querying.query(
                """
                insert into checkup_visit (
                    program_id, package_id, host_organization_id, audience_organization_id, site, address, latitude, longitude, first_on,
                    last_on, created_by)
                values (\(campaign), \(body.packageId), \(body.hostOrganizationId), \(body.forOrganizationId), \(body.site),
                    \(body.address), \(body.latitude), \(body.longitude), \(first), \(last), \(subject))
                returning \(raw: Self.columns)
                """)
            return .created(try Self.visit(rows.single))
        } catch {
            if error.isConstraint("checkup_visit_package_is_the_campaigns") { return .packageUnknown }
            if error.isConstraint("checkup_visit_host_exists") || error.isConstraint("checkup_visit_audience_exists") {
                return .organizationUnknown
            }
            throw error
        }
    }

    /// Where a caller reaches a visit: within the campaign's organization, or its host's.
    static func condition(_ scope: Scope) -> SQL {
        """
        (\(fragment: scope.condition("program.organization_id"))
            or \(fragment: scope.condition("checkup_visit.host_organization_id")))
        """
    }

    /// Nil too outside of `scope`: neither the campaign's organization nor the host lies in it.
    package func find(
        _ id: ID<VanVisit>, within scope: Scope, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> VanVisit? {
        let rows = try await (querying ?? database).query(
            """
            select \(raw: Self.columns)
            from checkup_visit
            join program using (program_id)
            where visit_id = \(id) and \(fragment: Self.condition(scope))
            """)
        return try rows.first.map { row throws(PostgresError) in try Self.visit(row) }
    }

    /// The visit, if the device belongs to its campaign's organization or its host, to one above them, or to the whole union.
    package func find(_ id: ID<VanVisit>, by device: ID<Device>) async throws(PostgresError) -> VanVisit? {
        let rows = try await database.query(
            """
            select \(raw: Self.columns)
            from checkup_visit
            join program using (program_id)
            join device on device.device_id = \(device)
            where visit_id = \(id)
                and (device.organization_id is null
                    or exists (
                        select from organization_ancestor
                        where organization_ancestor.organization_id in (program.organization_id, checkup_visit.host_organization_id)
                            and organization_ancestor.ancestor_id = device.organization_id))
            """)
        return try rows.first.map { row throws(PostgresError) in try Self.visit(row) }
    }

    /// Of a campaign, in order of their ids, from the one after `after`.
    package func list(
        of campaign: ID<UnionProgram>, within scope: Scope, after: ID<VanVisit>?, limit: Int
    ) async throws(PostgresError) -> [VanVisit] {
        let rows = try await database.query(
            """
            select \(raw: Self.columns)
            from checkup_visit
            join program using (program_id)
            where program_id = \(campaign) and visit_id > \(after?.rawValue ?? 0) and \(fragment: Self.condition(scope))
            order by visit_id
            limit \(limit)
            """)
        var visits: [VanVisit] = []
        for row in rows { visits.append(try Self.visit(row)) }
        return visits
    }

    static func visit(_ row: Row) throws(PostgresError) -> VanVisit {
        VanVisit(
            id: try row.decode(0), campaignId: try row.decode(1), packageId: try row.decode(2), hostOrganizationId: try row.decode(3),
            forOrganizationId: try row.decode(4), site: try row.decode(5), address: try row.decode(6), latitude: try row.decode(7),
            longitude: try row.decode(8), firstOn: try row.decode(9, as: CalendarDate.self).description,
            lastOn: try row.decode(10, as: CalendarDate.self).description)
    }

    // MARK: Sessions

    package enum SessionsOutcome: Sendable {
        case added([Int32])
        /// The program was announced, and its places are not given yet.
        case frozen
        /// One of them is there already.
        case exists
        /// A session has no number beyond 65,535.
        case tooMany
    }

    /// Lays out sessions in bulk, while the program is a draft; or more of them once its places are given, whose seats are the
    /// waitlist's.
    package func addSessions(
        _ body: VanSessionsBody, on days: [CalendarDate], of visit: VanVisit, in querying: any Querying
    ) async throws(PostgresError) -> SessionsOutcome {
        let held = try await querying.query("select state from program where program_id = \(visit.campaignId) for no key update")
        guard [ProgramState.draft, .published].map(\.rawValue).contains(try held.single.decode(0, as: String.self)) else { return .frozen }
        let rows: QueryResult
        do throws(PostgresError) {
            rows = try await querying.query(
                """
                select * from checkups_add_sessions(
                    \(visit.id), \(days), \(body.from)::time, \(body.to)::time, \(body.everyMinutes), \(body.capacity),
                    \(body.walkInPercent ?? 0))
                """)
        } catch {
            if error.isConstraint("program_session_number_is_1_to_65535") { return .tooMany }
            throw error
        }
        var numbers: [Int32] = []
        for row in rows { numbers.append(try row.decode(0)) }
        return numbers.isEmpty ? .exists : .added(numbers)
    }

    /// Of a visit, in order of time; all of its days without `day`, which is one of the program's time zone.
    package func sessions(
        of visit: ID<VanVisit>, on day: CalendarDate? = nil, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> [VanSession] {
        let only: SQL = day.map { "(program_session.starts_at at time zone program.time_zone)::date = \($0)" } ?? "true"
        let rows = try await (querying ?? database).query(
            """
            select number, program_session.title, starts_at, program_session.ends_at, capacity, walk_in, program_session.taken
            from checkup_session
            join program_session using (program_id, number)
            join program using (program_id)
            where visit_id = \(visit) and \(fragment: only)
            order by starts_at, number
            """)
        var sessions: [VanSession] = []
        for row in rows { sessions.append(try Self.session(row)) }
        return sessions
    }

    /// Seven columns from `column` on.
    static func session(_ row: Row, from column: Int = 0) throws(PostgresError) -> VanSession {
        VanSession(
            number: try row.decode(column), title: try row.decode(column + 1),
            startsAt: try row.decode(column + 2, as: Timestamp.self).description,
            endsAt: try row.decode(column + 3, as: Timestamp.self).description, capacity: try row.decode(column + 4),
            walkIn: try row.decode(column + 5), taken: try row.decode(column + 6))
    }

    /// A session of the visit with its time, and what a member's kind of work is examined for there.
    package func place(
        _ number: Int32, of visit: VanVisit, kind: WorkerKind
    ) async throws(PostgresError) -> (session: VanSession, package: OwnCheckupPackage)? {
        let rows = try await database.query(
            """
            select
                program_session.number, program_session.title, program_session.starts_at, program_session.ends_at, capacity, walk_in, taken,
                checkup_package.name, checkup_package.items, coalesce(checkup_add_on.items, '{}'), checkup_package.value_fen
            from program_session
            join checkup_package on checkup_package.package_id = \(visit.packageId)
            left join checkup_add_on
                on checkup_add_on.package_id = checkup_package.package_id
                and checkup_add_on.worker_kind = \(kind.rawValue)
            where program_session.program_id = \(visit.campaignId) and program_session.number = \(number)
            """)
        guard let row = rows.first else { return nil }
        return (
            try Self.session(row),
            OwnCheckupPackage(
                name: try row.decode(7), items: try row.decode(8), addOnItems: try row.decode(9), valueFen: try row.decode(10))
        )
    }
}
