import NightSchool
import Postgres
import Registry
import Runtime

/// A house with members, a server that takes their enrolments, and a fresh term of classes whenever one is asked for.
struct EnrolmentHouse: Sendable {
    let bench: BenchHouse
    let server: ServerProcess
    let loop: EventLoop
    /// Of the members' sessions: the first is member 1's.
    let tokens: [String]

    static let lessons = 16

    /// Runs `body` in such a house and takes it down afterwards.
    static func with(members: Int, _ body: (EnrolmentHouse) async throws -> Void) async throws {
        try await BenchHouse.with { bench in
            try await bench.ensureOrganization()
            let tokens = try await bench.prepareMembers(members)
            let server = try bench.serve([])
            let loop = try EventLoop.start(name: "load")
            try await server.waitUntilReady(loop)
            try await body(EnrolmentHouse(bench: bench, server: server, loop: loop, tokens: tokens))
            loop.shutDown()
        }
    }

    /// A school with a term: as many courses with one class each, of two hours on one of five evenings, open to everybody;
    /// terms with other numbers have other days.
    /// - Returns: the classes' numbers, those of neighbours on different evenings.
    func openTerm(_ number: Int, classes: Int32, seats: Int32) async throws -> [ID<SchoolClass>] {
        try await bench.database.inTransaction { transaction in
            try await transaction.script(
                """
                with made_school as (
                    insert into school (organization_id, name, created_by) values (1, 'school \(number)', 'bench') returning school_id
                ),
                made_term as (
                    insert into school_term (school_id, name, starts_on, ends_on, enrolment_cap, created_by)
                    select school_id, 'term', '2030-01-01', '2030-06-30', 4, 'bench' from made_school
                    returning school_id, term_id
                ),
                made_course as (
                    insert into course (school_id, category_id, title, created_by)
                    select school_id, (select min(category_id) from course_category), 'course ' || n, 'bench'
                    from made_school
                    cross join generate_series(1, \(classes)) n
                    returning course_id, school_id
                ),
                made_room as (
                    insert into classroom (school_id, site, name, address, seats, created_by)
                    select school_id, 'site', 'room ' || n, 'address', \(seats), 'bench'
                    from made_school
                    cross join generate_series(1, \(classes)) n
                    returning room_id
                ),
                made_teacher as (
                    insert into teacher (organization_id, kind, name, created_by)
                    select 1, 'staff', 'teacher ' || n, 'bench' from generate_series(1, \(classes)) n
                    returning teacher_id
                ),
                numbered as (
                    select course.course_id, course.school_id, room.room_id, teacher.teacher_id, course.n
                    from (select *, row_number() over (order by course_id) as n from made_course) course
                    join (select *, row_number() over (order by room_id) as n from made_room) room using (n)
                    join (select *, row_number() over (order by teacher_id) as n from made_teacher) teacher using (n)
                ),
                made_class as (
                    insert into school_class (
                        school_id, term_id, course_id, label, kind, teacher_id, room_id, enrolment_mode, opens_at, closes_at, pattern,
                        state, first_at, last_until, published_at, created_by, created_at)
                    select
                        school_id, term_id, course_id, 'A', 'class', teacher_id, room_id, 'first_come', now() - interval '1 hour',
                        now() + interval '30 days', '{"weekdays": [1], "from": "19:00", "to": "21:00"}', 'published',
                        '2030-01-07 19:00+08', '2030-06-30 21:00+08', now(), 'bench', now()
                    from numbered
                    join made_term using (school_id)
                    order by n
                    returning class_id, course_id
                ),
                made_seats as (
                    insert into class_seat_count (class_id, capacity) select class_id, \(seats) from made_class
                )
                insert into lesson (class_id, number, starts_at, ends_at, room_id, teacher_id, changed_at)
                select made_class.class_id, week, start, start + interval '2 hours', room_id, teacher_id, now()
                from made_class
                join numbered using (course_id)
                cross join generate_series(1, \(Self.lessons)) week
                cross join lateral (
                    select timestamptz '2030-01-07 19:00+08' + make_interval(days => (\(200 * number) + 7 * week + n % 5)::integer) as start
                ) time;
                """)
            return try await transaction.query(
                """
                select class_id from school_class join school using (school_id)
                where school.name = \("school \(number)") order by class_id
                """
            ).map { row throws(PostgresError) in try row.decode(0) }
        }
    }

    /// The day before a term's first lesson.
    static func firstDay(of term: Int) -> CalendarDate { CalendarDate(daysSince1970: 21_921 + 200 * term) }

    func lessonCount() async throws -> Int { try await bench.database.query("select count(*) from lesson").single.decode(0) }

    /// A mark for everybody with a seat at every lesson of these classes.
    func mark(_ classes: [ID<SchoolClass>]) async throws {
        try await bench.database.inTransaction { transaction in
            _ = try await transaction.query(
                "insert into lesson_roll (class_id, number) select class_id, number from lesson where class_id = any (\(classes))")
            _ = try await transaction.query(
                """
                insert into lesson_attendance (
                    class_id, number, member_id, enrolment_id, state, is_guest, source, occurred_at, recorded_at, recorded_by)
                select
                    lesson.class_id, lesson.number, enrolment.member_id, enrolment.enrolment_id,
                    case (enrolment.enrolment_id + lesson.number) % 7 when 0 then 'absent' when 1 then 'late' else 'attended' end, false,
                    'list', lesson.starts_at, now(), 'bench'
                from enrolment
                join lesson on lesson.class_id = enrolment.class_id
                where enrolment.class_id = any (\(classes)) and enrolment.state = 'seated'
                """)
        }
        _ = try await bench.database.query("analyze")
    }

    /// What the rows say of a term once everybody was answered.
    struct Account: Sendable {
        let seated: Int
        let waiting: Int
        let isCounted: Bool
        /// Nobody who was written later stands before somebody who was written earlier, and nobody waits while a seat is free.
        let isInOrder: Bool
    }

    func account(of classes: [ID<SchoolClass>]) async throws -> Account {
        let row = try await bench.database.query(
            """
            select
                sum(seated)::integer, sum(waiting)::integer, bool_and(seated = capacity - free and waiting = queued),
                bool_and((waiting = 0 or free = 0) and is_in_order)
            from (
                select
                    seat.*, (select count(*) from class_queue where class_queue.class_id = seat.class_id) as queued,
                    seat.capacity - (
                        select count(*) from enrolment where enrolment.class_id = seat.class_id and enrolment.state = 'seated') as free,
                    coalesce((
                        select bool_and(written.enrolled_at >= written.before)
                        from (
                            select
                                enrolled_at,
                                lag(enrolled_at, 1, '-infinity') over (order by queue_number nulls first, enrolled_at) as before
                            from enrolment
                            where enrolment.wishes = array[seat.class_id]
                        ) written
                    ), true) as is_in_order
                from class_seat_count seat
                where seat.class_id = any (\(classes))
            ) counted
            """
        ).single
        return Account(seated: try row.decode(0), waiting: try row.decode(1), isCounted: try row.decode(2), isInOrder: try row.decode(3))
    }
}
