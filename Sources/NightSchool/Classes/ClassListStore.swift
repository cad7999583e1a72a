import HTTP
package import Postgres
import Programs
package import Registry
package import Runtime

/// Classes as they are shown: every statement that reads them whole.
package struct ClassListStore: Sendable {
    let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    /// What a list shows.
    package struct Filter: Sendable {
        package var scope = Scope.everything
        /// Leaves out drafts, and what was cancelled before anybody saw it.
        package var isPublic = false
        package var school: ID<School>?
        package var term: ID<SchoolTerm>?
        package var course: ID<Course>?
        package var category: String?
        /// Schools of its subtree: a district's.
        package var organization: ID<Organization>?
        package var state: SchoolClass.State?

        package init() {}

        fileprivate var condition: SQL {
            var condition: SQL = scope.condition("school.organization_id")
            func add(_ part: SQL) { condition = "\(fragment: condition) and \(fragment: part)" }
            if isPublic { add("school_class.published_at is not null") }
            if let school { add("school_class.school_id = \(school)") }
            if let term { add("school_class.term_id = \(term)") }
            if let course { add("school_class.course_id = \(course)") }
            if let category { add("course_category.code = \(category)") }
            if let organization { add(Scope(subtrees: [organization]).condition("school.organization_id")) }
            if let state { add("school_class.state = \(state.rawValue)") }
            return condition
        }
    }

    private static let columns = """
        school_class.class_id, school_class.version, school_class.school_id, school.name as school, school.organization_id,
        school_class.term_id, school_class.course_id, course_category.code, course.title, course.title_en, school_class.label,
        school_class.kind, teacher.teacher_id, teacher.name as teacher, classroom.room_id, classroom.site, classroom.name as room,
        classroom.address, school_class.link, class_seat_count.capacity, class_seat_count.seated, class_seat_count.waiting,
        school_class.minimum, school_class.decide_on, school_class.fee_fen, school_class.reduced_fees::text as reduced_fees,
        school_class.audience::text as audience, school_class.enrolment_mode, school_class.opens_at, school_class.closes_at,
        school_class.pattern::text as pattern, school_class.state, school_class.cancel_reason, school_class.cancel_reason_en,
        school_class.first_at, school_class.last_until, class_seat_count.offered,
        class_seat_count.applied, school_class.draw_id,
        (select count(*) from lesson where lesson.class_id = school_class.class_id and lesson.state <> 'cancelled')::integer as lesson_count
        """

    private static let tables = """
        school_class
        join class_seat_count using (class_id)
        join school on school.school_id = school_class.school_id
        join course on course.course_id = school_class.course_id
        join course_category on course_category.category_id = course.category_id
        left join teacher on teacher.teacher_id = school_class.teacher_id
        left join classroom on classroom.room_id = school_class.room_id
        """

    static func listStatement(_ filter: Filter, after: ID<SchoolClass>?, limit: Int) -> SQL {
        """
        select \(raw: columns)
        from \(raw: tables)
        where school_class.class_id > \(after?.rawValue ?? 0) and \(fragment: filter.condition)
        order by school_class.class_id
        limit \(limit)
        """
    }

    /// In order of their ids, from the one after `after`.
    package func list(_ filter: Filter, after: ID<SchoolClass>?, limit: Int) async throws(PostgresError) -> [ClassAnswer] {
        var classes: [ClassAnswer] = []
        for row in try await database.query(Self.listStatement(filter, after: after, limit: limit)) { classes.append(try Self.answer(row)) }
        return classes
    }

    static func findStatement(_ id: ID<SchoolClass>, _ filter: Filter) -> SQL {
        """
        select \(raw: columns)
        from \(raw: tables)
        where school_class.class_id = \(id) and \(fragment: filter.condition)
        """
    }

    /// - Parameter isHeld: against other changes, to the end of the transaction.
    package func find(
        _ id: ID<SchoolClass>, _ filter: Filter = Filter(), isHeld: Bool = false, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> ClassAnswer? {
        if isHeld, let querying { _ = try await querying.query("select from school_class where class_id = \(id) for no key update") }
        return try await (querying ?? database).query(Self.findStatement(id, filter)).first.map { row throws(PostgresError) in
            try Self.answer(row)
        }
    }

    static func json<Value: Decodable>(_ text: String, as type: Value.Type = Value.self) throws(PostgresError) -> Value {
        do { return try JSON.decode(type, from: Array(text.utf8)) } catch { throw .decoding("JSON that \(type) is not made of") }
    }

    private static func answer(_ row: Row) throws(PostgresError) -> ClassAnswer {
        var teacher: Lesson.Person?
        if let id = try row.decode("teacher_id", as: ID<Teacher>?.self) {
            teacher = Lesson.Person(id: id, name: try row.decode("teacher"))
        }
        var room: Lesson.Place?
        if let id = try row.decode("room_id", as: ID<Classroom>?.self) {
            room = Lesson.Place(
                id: id, site: try row.decode("site"), name: try row.decode("room"), address: try row.decode("address"))
        }
        let audience: String? = try row.decode("audience")
        let (capacity, seated) = (try row.decode("capacity", as: Int32.self), try row.decode("seated", as: Int32.self))
        let offered: Int32 = try row.decode("offered")
        return ClassAnswer(
            id: try row.decode("class_id"), version: try row.decode("version"), schoolId: try row.decode("school_id"),
            school: try row.decode("school"), organizationId: try row.decode("organization_id"), termId: try row.decode("term_id"),
            courseId: try row.decode("course_id"), category: try row.decode("code"), title: try row.decode("title"),
            titleEn: try row.decode("title_en"), label: try row.decode("label"), kind: try row.decodeOption("kind"), teacher: teacher,
            room: room, link: try row.decode("link"), capacity: capacity, seated: seated, waiting: try row.decode("waiting"),
            minimum: try row.decode("minimum"), decideOn: try row.decode("decide_on"), feeFen: try row.decode("fee_fen"),
            reducedFees: try json(try row.decode("reduced_fees")),
            audience: try audience.map { text throws(PostgresError) in try json(text, as: Condition.self) },
            enrolmentMode: try row.decodeOption("enrolment_mode"), opensAt: try row.decode("opens_at"),
            closesAt: try row.decode("closes_at"), pattern: try json(try row.decode("pattern")), state: try row.decodeOption("state"),
            cancelReason: try row.decode("cancel_reason"), cancelReasonEn: try row.decode("cancel_reason_en"),
            firstAt: try row.decode("first_at"), lastUntil: try row.decode("last_until"), lessonCount: try row.decode("lesson_count"),
            free: capacity - seated - offered, applied: try row.decode("applied"), drawId: try row.decode("draw_id"))
    }
}
