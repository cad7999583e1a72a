import Postgres
import Registry
import Runtime

/// A class's list: the statement that reads it.
struct SeatListStore: Sendable {
    let database: Database

    struct Line: Sendable {
        let cursor: SeatCursor
        let memberID: ID<Member>
        let enrolmentID: ID<Enrolment>
        let state: Enrolment.State
        let place: Int32?
        let wish: Int32?
        let offeredUntil: Timestamp?
        let enrolledAt: Timestamp
        let changedAt: Timestamp
    }

    /// Each part in its own order: the seated, and those who have been to the end, and the offered by their numbers, who waits by the
    /// queue, who has applied by their tickets.
    static func statement(_ id: ID<SchoolClass>, after cursor: SeatCursor, limit: Int) -> SQL {
        """
        select line.part, line.key, enrolment.member_id, enrolment.enrolment_id, enrolment.state,
            case when line.part = 3 then (
                select count(*) from class_queue ahead where ahead.class_id = \(id) and ahead.queue_number <= line.key
            )::integer end,
            array_position(enrolment.wishes, \(id)), enrolment.offered_until, enrolment.enrolled_at, enrolment.changed_at
        from (
            (
                select case when state = 'offered' then 2 else 1 end as part, enrolment_id as key, member_id, enrolment_id
                from enrolment
                where class_id = \(id) and state in ('seated', 'completed', 'offered')
                    and (case when state = 'offered' then 2 else 1 end, enrolment_id) > (\(cursor.part), \(cursor.key))
                order by part, key
                limit \(limit)
            )
            union all
            (
                select 3, queue_number, member_id, enrolment_id
                from class_queue
                where class_id = \(id) and (3 > \(cursor.part) or 3 = \(cursor.part) and queue_number > \(cursor.key))
                order by queue_number
                limit \(limit)
            )
            union all
            (
                select 4, ticket, member_id, enrolment_id
                from enrolment
                where draw_id = (select draw_id from school_class where school_class.class_id = \(id)) and state = 'applied'
                    and wishes @> array[\(id)]::bigint[] and (4 > \(cursor.part) or ticket > \(cursor.key))
                order by ticket
                limit \(limit)
            )
        ) line
        cross join lateral (
            select * from enrolment
            where enrolment.member_id = line.member_id and enrolment.enrolment_id = line.enrolment_id
            offset 0
        ) enrolment
        order by line.part, line.key
        limit \(limit)
        """
    }

    func lines(of id: ID<SchoolClass>, after cursor: SeatCursor, limit: Int) async throws(PostgresError) -> [Line] {
        var lines: [Line] = []
        for row in try await database.query(Self.statement(id, after: cursor, limit: limit)) {
            lines.append(
                Line(
                    cursor: SeatCursor(part: try row.decode(0), key: try row.decode(1)), memberID: try row.decode(2),
                    enrolmentID: try row.decode(3), state: try row.decodeOption(4), place: try row.decode(5), wish: try row.decode(6),
                    offeredUntil: try row.decode(7), enrolledAt: try row.decode(8), changedAt: try row.decode(9)))
        }
        return lines
    }
}
