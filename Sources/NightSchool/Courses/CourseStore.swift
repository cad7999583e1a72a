package import Postgres
package import Registry
package import Runtime

/// Courses: every statement that reads, makes and changes them.
package struct CourseStore: Sendable {
    let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    private static let columns = """
        course.course_id, course.school_id, course_category.code, course.title, course.title_en, course.description,
        course.description_en, course.version
        """

    /// Makes courses of a school, in this order. Their categories were looked at.
    package func create(
        _ bodies: [CourseBody], of school: ID<School>, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> [ID<Course>] {
        var ids: [ID<Course>] = []
        for row in try await querying.query(
            """
            with wanted as (
                select title, title_en, description, description_en, code, ordinal
                from unnest(
                    \(bodies.map(\.title)), \(bodies.map(\.titleEn)), \(bodies.map(\.description)), \(bodies.map(\.descriptionEn)),
                    \(bodies.map(\.category)))
                    with ordinality as body (title, title_en, description, description_en, code, ordinal)
            ),
            made as (
                insert into course (school_id, category_id, title, title_en, description, description_en, created_by)
                select \(school), category_id, title, title_en, description, description_en, \(subject)
                from wanted
                join course_category
                    on course_category.code = wanted.code and (course_category.school_id is null or course_category.school_id = \(school))
                order by ordinal
                returning course_id
            )
            select course_id from made order by course_id
            """)
        { ids.append(try row.decode(0)) }
        return ids
    }

    /// Changes a course that is held.
    package func change(_ id: ID<Course>, to body: CourseBody, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update course
            set title = \(body.title), title_en = \(body.titleEn), description = \(body.description),
                description_en = \(body.descriptionEn), version = version + 1,
                category_id = (
                    select category_id from course_category
                    where code = \(body.category)
                        and (course_category.school_id is null or course_category.school_id = course.school_id))
            where course_id = \(id)
            """)
    }

    /// - Parameter isHeld: against other changes, to the end of the transaction.
    package func course(
        _ id: ID<Course>, within scope: Scope, isHeld: Bool = false, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> Course? {
        try await (querying ?? database).query(
            """
            select \(raw: Self.columns)
            from course
            join course_category using (category_id)
            join school on school.school_id = course.school_id
            where course_id = \(id) and \(fragment: scope.condition("school.organization_id"))
            \(raw: isHeld ? "for no key update of course" : "")
            """
        ).first.map { row throws(PostgresError) in try Self.course(row) }
    }

    /// Of a school, in order of their ids, from the one after `after`.
    package func courses(of school: ID<School>, after: ID<Course>?, limit: Int) async throws(PostgresError) -> [Course] {
        var courses: [Course] = []
        for row in try await database.query(
            """
            select \(raw: Self.columns)
            from course
            join course_category using (category_id)
            where course.school_id = \(school) and course_id > \(after?.rawValue ?? 0)
            order by course_id
            limit \(limit)
            """)
        { courses.append(try Self.course(row)) }
        return courses
    }

    private static func course(_ row: Row) throws(PostgresError) -> Course {
        Course(
            id: try row.decode(0), schoolId: try row.decode(1), category: try row.decode(2), title: try row.decode(3),
            titleEn: try row.decode(4), description: try row.decode(5), descriptionEn: try row.decode(6), version: try row.decode(7))
    }
}
