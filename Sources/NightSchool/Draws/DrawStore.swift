package import Postgres
import Registry
package import Runtime

/// Draws of seats: every statement.
package struct DrawStore: Sendable {
    package let database: Database
    let clockOffsetMicroseconds: Int64

    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    // MARK: Before

    /// Those of these classes, just published, beside which a class of their course is enrolled for otherwise: in another way, or by a draw
    /// of another window. What was drawn already stands beside anything.
    func mismatched(_ ids: [ID<SchoolClass>], in querying: any Querying) async throws(PostgresError) -> [ID<SchoolClass>] {
        var found: [ID<SchoolClass>] = []
        for row in try await querying.query(
            """
            select class.class_id from school_class class
            where class.class_id = any(\(ids))
                and exists (
                    select from school_class other left join school_draw using (draw_id)
                    where other.course_id = class.course_id and other.term_id = class.term_id and other.class_id <> class.class_id
                        and other.state in ('published', 'running') and school_draw.drawn_at is null
                        and (other.enrolment_mode <> class.enrolment_mode
                            or class.enrolment_mode <> 'first_come'
                                and (other.opens_at, other.closes_at) is distinct from (class.opens_at, class.closes_at)))
            order by class.class_id
            """)
        { found.append(try row.decode(0)) }
        return found
    }

    /// Of classes that are to be drawn: course, term and window, once each.
    struct Wanted: Sendable {
        let courseID: ID<Course>
        let termID: ID<SchoolTerm>
        let opensAt: Timestamp
        let closesAt: Timestamp
    }

    func wanted(of ids: [ID<SchoolClass>], in querying: any Querying) async throws(PostgresError) -> [Wanted] {
        var found: [Wanted] = []
        for row in try await querying.query(
            """
            select distinct course_id, term_id, opens_at, closes_at from school_class
            where class_id = any(\(ids)) and enrolment_mode <> 'first_come'
            order by course_id, term_id
            """)
        {
            found.append(
                Wanted(courseID: try row.decode(0), termID: try row.decode(1), opensAt: try row.decode(2), closesAt: try row.decode(3)))
        }
        return found
    }

    /// The course's draw that is to come, with its window as wanted; nil: there is none yet.
    func reopen(_ wanted: Wanted, in querying: any Querying) async throws(PostgresError) -> ID<SchoolDraw>? {
        try await querying.query(
            """
            update school_draw set opens_at = \(wanted.opensAt), closes_at = \(wanted.closesAt)
            where course_id = \(wanted.courseID) and term_id = \(wanted.termID) and drawn_at is null
            returning draw_id
            """
        ).first.map { row throws(PostgresError) in try row.decode(0) }
    }

    /// A number for a draw to be made: its secret is sealed for it.
    func number(in querying: any Querying) async throws(PostgresError) -> ID<SchoolDraw> {
        try await querying.query("select nextval(pg_get_serial_sequence('school_draw', 'draw_id'))").single.decode(0)
    }

    func create(
        _ id: ID<SchoolDraw>, _ wanted: Wanted, secretSealed: [UInt8], commitment: [UInt8], in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            insert into school_draw (
                draw_id, course_id, term_id, opens_at, closes_at, lottery_secret_sealed, lottery_commitment, created_at)
            values (
                \(id), \(wanted.courseID), \(wanted.termID), \(wanted.opensAt), \(wanted.closesAt), \(secretSealed), \(commitment),
                \(fragment: instant))
            """)
    }

    func join(
        _ id: ID<SchoolDraw>, _ wanted: Wanted, _ classes: [ID<SchoolClass>], in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update school_class set draw_id = \(id)
            where class_id = any(\(classes)) and course_id = \(wanted.courseID) and term_id = \(wanted.termID)
                and enrolment_mode <> 'first_come'
            """)
    }

    // MARK: Drawing

    /// Draws whose window has closed, in the order in which they are drawn.
    func due(limit: Int) async throws(PostgresError) -> [ID<SchoolDraw>] {
        var due: [ID<SchoolDraw>] = []
        for row in try await database.query(
            """
            select draw_id from school_draw
            where drawn_at is null and closes_at <= \(fragment: instant)
            order by closes_at, draw_id
            limit \(limit)
            """)
        { due.append(try row.decode(0)) }
        return due
    }

    /// - Returns: whether it is due.
    func freeze(_ id: ID<SchoolDraw>, in querying: any Querying) async throws(PostgresError) -> Bool {
        try await querying.query("select night_school_freeze_draw(\(id), \(clockOffsetMicroseconds))").single.decode(0)
    }

    /// What a draw left behind.
    struct Settled: Sendable {
        let seated: Int32
        let waiting: Int32
        let lapsed: Int32
    }

    func settle(
        _ id: ID<SchoolDraw>, tickets: [Int64], places: [Int32], given: [Int64?], closings: [Int64: Int32], by subject: String,
        in querying: any Querying
    ) async throws(PostgresError) -> Settled {
        let closed = closings.sorted { $0.key < $1.key }
        let row = try await querying.query(
            """
            select seated, waiting, lapsed
            from night_school_settle_draw(
                \(id), \(tickets), \(places), \(given), \(closed.map(\.key)), \(closed.map(\.value)), \(subject),
                \(clockOffsetMicroseconds))
            """
        ).single
        return Settled(seated: try row.decode(0), waiting: try row.decode(1), lapsed: try row.decode(2))
    }

    // MARK: Reading

    func find(_ id: ID<SchoolDraw>, in querying: (any Querying)? = nil) async throws(PostgresError) -> SchoolDraw? {
        try await (querying ?? database).query(
            """
            select course_id, term_id, opens_at, closes_at, lottery_commitment, drawn_at, applicants, seated
            from school_draw where draw_id = \(id)
            """
        ).first.map { row throws(PostgresError) in
            SchoolDraw(
                id: id, courseID: try row.decode(0), termID: try row.decode(1), opensAt: try row.decode(2), closesAt: try row.decode(3),
                commitment: try row.decode(4), drawnAt: try row.decode(5), applicants: try row.decode(6), seated: try row.decode(7))
        }
    }

    func sealedSecret(of id: ID<SchoolDraw>, in querying: (any Querying)? = nil) async throws(PostgresError) -> [UInt8] {
        try await (querying ?? database).query("select lottery_secret_sealed from school_draw where draw_id = \(id)").single.decode(0)
    }

    func organization(of id: ID<SchoolDraw>, in querying: any Querying) async throws(PostgresError) -> ID<Organization> {
        try await querying.query(
            """
            select school.organization_id from school_draw join school_term using (term_id) join school using (school_id)
            where draw_id = \(id)
            """
        ).single.decode(0)
    }

    func seats(of id: ID<SchoolDraw>, in querying: (any Querying)? = nil) async throws(PostgresError) -> [SchoolDraw.Seats] {
        var seats: [SchoolDraw.Seats] = []
        for row in try await (querying ?? database).query(
            "select class_id, seats, closing from school_draw_class where draw_id = \(id) order by class_id")
        {
            seats.append(SchoolDraw.Seats(classID: try row.decode(0), seats: try row.decode(1), closing: try row.decode(2)))
        }
        return seats
    }

    func entries(of id: ID<SchoolDraw>, in querying: (any Querying)? = nil) async throws(PostgresError) -> [SchoolDraw.Entry] {
        var entries: [SchoolDraw.Entry] = []
        for row in try await (querying ?? database).query(
            "select ticket, priority, feasible, class_id from school_draw_entry where draw_id = \(id) order by ticket")
        {
            entries.append(
                SchoolDraw.Entry(
                    ticket: try row.decode(0), priority: try row.decode(1), feasible: try row.decode(2), classID: try row.decode(3)))
        }
        return entries
    }
}
