import HTTP
package import Postgres
import Programs
import Registry
package import Runtime

/// Classes: every statement that makes and changes them, and reads one. Whoever changes one holds it first, then its term.
package struct ClassStore: Sendable {
    package let database: Database
    let clockOffsetMicroseconds: Int64

    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    /// The service's time in SQL: the database's clock, moved by `--clock-offset`.
    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    // MARK: Making

    /// What a class's row is made of, as JSON for `jsonb_to_recordset`.
    private struct Line: Encodable {
        let ordinal: Int
        let courseId: ID<Course>
        let facts: SchoolClassFacts
        let firstAt: Timestamp
        let lastUntil: Timestamp
    }

    private static let columns = """
        label, kind, teacher_id, room_id, link, minimum, decide_on, fee_fen, reduced_fees, audience, enrolment_mode, opens_at, closes_at,
        pattern, first_at, last_until
        """

    /// The columns above of a line.
    private static let values = """
        line.facts ->> 'label', coalesce(line.facts ->> 'kind', 'class'), (line.facts ->> 'teacherId')::bigint,
        (line.facts ->> 'roomId')::bigint, line.facts ->> 'link', (line.facts ->> 'minimum')::integer, (line.facts ->> 'decideOn')::date,
        coalesce((line.facts ->> 'feeFen')::integer, 0), coalesce(line.facts -> 'reducedFees', '[]'), line.facts -> 'audience',
        coalesce(line.facts ->> 'enrolmentMode', 'first_come'), (line.facts ->> 'opensAt')::timestamptz,
        (line.facts ->> 'closesAt')::timestamptz, line.facts -> 'pattern', line."firstAt", line."lastUntil"
        """

    private static let lineColumns = """
        (ordinal integer, "courseId" bigint, facts jsonb, "firstAt" timestamptz, "lastUntil" timestamptz)
        """

    private static func json(_ lines: [Line]) throws(PostgresError) -> String {
        do { return String(decoding: try JSON.encode(lines), as: UTF8.self) } catch { throw .decoding("a class that is no JSON") }
    }

    private static func line(_ plan: ClassPlan, _ course: ID<Course>, _ ordinal: Int) throws(PostgresError) -> Line {
        guard let first = plan.lessons.first, let last = plan.lessons.last else { throw .decoding("a class without lessons") }
        return Line(ordinal: ordinal, courseId: course, facts: plan.facts, firstAt: first.startsAt, lastUntil: last.endsAt)
    }

    /// Makes drafts whose plans were looked at, in this order; their lessons are the caller's.
    func create(
        _ plans: [(plan: ClassPlan, course: ID<Course>)], in term: SchoolTerm, by subject: String, querying: any Querying
    ) async throws(PostgresError) -> [ID<SchoolClass>] {
        var lines: [Line] = []
        for (index, entry) in plans.enumerated() { lines.append(try Self.line(entry.plan, entry.course, index)) }
        var ids: [ID<SchoolClass>] = []
        for row in try await querying.query(
            """
            with made as (
                insert into school_class (school_id, term_id, course_id, \(raw: Self.columns), created_by, created_at)
                select \(term.schoolId), \(term.id), line."courseId", \(raw: Self.values), \(subject), \(fragment: instant)
                from jsonb_to_recordset(\(try Self.json(lines))::jsonb) as line \(raw: Self.lineColumns)
                order by line.ordinal
                returning class_id
            )
            select class_id from made order by class_id
            """)
        { ids.append(try row.decode(0)) }
        guard ids.count == plans.count else { throw .decoding("\(ids.count) classes of \(plans.count)") }
        _ = try await querying.query(
            """
            insert into class_seat_count (class_id, capacity)
            select class_id, capacity from unnest(\(ids), \(plans.map(\.plan.facts.capacity))) as seats (class_id, capacity)
            """)
        return ids
    }

    /// Replaces what is said of a draft.
    func change(_ id: ID<SchoolClass>, to plan: ClassPlan, in querying: any Querying) async throws(PostgresError) {
        let lines = [try Self.line(plan, ID(0), 0)]
        _ = try await querying.query(
            """
            update school_class
            set (\(raw: Self.columns), version) = (
                select \(raw: Self.values), version + 1
                from jsonb_to_recordset(\(try Self.json(lines))::jsonb) as line \(raw: Self.lineColumns))
            where class_id = \(id)
            """)
        _ = try await querying.query("update class_seat_count set capacity = \(plan.facts.capacity) where class_id = \(id)")
    }

    // MARK: Steps; each of a class that is held

    func publish(_ ids: [ID<SchoolClass>], in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update school_class set state = 'published', published_at = \(fragment: instant), version = version + 1
            where class_id = any(\(ids))
            """)
    }

    /// Holds the row of its seats, too: who is being seated comes before it or finds it over.
    func end(
        _ id: ID<SchoolClass>, as state: SchoolClass.State, _ why: SchoolReasonBody?, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query("select from class_seat_count where class_id = \(id) for no key update")
        _ = try await querying.query(
            """
            update school_class
            set state = \(state.rawValue), cancel_reason = \(why?.reason), cancel_reason_en = \(why?.reasonEn), version = version + 1
            where class_id = \(id)
            """)
    }

    func start(_ id: ID<SchoolClass>, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query("update school_class set state = 'running', version = version + 1 where class_id = \(id)")
    }

    func setDecided(_ id: ID<SchoolClass>, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query("update school_class set decided_at = \(fragment: instant) where class_id = \(id)")
    }

    /// - Returns: false where more are seated than there would be seats.
    func setCapacity(_ capacity: Int32, of id: ID<SchoolClass>, in querying: any Querying) async throws(PostgresError) -> Bool {
        let changed = try await querying.query(
            "update class_seat_count set capacity = \(capacity) where class_id = \(id) and seated + offered <= \(capacity)")
        guard changed.affectedRows == 1 else { return false }
        _ = try await querying.query("update school_class set version = version + 1 where class_id = \(id)")
        return true
    }

    /// How many have a seat, held so that nobody takes or leaves one to the end of the transaction.
    func seated(_ id: ID<SchoolClass>, in querying: any Querying) async throws(PostgresError) -> Int32 {
        try await querying.query("select seated from class_seat_count where class_id = \(id) for no key update").single.decode(0)
    }

    /// Where its lessons begin and end, after one was moved or cancelled.
    func setSpan(_ id: ID<SchoolClass>, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update school_class
            set version = version + 1,
                (first_at, last_until) = (
                    select
                        coalesce(min(starts_at) filter (where state <> 'cancelled'), min(starts_at)),
                        coalesce(max(ends_at) filter (where state <> 'cancelled'), max(ends_at))
                    from lesson where lesson.class_id = school_class.class_id)
            where class_id = \(id)
            """)
    }

    // MARK: History

    func note(
        _ step: String, on ids: [ID<SchoolClass>], lesson: Int16? = nil, details: [String: String] = [:], _ why: SchoolReasonBody? = nil,
        by subject: String, in querying: any Querying
    ) async throws(PostgresError) {
        let text: String
        do { text = String(decoding: try JSON.encode(details), as: UTF8.self) } catch { throw .decoding("details that are no JSON") }
        _ = try await querying.query(
            """
            insert into school_class_event (class_id, lesson_number, step, details, reason, reason_en, done_by, occurred_at)
            select class_id, \(lesson), \(step), \(text)::jsonb, \(why?.reason), \(why?.reasonEn), \(subject), \(fragment: instant)
            from unnest(\(ids)) as noted (class_id)
            """)
    }

    func events(of id: ID<SchoolClass>) async throws(PostgresError) -> [ClassEvent] {
        var events: [ClassEvent] = []
        for row in try await database.query(
            """
            select step, lesson_number, details::text, reason, reason_en, done_by, occurred_at
            from school_class_event where class_id = \(id)
            order by event_id
            limit 10000
            """)
        {
            let details: String = try row.decode(2)
            let read: [String: String]
            do { read = try JSON.decode([String: String].self, from: Array(details.utf8)) } catch { throw .decoding("other details") }
            events.append(
                ClassEvent(
                    step: try row.decode(0), lesson: try row.decode(1, as: Int16?.self).map { Int32($0) }, details: read,
                    reason: try row.decode(3), reasonEn: try row.decode(4), doneBy: try row.decode(5), occurredAt: try row.decode(6)))
        }
        return events
    }

    /// Now, by the service's clock.
    func now(in querying: any Querying) async throws(PostgresError) -> Timestamp {
        try await querying.query("select \(fragment: instant)").single.decode(0)
    }

    // MARK: Due by the clock

    enum Due: Sendable {
        /// Published, and the day has come to look at the minimum.
        case toDecide
        case toStart
        case toEnd
    }

    func dueStatement(_ due: Due, limit: Int) -> SQL {
        let (condition, order): (SQL, String) =
            switch due {
            case .toDecide:
                (
                    "state = 'published' and decided_at is null and decide_on <= (\(fragment: instant) at time zone 'Asia/Shanghai')::date",
                    "decide_on"
                )
            case .toStart: ("state = 'published' and first_at <= \(fragment: instant)", "first_at")
            case .toEnd: ("state = 'running' and last_until <= \(fragment: instant)", "last_until")
            }
        return "select class_id from school_class where \(fragment: condition) order by \(raw: order), class_id limit \(limit)"
    }

    func due(_ due: Due, limit: Int) async throws(PostgresError) -> [ID<SchoolClass>] {
        var ids: [ID<SchoolClass>] = []
        for row in try await database.query(dueStatement(due, limit: limit)) { ids.append(try row.decode(0)) }
        return ids
    }
}
