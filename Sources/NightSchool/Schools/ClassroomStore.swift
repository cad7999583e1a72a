package import Postgres
package import Registry
package import Runtime

/// Rooms and categories: every statement that reads, makes and changes them.
package struct ClassroomStore: Sendable {
    let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    private static let columns = """
        classroom.room_id, classroom.school_id, classroom.site, classroom.name, classroom.address, classroom.seats, classroom.version
        """

    package func create(
        _ body: ClassroomBody, of school: ID<School>, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> Classroom {
        try Self.room(
            try await querying.query(
                """
                insert into classroom (school_id, site, name, address, seats, created_by)
                values (\(school), \(body.site), \(body.name), \(body.address), \(body.seats), \(subject))
                returning \(raw: Self.columns)
                """
            ).single)
    }

    /// Changes a room that is held.
    package func change(
        _ id: ID<Classroom>, to body: ClassroomBody, in querying: any Querying
    ) async throws(PostgresError) -> Classroom {
        try Self.room(
            try await querying.query(
                """
                update classroom
                set site = \(body.site), name = \(body.name), address = \(body.address), seats = \(body.seats), version = version + 1
                where room_id = \(id)
                returning \(raw: Self.columns)
                """
            ).single)
    }

    /// The largest class that has a lesson to come in the room.
    package func largestClass(in room: ID<Classroom>, _ querying: any Querying) async throws(PostgresError) -> (
        id: ID<SchoolClass>, capacity: Int32
    )? {
        try await querying.query(
            """
            select class_id, capacity
            from lesson
            join class_seat_count using (class_id)
            where room_id = \(room) and lesson.state in ('planned', 'moved')
            order by capacity desc, class_id
            limit 1
            """
        ).first.map { row throws(PostgresError) in (id: try row.decode(0), capacity: try row.decode(1)) }
    }

    /// - Parameter isHeld: against other changes, and against classes that would take it, to the end of the transaction.
    package func room(
        _ id: ID<Classroom>, within scope: Scope, isHeld: Bool = false, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> Classroom? {
        try await (querying ?? database).query(
            """
            select \(raw: Self.columns)
            from classroom
            join school using (school_id)
            where room_id = \(id) and \(fragment: scope.condition("school.organization_id"))
            \(raw: isHeld ? "for no key update of classroom" : "")
            """
        ).first.map { row throws(PostgresError) in try Self.room(row) }
    }

    /// Rooms by their numbers, held in that order against each other's changes.
    package func hold(_ ids: Set<ID<Classroom>>, in querying: any Querying) async throws(PostgresError) -> [ID<Classroom>: Classroom] {
        var rooms: [ID<Classroom>: Classroom] = [:]
        for row in try await querying.query(
            """
            select \(raw: Self.columns) from classroom where room_id = any(\(Array(ids)))
            order by room_id
            for no key update
            """)
        {
            let room = try Self.room(row)
            rooms[room.id] = room
        }
        return rooms
    }

    /// Of a school, in order of their ids, from the one after `after`.
    package func rooms(of school: ID<School>, after: ID<Classroom>?, limit: Int) async throws(PostgresError) -> [Classroom] {
        var rooms: [Classroom] = []
        for row in try await database.query(
            """
            select \(raw: Self.columns) from classroom
            where school_id = \(school) and room_id > \(after?.rawValue ?? 0)
            order by room_id
            limit \(limit)
            """)
        { rooms.append(try Self.room(row)) }
        return rooms
    }

    private static func room(_ row: Row) throws(PostgresError) -> Classroom {
        Classroom(
            id: try row.decode(0), schoolId: try row.decode(1), site: try row.decode(2), name: try row.decode(3),
            address: try row.decode(4), seats: try row.decode(5), version: try row.decode(6))
    }

    // MARK: Categories

    /// A school has no more of its own.
    package static let categoriesMax: Int64 = 100

    /// The four of all schools, then the school's own.
    package func categories(
        of school: ID<School>, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> [CourseCategory] {
        var categories: [CourseCategory] = []
        for row in try await (querying ?? database).query(
            """
            select code, name, name_en, school_id is null from course_category
            where school_id is null or school_id = \(school)
            order by school_id nulls first, category_id
            """)
        {
            categories.append(
                CourseCategory(code: try row.decode(0), name: try row.decode(1), nameEn: try row.decode(2), isFixed: try row.decode(3)))
        }
        return categories
    }

    /// Adds or renames a category of a school that is held.
    package func putCategory(
        _ code: String, _ body: CourseCategoryBody, of school: ID<School>, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            insert into course_category (school_id, code, name, name_en)
            values (\(school), \(code), \(body.name), \(body.nameEn))
            on conflict on constraint course_category_code_is_its_own do update
            set name = excluded.name, name_en = excluded.name_en
            """)
    }
}
