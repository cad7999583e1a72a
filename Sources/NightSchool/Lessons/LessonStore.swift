import HTTP
package import Postgres
import Registry
package import Runtime

/// Lessons: every statement that reads, makes and changes them. Whoever changes one holds its class first.
package struct LessonStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    /// The service's time in SQL: the database's clock, moved by `--clock-offset`.
    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    // MARK: Making

    /// Lessons of one class, numbered as they come.
    struct Draft: Sendable {
        let classID: ID<SchoolClass>
        let facts: SchoolClassFacts
        let lessons: [LessonTime]
    }

    /// Makes all lessons of classes that have none.
    func create(_ drafts: [Draft], in querying: any Querying) async throws(PostgresError) {
        let lines = drafts.flatMap { draft in draft.lessons.enumerated().map { (draft: draft, number: $0.offset + 1, time: $0.element) } }
        _ = try await querying.query(
            """
            insert into lesson (class_id, number, starts_at, ends_at, room_id, teacher_id, link, changed_at)
            select class_id, number, starts_at, ends_at, room_id, teacher_id, link, \(fragment: instant)
            from unnest(
                \(lines.map(\.draft.classID)), \(lines.map { Int16($0.number) }), \(lines.map(\.time.startsAt)),
                \(lines.map(\.time.endsAt)), \(lines.map(\.draft.facts.roomId)), \(lines.map(\.draft.facts.teacherId)),
                \(lines.map(\.draft.facts.link)))
                as line (class_id, number, starts_at, ends_at, room_id, teacher_id, link)
            """)
    }

    /// Takes the lessons of a draft away.
    func remove(of id: ID<SchoolClass>, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query("delete from lesson where class_id = \(id)")
    }

    // MARK: Clashes

    /// A lesson as it is to be.
    struct Asked: Sendable {
        let owner: Int64
        let time: LessonTime
        let roomID: ID<Classroom>?
        let teacherID: ID<Teacher>?
    }

    /// A lesson that cannot be, for another is then.
    struct Clash: Sendable {
        enum Kind: String, Sendable { case room, teacher, `class` }

        /// Both count from 0 in what was asked.
        let ordinal: Int
        let kind: Kind
        let otherOrdinal: Int?
        /// The other in words, where it stands already.
        let standing: String
    }

    static func clashStatement(_ asked: [Asked], leaving: ClassPlanner.Leaving?) -> SQL {
        """
        select clash.ordinal, clash.kind, clash.other_ordinal, course.title, school_class.label, clash.number,
            to_char(lesson.starts_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI')
        from night_school_lesson_clashes(
            \(asked.map(\.owner)), \(asked.map(\.time.startsAt)), \(asked.map(\.time.endsAt)), \(asked.map(\.roomID)),
            \(asked.map(\.teacherID)), \([leaving?.classID].compactMap(\.self)), \(leaving.map { [$0.number] } ?? [])) clash
        left join lesson on lesson.class_id = clash.class_id and lesson.number = clash.number
        left join school_class on school_class.class_id = clash.class_id
        left join course on course.course_id = school_class.course_id
        order by clash.ordinal, clash.kind
        """
    }

    func clashes(
        _ asked: [Asked], leaving: ClassPlanner.Leaving?, in querying: any Querying
    ) async throws(PostgresError) -> [Clash] {
        var clashes: [Clash] = []
        for row in try await querying.query(Self.clashStatement(asked, leaving: leaving)) {
            let title: String? = try row.decode(3)
            var standing = ""
            if let title {
                standing =
                    "《\(title)》\(try row.decode(4, as: String.self)) #\(try row.decode(5, as: Int16.self)), "
                    + (try row.decode(6, as: String.self))
            }
            clashes.append(
                Clash(
                    ordinal: Int(try row.decode(0, as: Int32.self)) - 1, kind: try row.decodeOption(1),
                    otherOrdinal: try row.decode(2, as: Int32?.self).map { Int($0) - 1 }, standing: standing))
        }
        return clashes
    }

    // MARK: Reading

    private static let columns = """
        lesson.number, lesson.state, lesson.starts_at, lesson.ends_at, classroom.room_id, classroom.site, classroom.name,
        classroom.address, teacher.teacher_id, teacher.name, lesson.link, lesson.sequence, lesson.reason, lesson.reason_en,
        lesson.changed_at,
        coalesce(
            (select sum(views) from lesson_view where lesson_view.class_id = lesson.class_id and lesson_view.number = lesson.number),
            0)::bigint
        """

    static func listStatement(_ id: ID<SchoolClass>) -> SQL {
        """
        select \(raw: columns)
        from lesson
        left join classroom using (room_id)
        left join teacher using (teacher_id)
        where class_id = \(id)
        order by starts_at, number
        """
    }

    /// Of a class, in order of time.
    package func lessons(of id: ID<SchoolClass>, in querying: (any Querying)? = nil) async throws(PostgresError) -> [Lesson] {
        var lessons: [Lesson] = []
        for row in try await (querying ?? database).query(Self.listStatement(id)) { lessons.append(try Self.lesson(row)) }
        return lessons
    }

    private static func lesson(_ row: Row) throws(PostgresError) -> Lesson {
        var room: Lesson.Place?
        if let id = try row.decode(4, as: ID<Classroom>?.self) {
            room = Lesson.Place(id: id, site: try row.decode(5), name: try row.decode(6), address: try row.decode(7))
        }
        var teacher: Lesson.Person?
        if let id = try row.decode(8, as: ID<Teacher>?.self) { teacher = Lesson.Person(id: id, name: try row.decode(9)) }
        let link: String? = try row.decode(10)
        return Lesson(
            number: Int32(try row.decode(0, as: Int16.self)), state: try row.decodeOption(1), startsAt: try row.decode(2),
            endsAt: try row.decode(3), room: room, teacher: teacher, isOnline: link != nil, link: link, sequence: try row.decode(11),
            reason: try row.decode(12), reasonEn: try row.decode(13), changedAt: try row.decode(14), views: try row.decode(15))
    }

    // MARK: Changing; each of a class that is held

    func move(
        _ number: Int16, of id: ID<SchoolClass>, to time: LessonTime, _ facts: SchoolClassFacts, _ why: SchoolReasonBody,
        in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update lesson
            set state = 'moved', starts_at = \(time.startsAt), ends_at = \(time.endsAt), room_id = \(facts.roomId),
                teacher_id = \(facts.teacherId), link = \(facts.link), reason = \(why.reason), reason_en = \(why.reasonEn),
                sequence = sequence + 1, changed_at = \(fragment: instant)
            where class_id = \(id) and number = \(number)
            """)
    }

    /// Cancels one lesson, or all that have not begun.
    /// - Returns: how many.
    func cancel(
        _ number: Int16?, of id: ID<SchoolClass>, _ why: SchoolReasonBody, in querying: any Querying
    ) async throws(PostgresError) -> Int {
        try await querying.query(
            """
            update lesson
            set state = 'cancelled', reason = \(why.reason), reason_en = \(why.reasonEn), sequence = sequence + 1,
                changed_at = \(fragment: instant)
            where class_id = \(id) and number = coalesce(\(number), number) and state in ('planned', 'moved')
                and starts_at > \(fragment: instant)
            """
        ).affectedRows
    }

    /// Whether a lesson can still be moved or cancelled.
    func isAhead(_ number: Int16, of id: ID<SchoolClass>, in querying: any Querying) async throws(PostgresError) -> Bool? {
        try await querying.query(
            """
            select state in ('planned', 'moved') and starts_at > \(fragment: instant)
            from lesson where class_id = \(id) and number = \(number)
            """
        ).first.map { row throws(PostgresError) in try row.decode(0) }
    }

    /// Says of lessons whose end has passed that they were held; nothing of drafts.
    func markHeld(in querying: any Querying) async throws(PostgresError) -> Int {
        try await querying.query(
            """
            update lesson
            set state = 'held'
            from school_class
            where lesson.state in ('planned', 'moved') and lesson.ends_at <= \(fragment: instant)
                and school_class.class_id = lesson.class_id and school_class.published_at is not null
            """
        ).affectedRows
    }
}
