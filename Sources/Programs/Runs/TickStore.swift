import Postgres
import Runtime

/// Ticks of the waitlist: every statement that finds what is due. Places are moved by `AwardStore`.
struct TickStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    /// Whether offers of `program` ended by `moment` without an answer.
    private static let hasLapsed: SQL = """
        exists (
            select from program_award
            where program_award.program_id = program.program_id
                and program_award.state = 'offered'
                and offered_until <= moment.now)
        """

    /// Programs whose tick is due, by id, from the one after `after`: every so many minutes; where a session starts within a day, as soon
    /// as something has changed; and where offers of a program that has ended are over, which nobody can confirm any more.
    func due(after: Int64, limit: Int) async throws(PostgresError) -> [ID<UnionProgram>] {
        let rows = try await database.query(
            """
            select program_id
            from program, (select \(fragment: instant) as now) moment
            where program_id > \(after)
                and (
                    (
                        state = 'published'
                        and (
                            ticked_at is null
                            or ticked_at + tick_minutes * interval '1 minute' <= moment.now
                            or (
                                exists (
                                    select from program_session
                                    where program_session.program_id = program.program_id
                                        and starts_at > moment.now
                                        and starts_at <= moment.now + interval '24 hours')
                                and (
                                    (
                                        select occurred_at from program_award_event
                                        where program_award_event.program_id = program.program_id
                                        order by event_id desc
                                        limit 1
                                    ) > ticked_at
                                    or \(fragment: Self.hasLapsed)
                                )
                            )
                        )
                    )
                    or (state = 'ended' and \(fragment: Self.hasLapsed))
                )
            order by program_id
            limit \(limit)
            """)
        var ids: [ID<UnionProgram>] = []
        for row in rows { ids.append(try row.decode(0)) }
        return ids
    }

    /// Whose offers have ended without an answer, by the time of their end; at most `limit`.
    func lapsed(of program: ID<UnionProgram>, limit: Int, in querying: any Querying) async throws(PostgresError) -> [Int64] {
        let rows = try await querying.query(
            """
            select member_id
            from program_award
            where program_id = \(program) and state = 'offered' and offered_until <= \(fragment: instant)
            order by offered_until, member_id
            limit \(limit)
            """)
        var members: [Int64] = []
        for row in rows { members.append(try row.decode(0)) }
        return members
    }

    /// When the last tick was, as it stands in the row: what `claim` compares.
    func tickedAt(_ program: ID<UnionProgram>, in querying: any Querying) async throws(PostgresError) -> Timestamp? {
        let rows = try await querying.query("select ticked_at from program where program_id = \(program)")
        return try rows.first.map { row throws(PostgresError) in try row.decode(0, as: Timestamp?.self) } ?? nil
    }

    /// Takes the tick: of two that looked at the same state one goes on.
    func claim(_ program: ID<UnionProgram>, last: Timestamp?, in querying: any Querying) async throws(PostgresError) -> Bool {
        let rows = try await querying.query(
            """
            update program
            set ticked_at = \(fragment: instant)
            where program_id = \(program) and state = 'published' and ticked_at is not distinct from \(last)
            """)
        return rows.affectedRows == 1
    }

    /// By session: seats that awards hold, and whether it has started.
    func seats(of program: ID<UnionProgram>, in querying: any Querying) async throws(PostgresError) -> [Seats] {
        let rows = try await querying.query(
            """
            select
                number, capacity - programs_kept_for_walk_ins(program_id, number, walk_in), taken,
                coalesce(starts_at <= \(fragment: instant), false)
            from program_session
            where program_id = \(program)
            order by number
            """)
        var seats: [Seats] = []
        for row in rows {
            seats.append(
                Seats(number: try row.decode(0), capacity: try row.decode(1), taken: try row.decode(2), isOver: try row.decode(3)))
        }
        return seats
    }

    /// Notes for which sessions somebody may wait still: nobody for those where the waitlist left places over.
    func setAwaited(
        _ numbers: [Int32], isAwaited: [Bool], of program: ID<UnionProgram>, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update program_session
            set is_awaited = found.is_awaited
            from unnest(\(numbers), \(isAwaited)) as found (number, is_awaited)
            where program_id = \(program)
                and program_session.number = found.number
                and program_session.is_awaited <> found.is_awaited
            """)
    }

    struct Seats: Sendable {
        let number: Int32
        /// Without those kept for walk-ins still.
        let capacity: Int
        let taken: Int
        let isOver: Bool

        /// Seats that a tick may give.
        var free: Int { isOver ? 0 : max(0, capacity - taken) }
    }
}
