import Crypto
import FoundationEssentials
import Postgres
import Registry
import Runtime

/// Members' lessons, and the addresses at which calendars ask for them.
struct TimetableStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    /// The lessons of seats that these numbers of one person have or had to the end, and of evenings lent to them, as they come.
    static func statement(_ members: [ID<Member>], from: Timestamp, until: Timestamp) -> SQL {
        """
        select
            seat.class_id, school.name as school, course.title, course.title_en, school_class.label, seat.is_guest, lesson.number,
            lesson.state, lesson.starts_at, lesson.ends_at, classroom.room_id, classroom.site, classroom.name as room, classroom.address,
            teacher.teacher_id, teacher.name as teacher, lesson.link is not null as is_online, lesson.sequence, lesson.reason,
            lesson.reason_en, lesson.changed_at
        from (
            select enrolment.class_id, null::smallint as number, false as is_guest
            from enrolment
            where enrolment.member_id = any (\(members)) and enrolment.state in ('seated', 'completed')
            union all
            select lesson_seat.class_id, lesson_seat.number, true
            from lesson_seat
            where lesson_seat.guest_member_id = any (\(members)) and lesson_seat.state = 'taken'
        ) seat
        cross join lateral (
            select lesson.*
            from lesson
            where lesson.class_id = seat.class_id and (seat.number is null or lesson.number = seat.number)
            offset 0
        ) lesson
        join school_class on school_class.class_id = seat.class_id
        join course on course.course_id = school_class.course_id
        join school on school.school_id = school_class.school_id
        left join classroom on classroom.room_id = lesson.room_id
        left join teacher on teacher.teacher_id = lesson.teacher_id
        where lesson.starts_at >= \(from) and lesson.starts_at < \(until)
        order by lesson.starts_at, seat.class_id, lesson.number
        limit 2000
        """
    }

    func lessons(of members: [ID<Member>], from: Timestamp, until: Timestamp) async throws(PostgresError) -> [TimetableLesson] {
        var lessons: [TimetableLesson] = []
        for row in try await database.query(Self.statement(members, from: from, until: until)) { lessons.append(try Self.lesson(row)) }
        return lessons
    }

    private static func lesson(_ row: Row) throws(PostgresError) -> TimetableLesson {
        var room: Lesson.Place?
        if let id = try row.decode("room_id", as: ID<Classroom>?.self) {
            room = Lesson.Place(id: id, site: try row.decode("site"), name: try row.decode("room"), address: try row.decode("address"))
        }
        var teacher: Lesson.Person?
        if let id = try row.decode("teacher_id", as: ID<Teacher>?.self) {
            teacher = Lesson.Person(id: id, name: try row.decode("teacher"))
        }
        return TimetableLesson(
            classId: try row.decode("class_id"), school: try row.decode("school"), title: try row.decode("title"),
            titleEn: try row.decode("title_en"), label: try row.decode("label"), isGuest: try row.decode("is_guest"),
            lesson: Lesson(
                number: Int32(try row.decode("number", as: Int16.self)), state: try row.decodeOption("state"),
                startsAt: try row.decode("starts_at"), endsAt: try row.decode("ends_at"), room: room, teacher: teacher,
                isOnline: try row.decode("is_online"), link: nil, sequence: try row.decode("sequence"), reason: try row.decode("reason"),
                reasonEn: try row.decode("reason_en"), changedAt: try row.decode("changed_at"), views: 0))
    }

    // MARK: Addresses

    /// The member's new address; the one before ends.
    /// - Returns: its token, which is kept nowhere.
    func makeAddress(of member: ID<Member>) async throws(PostgresError) -> String {
        let token = "wsl_" + Base64URL.encode(SecureRandom.bytes(32))
        _ = try await database.query(
            """
            insert into calendar_address (member_id, token_sha256, made_at)
            values (\(member), \(Self.digest(token)), clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')
            on conflict (member_id) do update set token_sha256 = excluded.token_sha256, made_at = excluded.made_at
            """)
        return token
    }

    func endAddress(of members: [ID<Member>], in querying: (any Querying)? = nil) async throws(PostgresError) {
        _ = try await (querying ?? database).query("delete from calendar_address where member_id = any (\(members))")
    }

    /// Whose lessons an address shows: of who was merged into another, the other's; of who is no member any more nobody's.
    func member(at token: String) async throws(PostgresError) -> ID<Member>? {
        try await database.query(
            """
            select heir.member_id
            from calendar_address
            join member own on own.member_id = calendar_address.member_id
            join member heir on heir.member_id = coalesce(own.merged_into, own.member_id) and heir.status <> 'left'
            where calendar_address.token_sha256 = \(Self.digest(token))
            """
        ).first.map { row throws(PostgresError) in try row.decode(0) }
    }

    private static func digest(_ token: String) -> [UInt8] { SHA256.hash(Array(token.utf8)) }
}
