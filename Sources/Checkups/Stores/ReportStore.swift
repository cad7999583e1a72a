import HTTP
package import Postgres
package import Programs
package import Registry
package import Runtime

/// That reports are ready, what is to follow, and who is to be told.
package struct ReportStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    /// - Parameter clock: its offset is added to the database's clock in what is decided here.
    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    package enum Outcome: String, CaseIterable, Sendable {
        case recorded, unchanged
        case notAttended = "not_attended"
        case nothingToFollow = "nothing_to_follow"
    }

    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    /// Tells of one person's report.
    package func record(
        _ line: ReportLine, until: CalendarDate?, of campaign: ID<UnionProgram>, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> Outcome {
        let came = try await querying.query(
            """
            select from checkup_attendance
            where member_id = \(line.memberId) and program_id = \(campaign) and came
            for no key update
            """)
        guard !came.isEmpty else { return .notAttended }
        let changed: QueryResult
        switch line.state {
        case .ready:
            changed = try await querying.query(
                """
                insert into checkup_report (member_id, program_id, ready_at, ready_by)
                values (\(line.memberId), \(campaign), \(fragment: instant), \(subject))
                on conflict on constraint checkup_report_pkey do nothing
                """)
        case .followUpNeeded:
            changed = try await querying.query(
                """
                insert into checkup_report as known (
                    member_id, program_id, ready_at, ready_by, follow_up, follow_up_until, follow_up_at, follow_up_by)
                values (\(line.memberId), \(campaign), \(fragment: instant), \(subject), \(line.followUp?.rawValue), \(until),
                    \(fragment: instant), \(subject))
                on conflict on constraint checkup_report_pkey do update
                set follow_up = excluded.follow_up, follow_up_until = excluded.follow_up_until, follow_up_at = excluded.follow_up_at,
                    follow_up_by = excluded.follow_up_by, done_at = null, done_by = null
                where (known.follow_up, known.follow_up_until) is distinct from (excluded.follow_up, excluded.follow_up_until)
                """)
        case .followUpDone:
            if try await done(campaign, of: line.memberId, by: subject, in: querying) { return .recorded }
            let known = try await querying.query(
                """
                select from checkup_report
                where member_id = \(line.memberId) and program_id = \(campaign) and done_at is not null
                """)
            return known.isEmpty ? .nothingToFollow : .unchanged
        }
        return changed.affectedRows == 1 ? .recorded : .unchanged
    }

    /// - Returns: false when no follow-up was open.
    package func done(
        _ campaign: ID<UnionProgram>, of member: ID<Member>, by subject: String, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> Bool {
        let changed = try await (querying ?? database).query(
            """
            update checkup_report
            set done_at = \(fragment: instant), done_by = \(subject)
            where member_id = \(member) and program_id = \(campaign) and follow_up is not null and done_at is null
            """)
        return changed.affectedRows == 1
    }

    // MARK: Reminders

    /// Something that a person is to be told by a message to the phone.
    package struct Reminder: Sendable {
        package enum Kind: String, CaseIterable, Sendable {
            /// The session is tomorrow.
            case appointment
            case reportReady = "report_ready"
            /// Something is to be done.
            case followUp = "follow_up"
            /// It is to be done within three days, and is not.
            case followUpDue = "follow_up_due"
        }

        package let kind: Kind
        package let memberID: ID<Member>
        package let programID: ID<UnionProgram>
        package let organizationID: ID<Organization>
        /// The session's day, the report's, the deadline.
        package let dueOn: CalendarDate
        package let site: String
        /// `08:00`, of an appointment.
        package let time: String
        package let followUp: FollowUpCode?
    }

    /// What is to be told now and was not told yet, and notes it as told, in the caller's transaction. Those who have no phone are noted,
    /// too. Two servers that look at once tell each thing once: who notes it first tells it.
    package func takeReminders(limit: Int, in querying: any Querying) async throws(PostgresError) -> [Reminder] {
        let rows = try await querying.query(
            """
            with due as (
                select
                    'appointment' as kind, program_award.member_id, program_award.program_id,
                    (program_session.starts_at at time zone program.time_zone)::date as due_on
                from program_session
                join program using (program_id)
                join checkup_session using (program_id, number)
                join program_award using (program_id, number)
                where program.state = 'published'
                    and program_award.state = 'confirmed'
                    and (program_session.starts_at at time zone program.time_zone)::date
                        = (\(fragment: instant) at time zone program.time_zone)::date + 1
                union all
                select
                    case when checkup_report.follow_up is null then 'report_ready' else 'follow_up' end,
                    checkup_report.member_id, checkup_report.program_id,
                    (coalesce(checkup_report.follow_up_at, checkup_report.ready_at) at time zone program.time_zone)::date
                from checkup_report
                join program using (program_id)
                where checkup_report.done_at is null
                    and coalesce(checkup_report.follow_up_at, checkup_report.ready_at) > \(fragment: instant) - interval '7 days'
                union all
                select 'follow_up_due', checkup_report.member_id, checkup_report.program_id, checkup_report.follow_up_until
                from checkup_report
                join program using (program_id)
                where checkup_report.follow_up is not null
                    and checkup_report.done_at is null
                    and (\(fragment: instant) at time zone program.time_zone)::date
                        between checkup_report.follow_up_until - 3 and checkup_report.follow_up_until
                    and checkup_report.follow_up_at < \(fragment: instant) - interval '1 day'
            ),
            noted as (
                insert into checkup_message (member_id, program_id, kind, due_on, requested_at)
                select due.member_id, due.program_id, due.kind, due.due_on, \(fragment: instant)
                from due
                where not exists (
                    select from checkup_message
                    where checkup_message.member_id = due.member_id
                        and checkup_message.program_id = due.program_id
                        and checkup_message.kind = due.kind
                        and checkup_message.due_on = due.due_on)
                order by due.member_id, due.program_id, due.kind, due.due_on
                limit \(limit)
                on conflict on constraint checkup_message_pkey do nothing
                returning member_id, program_id, kind, due_on
            )
            select
                noted.kind, noted.member_id, noted.program_id, program.organization_id, noted.due_on, checkup_visit.site,
                to_char(program_session.starts_at at time zone program.time_zone, 'HH24:MI'), checkup_report.follow_up
            from noted
            join program on program.program_id = noted.program_id
            join program_award on program_award.member_id = noted.member_id and program_award.program_id = noted.program_id
            join program_session
                on program_session.program_id = program_award.program_id
                and program_session.number = program_award.number
            join checkup_session
                on checkup_session.program_id = program_award.program_id
                and checkup_session.number = program_award.number
            join checkup_visit on checkup_visit.visit_id = checkup_session.visit_id
            left join checkup_report
                on checkup_report.member_id = noted.member_id
                and checkup_report.program_id = noted.program_id
            order by noted.member_id, noted.program_id, noted.kind
            """)
        var reminders: [Reminder] = []
        for row in rows {
            guard let kind = Reminder.Kind(rawValue: try row.decode(0)) else { throw .decoding("an unknown kind of message") }
            reminders.append(
                Reminder(
                    kind: kind, memberID: try row.decode(1), programID: try row.decode(2), organizationID: try row.decode(3),
                    dueOn: try row.decode(4), site: try row.decode(5), time: try row.decode(6),
                    followUp: try row.decode(7, as: String?.self).flatMap { FollowUpCode(rawValue: $0) }))
        }
        return reminders
    }
}
