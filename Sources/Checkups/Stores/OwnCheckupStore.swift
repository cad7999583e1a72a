package import HTTP
package import Postgres
import Programs
package import Registry
package import Runtime

/// What a worker sees: visits near by, own places and what came of them.
package struct OwnCheckupStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    /// - Parameter clock: its offset is added to the database's clock in what is decided here.
    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    /// A place on earth, in degrees.
    package struct Position: Sendable {
        let latitude: Double
        let longitude: Double
    }

    /// Visits of announced programs that are not over and that are for the member.
    /// - Parameter visit: only this one.
    package func visits(
        for member: ID<Member>, near position: Position?, only visit: ID<VanVisit>? = nil, limit: Int
    ) async throws(PostgresError) -> [NearbyVisit] {
        let one: SQL = visit.map { "checkup_visit.visit_id = \($0)" } ?? "true"
        // The haversine on a sphere of 6,371 km: within 0.5 % of the truth, which is enough to choose a van by.
        let rows = try await database.query(
            """
            select
                \(raw: VisitStore.columns), program.title, program.state, program.closes_at, away.metres::bigint,
                checkup_visit.audience_organization_id is not null, seats.sum, checkup_package.name, checkup_package.items,
                coalesce(checkup_add_on.items, '{}'), checkup_package.value_fen
            from checkup_visit
            join program using (program_id)
            join member on member.member_id = \(member)
            join checkup_package on checkup_package.package_id = checkup_visit.package_id
            left join checkup_add_on
                on checkup_add_on.package_id = checkup_visit.package_id
                and checkup_add_on.worker_kind = member.worker_kind
            cross join lateral (
                select coalesce(sum(capacity), 0)::bigint as sum
                from checkup_session
                join program_session using (program_id, number)
                where checkup_session.visit_id = checkup_visit.visit_id
            ) seats
            cross join lateral (
                -- Without a position nothing is near: least() passes over nulls.
                select case when \(position != nil) and checkup_visit.latitude is not null then 2 * 6371000 * asin(least(1, sqrt(
                    sin(radians(checkup_visit.latitude - \(position?.latitude)) / 2) ^ 2
                    + cos(radians(checkup_visit.latitude)) * cos(radians(\(position?.latitude)))
                        * sin(radians(checkup_visit.longitude - \(position?.longitude)) / 2) ^ 2)))
                end as metres
            ) away
            where program.state in ('announced', 'open', 'closed', 'run', 'reviewed', 'published')
                and checkup_visit.last_on
                    >= ((clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond') at time zone program.time_zone)::date
                and checkups_is_for(checkup_visit.audience_organization_id, member.organization_id)
                and \(fragment: one)
            order by
                case when \(position == nil) then checkup_visit.audience_organization_id is null end, away.metres, checkup_visit.first_on,
                checkup_visit.visit_id
            limit \(limit)
            """)
        var visits: [NearbyVisit] = []
        for row in rows {
            guard let state = ProgramState(rawValue: try row.decode(12)) else { throw .decoding("an unknown state of a program") }
            visits.append(
                NearbyVisit(
                    visit: try VisitStore.visit(row), title: try row.decode(11), state: state,
                    closesAt: try row.decode(13, as: Timestamp?.self)?.description, distanceMetres: try row.decode(14),
                    isOfOwnOrganization: try row.decode(15), seats: try row.decode(16),
                    package: OwnCheckupPackage(
                        name: try row.decode(17), items: try row.decode(18), addOnItems: try row.decode(19), valueFen: try row.decode(20))))
        }
        return visits
    }

    /// A visit's sessions that have not begun. Places that came free are not left while they are the waitlist's.
    package func sessions(of visit: ID<VanVisit>) async throws(PostgresError) -> [WishedSession] {
        let rows = try await database.query(
            """
            select
                number, program_session.title, starts_at, program_session.ends_at, capacity - walk_in,
                case
                    when is_awaited and program.taken < program.quota then 0
                    else greatest(0, capacity - programs_kept_for_walk_ins(program_id, number, walk_in) - program_session.taken)
                end
            from checkup_session
            join program_session using (program_id, number)
            join program using (program_id)
            where visit_id = \(visit)
                and starts_at > clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond'
            order by starts_at, number
            """)
        var sessions: [WishedSession] = []
        for row in rows {
            sessions.append(
                WishedSession(
                    number: try row.decode(0), title: try row.decode(1), startsAt: try row.decode(2, as: Timestamp.self).description,
                    endsAt: try row.decode(3, as: Timestamp.self).description, seats: try row.decode(4), left: try row.decode(5)))
        }
        return sessions
    }

    /// Every place at a van that the person was ever given, under any of these numbers; the newest session first.
    package func places(
        of members: [ID<Member>], _ language: Language, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> [OwnCheckup] {
        let rows = try await (querying ?? database).query(
            """
            select
                \(raw: VisitStore.columns), program.title, program_award.state, program_award.offered_until, program_session.number,
                program_session.title, program_session.starts_at, program_session.ends_at, program_session.capacity,
                program_session.walk_in, program_session.taken, checkup_package.name, checkup_package.items,
                coalesce(checkup_add_on.items, '{}'), checkup_package.value_fen,
                case when checkup_attendance.came then checkup_attendance.occurred_at end, checkup_report.ready_at,
                checkup_report.follow_up, checkup_report.follow_up_until, checkup_report.done_at, program_award.version,
                program_award.changed_at
            from program_award
            join checkup_session using (program_id, number)
            join program_session using (program_id, number)
            join program using (program_id)
            join checkup_visit on checkup_visit.visit_id = checkup_session.visit_id
            join checkup_package on checkup_package.package_id = checkup_visit.package_id
            join member on member.member_id = program_award.member_id
            left join checkup_add_on
                on checkup_add_on.package_id = checkup_package.package_id
                and checkup_add_on.worker_kind = member.worker_kind
            left join checkup_attendance
                on checkup_attendance.member_id = program_award.member_id
                and checkup_attendance.program_id = program_award.program_id
            left join checkup_report
                on checkup_report.member_id = program_award.member_id
                and checkup_report.program_id = program_award.program_id
            where program_award.member_id = any(\(members))
            order by program_session.starts_at desc, program_award.program_id desc
            limit 1000
            """)
        var places: [OwnCheckup] = []
        for row in rows { places.append(try Self.place(row, language)) }
        return places
    }

    private static func place(_ row: Row, _ language: Language) throws(PostgresError) -> OwnCheckup {
        guard let state = AwardState(rawValue: try row.decode(12)) else { throw .decoding("an unknown state of an award") }
        var report: OwnCheckup.OwnReport?
        if let readyAt = try row.decode(26, as: Timestamp?.self) {
            let followUp = try row.decode(27, as: String?.self).flatMap { FollowUpCode(rawValue: $0) }
            report = OwnCheckup.OwnReport(
                readyAt: readyAt.description, followUp: followUp, followUpText: followUp?.text[language],
                followUpUntil: try row.decode(28, as: CalendarDate?.self)?.description,
                doneAt: try row.decode(29, as: Timestamp?.self)?.description)
        }
        return OwnCheckup(
            campaignId: try row.decode(1), title: try row.decode(11), state: state,
            offeredUntil: try row.decode(13, as: Timestamp?.self)?.description, session: try VisitStore.session(row, from: 14),
            visit: try VisitStore.visit(row),
            package: OwnCheckupPackage(
                name: try row.decode(21), items: try row.decode(22), addOnItems: try row.decode(23), valueFen: try row.decode(24)),
            cameAt: try row.decode(25, as: Timestamp?.self)?.description, report: report, version: try row.decode(30),
            changedAt: try row.decode(31, as: Timestamp.self).description)
    }
}
