import Postgres
import Registry
import Runtime

/// How a term went: the statements that count it.
struct SchoolFigureStore: Sendable {
    let database: Database

    /// What differs between the ways of breaking a term down.
    private struct Parts {
        /// Of a class and its course: the part it belongs to.
        var offered = "null::bigint"
        /// Of an enrolment and its course.
        var asked = "null::bigint"
        var askedFrom = ""
        /// Of a mark, its class and course.
        var marked = "null::bigint"
        var markedFrom = ""
        var key = "''"
        var name = "''"
        var nameFrom = ""

        init(_ grouping: SchoolGrouping?) {
            switch grouping {
            case nil: break
            case .category:
                (offered, asked, marked) = ("taught.category_id", "taught.category_id", "taught.category_id")
                (key, name) = ("category.code", "category.name")
                nameFrom = "join course_category category on category.category_id = counted.part"
            case .course:
                (offered, asked, marked) = ("taught.course_id", "taught.course_id", "taught.course_id")
                (key, name) = ("counted.part::text", "course.title")
                nameFrom = "join course on course.course_id = counted.part"
            case .schoolClass, .lesson:
                (offered, asked, marked) = ("taught.class_id", "wish.id", "taught.class_id")
                askedFrom = "cross join lateral unnest(enrolment.wishes) as wish (id)"
                (key, name) = ("counted.part::text", "course.title || '（' || school_class.label || '）'")
                nameFrom =
                    "join school_class on school_class.class_id = counted.part join course on course.course_id = school_class.course_id"
            case .workerKind:
                (asked, marked) = ("own.worker_kind", "own.worker_kind")
                (askedFrom, markedFrom) = (
                    "join member own on own.member_id = enrolment.member_id", "join member own on own.member_id = mark.member_id"
                )
                (offered, key, name) = ("null::text", "counted.part", "counted.part")
            }
        }
    }

    /// One row a part, in the order of the keys; without a grouping one of all.
    static func statement(_ term: ID<SchoolTerm>, by grouping: SchoolGrouping?) -> SQL {
        let parts = Parts(grouping)
        let isByPerson = grouping == .workerKind
        return """
            with taught as (
                select school_class.class_id, school_class.course_id, course.category_id, seat.capacity, seat.seated
                from school_class
                join class_seat_count seat on seat.class_id = school_class.class_id
                join course on course.course_id = school_class.course_id
                where school_class.term_id = \(term) and school_class.published_at is not null and school_class.state <> 'cancelled'
            ),
            offered as (
                select \(raw: parts.offered) as part, count(*) as classes, sum(taught.capacity) as capacity, sum(taught.seated) as seated
                from taught
                where not \(isByPerson)
                group by 1
            ),
            person as (
                select
                    \(raw: parts.asked) as part, enrolment.member_id, bool_or(enrolment.class_id is not null) as got,
                    bool_or(enrolment.state in ('waitlisted', 'applied')) as waits,
                    bool_or(enrolment.state in ('seated', 'completed')) as is_seated
                from (select distinct taught.course_id, taught.category_id from taught) taught
                join enrolment on enrolment.course_id = taught.course_id and enrolment.term_id = \(term)
                \(raw: parts.askedFrom)
                group by 1, 2
            ),
            asked as (
                select
                    person.part, count(*) as wanted, count(*) filter (where not person.got) as unmet,
                    count(*) filter (where person.waits) as waiting, count(*) filter (where person.is_seated) as seated
                from person
                group by 1
            ),
            marked as (
                select
                    \(raw: parts.marked) as part, count(distinct (mark.class_id, mark.number)) as lessons,
                    count(*) filter (where mark.state = 'attended' and not mark.is_guest) as attended,
                    count(*) filter (where mark.state = 'late' and not mark.is_guest) as late,
                    count(*) filter (where mark.state = 'excused' and not mark.is_guest) as excused,
                    count(*) filter (where mark.state = 'absent' and not mark.is_guest) as absent,
                    count(*) filter (where mark.is_guest and mark.state in ('attended', 'late')) as guests
                from taught
                join lesson_attendance mark on mark.class_id = taught.class_id
                \(raw: parts.markedFrom)
                group by 1
            ),
            part as (
                select part from offered
                union
                select part from asked
                union
                select part from marked
            ),
            counted as (
                select
                    part.part, coalesce(offered.classes, 0) as classes, coalesce(offered.capacity, 0) as capacity,
                    coalesce(case when \(isByPerson) then asked.seated else offered.seated end, 0) as seated,
                    coalesce(asked.waiting, 0) as waiting, coalesce(asked.wanted, 0) as wanted, coalesce(asked.unmet, 0) as unmet,
                    coalesce(marked.lessons, 0) as lessons, coalesce(marked.attended, 0) as attended, coalesce(marked.late, 0) as late,
                    coalesce(marked.excused, 0) as excused, coalesce(marked.absent, 0) as absent, coalesce(marked.guests, 0) as guests
                from part
                left join offered on offered.part is not distinct from part.part
                left join asked on asked.part is not distinct from part.part
                left join marked on marked.part is not distinct from part.part
            )
            select
                \(raw: parts.key) as key, \(raw: parts.name) as name, classes, capacity::bigint, seated::bigint, waiting, wanted, unmet,
                lessons, attended, late, excused, absent, guests
            from counted
            \(raw: parts.nameFrom)
            order by counted.part
            """
    }

    /// Each lesson that was held or has marks, as it comes.
    static func lessonStatement(_ term: ID<SchoolTerm>) -> SQL {
        """
        select
            school_class.class_id || '.' || lesson.number as key,
            course.title || '（' || school_class.label || '）第 ' || lesson.number || ' 课 '
                || to_char(lesson.starts_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') as name,
            0::bigint as classes, seat.capacity::bigint, seat.seated::bigint, 0::bigint as waiting, 0::bigint as wanted, 0::bigint as unmet,
            sign(mark.marks)::bigint as lessons, mark.attended, mark.late, mark.excused, mark.absent, mark.guests
        from school_class
        join course on course.course_id = school_class.course_id
        join class_seat_count seat on seat.class_id = school_class.class_id
        join lesson on lesson.class_id = school_class.class_id
        cross join lateral (
            select
                count(*) as marks, count(*) filter (where state = 'attended' and not is_guest) as attended,
                count(*) filter (where state = 'late' and not is_guest) as late,
                count(*) filter (where state = 'excused' and not is_guest) as excused,
                count(*) filter (where state = 'absent' and not is_guest) as absent,
                count(*) filter (where is_guest and state in ('attended', 'late')) as guests
            from lesson_attendance
            where lesson_attendance.class_id = lesson.class_id and lesson_attendance.number = lesson.number
        ) mark
        where school_class.term_id = \(term) and school_class.published_at is not null and school_class.state <> 'cancelled'
            and (lesson.state = 'held' or mark.marks > 0)
        order by school_class.class_id, lesson.number
        """
    }

    /// Of one moment.
    func report(of term: ID<SchoolTerm>, by grouping: SchoolGrouping) async throws -> SchoolReport {
        try await database.inTransaction { transaction in
            _ = try await transaction.query("set transaction isolation level repeatable read, read only")
            let total = try await transaction.query(Self.statement(term, by: nil)).first
            let items = try await transaction.query(
                grouping == .lesson ? Self.lessonStatement(term) : Self.statement(term, by: grouping))
            return SchoolReport(
                by: grouping.rawValue, total: try total.map(Self.figures) ?? Self.nothing,
                items: try items.map { row throws(PostgresError) in try Self.figures(row) })
        }
    }

    private static let nothing = SchoolFigures(
        key: "", name: "", classes: 0, capacity: 0, seated: 0, waiting: 0, wanted: 0, unmet: 0, lessons: 0, attended: 0, late: 0,
        excused: 0,
        absent: 0, guests: 0, fillPercent: nil, attendancePercent: nil)

    private static func figures(_ row: Row) throws(PostgresError) -> SchoolFigures {
        let (capacity, seated): (Int64, Int64) = (try row.decode("capacity"), try row.decode("seated"))
        let (attended, late): (Int64, Int64) = (try row.decode("attended"), try row.decode("late"))
        let absent: Int64 = try row.decode("absent")
        let marks = attended + late + absent
        return SchoolFigures(
            key: try row.decode("key"), name: try row.decode("name"), classes: try row.decode("classes"), capacity: capacity,
            seated: seated, waiting: try row.decode("waiting"), wanted: try row.decode("wanted"), unmet: try row.decode("unmet"),
            lessons: try row.decode("lessons"), attended: attended, late: late, excused: try row.decode("excused"), absent: absent,
            guests: try row.decode("guests"), fillPercent: capacity == 0 ? nil : seated * 100 / capacity,
            attendancePercent: marks == 0 ? nil : (attended + late) * 100 / marks)
    }
}
