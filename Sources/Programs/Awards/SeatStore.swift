import Postgres
import Registry
import Runtime

/// Seats of single sessions, once a program was announced: every statement. The caller holds the program.
struct SeatStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    /// A proposal to take places away.
    struct Cut: Sendable {
        /// No later proposal has it.
        let id: Int64
        let capacity: Int32
        let reason: String
        let proposedBy: String
    }

    func session(_ number: Int32, of program: ID<UnionProgram>, in querying: any Querying) async throws(PostgresError) -> ProgramSession? {
        let rows = try await querying.query(
            """
            select title, capacity, walk_in, taken, starts_at, ends_at, area_id, audience_id
            from program_session
            where program_id = \(program) and number = \(number)
            for no key update
            """)
        return try rows.first.map { row throws(PostgresError) in
            ProgramSession(
                number: number, title: try row.decode(0), capacity: try row.decode(1), walkIn: try row.decode(2), taken: try row.decode(3),
                startsAt: try row.decode(4), endsAt: try row.decode(5), areaID: try row.decode(6), audienceID: try row.decode(7))
        }
    }

    /// Sets the seats; the caller has seen to it that no fewer are left than places are held.
    func setSeats(
        _ capacity: Int32, walkIn: Int32, number: Int32, of program: ID<UnionProgram>, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update program_session
            set capacity = \(capacity), walk_in = \(walkIn)
            where program_id = \(program) and number = \(number)
            """)
        _ = try await querying.query("delete from program_session_cut where program_id = \(program) and number = \(number)")
        _ = try await querying.query("update program set version = version + 1 where program_id = \(program)")
    }

    /// Who would lose their place if the session had so many fewer than places are held: first those who have not confirmed, then the last
    /// in the common order. Who was there keeps it.
    func losers(
        _ count: Int32, number: Int32, of program: ID<UnionProgram>, in querying: any Querying
    ) async throws(PostgresError) -> [ID<Member>] {
        let rows = try await querying.query(
            """
            select program_award.member_id
            from program_award
            left join program_run on program_run.program_id = program_award.program_id and program_run.state = 'published'
            left join program_application
                on program_application.member_id = program_award.member_id
                and program_application.program_id = program_award.program_id
            left join program_result
                on program_result.program_id = program_award.program_id
                and program_result.run_number = program_run.number
                and program_result.ticket = program_application.ticket
            where program_award.program_id = \(program)
                and program_award.number = \(number)
                and program_award.state in ('placed', 'offered', 'confirmed')
            order by program_award.state = 'confirmed', program_result.place desc nulls first, program_award.member_id desc
            limit \(count)
            """)
        var members: [ID<Member>] = []
        for row in rows { members.append(try row.decode(0)) }
        return members
    }

    /// Keeps a proposal, in place of one before.
    /// - Returns: its number.
    func propose(
        _ capacity: Int32, reason: String, by subject: String, number: Int32, of program: ID<UnionProgram>, in querying: any Querying
    ) async throws(PostgresError) -> Cut {
        let rows = try await querying.query(
            """
            insert into program_session_cut (program_id, number, capacity, reason, proposed_by, proposed_at)
            values (\(program), \(number), \(capacity), \(reason), \(subject), \(fragment: instant))
            on conflict on constraint program_session_cut_pkey do update
            set
                cut_id = default, capacity = excluded.capacity, reason = excluded.reason, proposed_by = excluded.proposed_by,
                proposed_at = excluded.proposed_at
            returning cut_id
            """)
        return Cut(id: try rows.single.decode(0), capacity: capacity, reason: reason, proposedBy: subject)
    }

    func cut(number: Int32, of program: ID<UnionProgram>, in querying: any Querying) async throws(PostgresError) -> Cut? {
        let rows = try await querying.query(
            "select cut_id, capacity, reason, proposed_by from program_session_cut where program_id = \(program) and number = \(number)")
        return try rows.first.map { row throws(PostgresError) in
            Cut(id: try row.decode(0), capacity: try row.decode(1), reason: try row.decode(2), proposedBy: try row.decode(3))
        }
    }

    /// Takes the proposal, so that nobody confirms it again.
    /// - Returns: whether it is the one that waits.
    func take(_ cut: Int64, number: Int32, of program: ID<UnionProgram>, in querying: any Querying) async throws(PostgresError) -> Bool {
        let rows = try await querying.query(
            "delete from program_session_cut where program_id = \(program) and number = \(number) and cut_id = \(cut)")
        return rows.affectedRows == 1
    }
}
