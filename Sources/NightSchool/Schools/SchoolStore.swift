package import Postgres
package import Registry
package import Runtime

/// Schools and their terms: every statement that reads, makes and changes them.
package struct SchoolStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    /// The service's time in SQL: the database's clock, moved by `--clock-offset`.
    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    // MARK: Schools

    private static let columns = "school.school_id, school.organization_id, school.name, school.time_zone, school.version"

    /// - Returns: nil where the organization is unknown or lies outside of `scope`.
    package func create(
        _ body: SchoolBody, within scope: Scope, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> School? {
        try await querying.query(
            """
            insert into school (organization_id, name, created_by)
            select organization_id, \(body.name), \(subject) from organization
            where organization_id = \(body.organizationId) and \(fragment: scope.condition("organization.organization_id"))
            returning \(raw: Self.columns)
            """
        ).first.map { row throws(PostgresError) in try Self.school(row) }
    }

    /// Renames a school that is held.
    package func change(_ id: ID<School>, name: String, in querying: any Querying) async throws(PostgresError) -> School {
        try Self.school(
            try await querying.query(
                "update school set name = \(name), version = version + 1 where school_id = \(id) returning \(raw: Self.columns)"
            ).single)
    }

    /// - Parameter isHeld: against other changes, to the end of the transaction.
    package func school(
        _ id: ID<School>, within scope: Scope, isHeld: Bool = false, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> School? {
        try await (querying ?? database).query(
            """
            select \(raw: Self.columns) from school
            where school_id = \(id) and \(fragment: scope.condition("school.organization_id"))
            \(raw: isHeld ? "for no key update" : "")
            """
        ).first.map { row throws(PostgresError) in try Self.school(row) }
    }

    /// In order of their ids, from the one after `after`.
    package func schools(within scope: Scope, after: ID<School>?, limit: Int) async throws(PostgresError) -> [School] {
        var schools: [School] = []
        for row in try await database.query(
            """
            select \(raw: Self.columns) from school
            where school_id > \(after?.rawValue ?? 0) and \(fragment: scope.condition("school.organization_id"))
            order by school_id
            limit \(limit)
            """)
        { schools.append(try Self.school(row)) }
        return schools
    }

    private static func school(_ row: Row) throws(PostgresError) -> School {
        School(
            id: try row.decode(0), organizationId: try row.decode(1), name: try row.decode(2), timeZone: try row.decode(3),
            version: try row.decode(4))
    }

    // MARK: Terms

    /// How long an offer lasts unless the term says otherwise.
    private static let offerHours: Int32 = 24

    private static let termColumns = """
        school_term.term_id, school_term.school_id, school_term.name, school_term.starts_on, school_term.ends_on,
        school_term.enrolment_cap, school_term.version,
        coalesce((select array_agg(day_on order by day_on) from school_holiday where term_id = school_term.term_id), '{}'),
        coalesce((select array_agg(name order by day_on) from school_holiday where term_id = school_term.term_id), '{}'),
        school_term.offer_hours
        """

    package func createTerm(
        _ body: SchoolTermBody, of school: ID<School>, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> SchoolTerm? {
        let made = try await querying.query(
            """
            insert into school_term (school_id, name, starts_on, ends_on, enrolment_cap, offer_hours, created_by)
            values (
                \(school), \(body.name), \(body.startsOn), \(body.endsOn), \(body.enrolmentCap.map { Int16($0) }),
                \(Int16(body.offerHours ?? Self.offerHours)), \(subject))
            returning term_id
            """)
        let id: ID<SchoolTerm> = try made.single.decode(0)
        try await setHolidays(body.holidays ?? [], of: id, in: querying)
        return try await term(id, within: .everything, in: querying)
    }

    /// Changes a term that is held.
    package func changeTerm(
        _ id: ID<SchoolTerm>, to body: SchoolTermBody, in querying: any Querying
    ) async throws(PostgresError) -> SchoolTerm? {
        _ = try await querying.query(
            """
            update school_term
            set name = \(body.name), starts_on = \(body.startsOn), ends_on = \(body.endsOn),
                enrolment_cap = \(body.enrolmentCap.map { Int16($0) }), offer_hours = \(Int16(body.offerHours ?? Self.offerHours)),
                version = version + 1
            where term_id = \(id)
            """)
        try await setHolidays(body.holidays ?? [], of: id, in: querying)
        return try await term(id, within: .everything, in: querying)
    }

    private func setHolidays(
        _ holidays: [SchoolTerm.Holiday], of term: ID<SchoolTerm>, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query("delete from school_holiday where term_id = \(term)")
        _ = try await querying.query(
            """
            insert into school_holiday (term_id, day_on, name)
            select \(term), day_on, name from unnest(\(holidays.map(\.on)), \(holidays.map(\.name))) as holiday (day_on, name)
            """)
    }

    /// A lesson to come that is on a day on which its term has none (any more).
    package struct Stranded: Sendable {
        package let classID: ID<SchoolClass>
        package let number: Int16
        package let title: String
        package let day: CalendarDate
    }

    /// Of a term, or of a teacher: at most 20, the first ones.
    package func stranded(in term: ID<SchoolTerm>, _ querying: any Querying) async throws(PostgresError) -> [Stranded] {
        try await stranded(
            """
            school_class.term_id = \(term)
            and ((lesson.starts_at at time zone 'Asia/Shanghai')::date not between school_term.starts_on and school_term.ends_on
                or exists (
                    select from school_holiday
                    where school_holiday.term_id = school_term.term_id
                        and day_on = (lesson.starts_at at time zone 'Asia/Shanghai')::date))
            """, querying)
    }

    /// Lessons to come whose teacher is not in office on their day.
    package func outOfOffice(_ teacher: ID<Teacher>, _ querying: any Querying) async throws(PostgresError) -> [Stranded] {
        try await stranded(
            """
            lesson.teacher_id = \(teacher)
            and not exists (
                select from teacher_office
                where teacher_office.teacher_id = \(teacher) and days @> (lesson.starts_at at time zone 'Asia/Shanghai')::date)
            """, querying)
    }

    private func stranded(_ condition: SQL, _ querying: any Querying) async throws(PostgresError) -> [Stranded] {
        var found: [Stranded] = []
        for row in try await querying.query(
            """
            select lesson.class_id, lesson.number, course.title, (lesson.starts_at at time zone 'Asia/Shanghai')::date
            from lesson
            join school_class on school_class.class_id = lesson.class_id
            join school_term on school_term.term_id = school_class.term_id
            join course on course.course_id = school_class.course_id
            where lesson.state in ('planned', 'moved') and lesson.starts_at > \(fragment: instant) and \(fragment: condition)
            order by lesson.starts_at, lesson.class_id, lesson.number
            limit 20
            """)
        {
            found.append(
                Stranded(classID: try row.decode(0), number: try row.decode(1), title: try row.decode(2), day: try row.decode(3)))
        }
        return found
    }

    /// - Parameter isHeld: against other changes, to the end of the transaction.
    package func term(
        _ id: ID<SchoolTerm>, within scope: Scope, isHeld: Bool = false, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> SchoolTerm? {
        // Before it is read: a statement that waits for a row sees the others, here the holidays, as they were before it waited.
        if isHeld, let querying { _ = try await querying.query("select from school_term where term_id = \(id) for no key update") }
        return try await (querying ?? database).query(
            """
            select \(raw: Self.termColumns)
            from school_term
            join school using (school_id)
            where term_id = \(id) and \(fragment: scope.condition("school.organization_id"))
            """
        ).first.map { row throws(PostgresError) in try Self.term(row) }
    }

    /// Of a school, in order of their ids, from the one after `after`.
    package func terms(of school: ID<School>, after: ID<SchoolTerm>?, limit: Int) async throws(PostgresError) -> [SchoolTerm] {
        var terms: [SchoolTerm] = []
        for row in try await database.query(
            """
            select \(raw: Self.termColumns) from school_term
            where school_id = \(school) and term_id > \(after?.rawValue ?? 0)
            order by term_id
            limit \(limit)
            """)
        { terms.append(try Self.term(row)) }
        return terms
    }

    private static func term(_ row: Row) throws(PostgresError) -> SchoolTerm {
        SchoolTerm(
            id: try row.decode(0), schoolId: try row.decode(1), name: try row.decode(2), startsOn: try row.decode(3),
            endsOn: try row.decode(4), enrolmentCap: try row.decode(5, as: Int16?.self).map { Int32($0) },
            offerHours: Int32(try row.decode(9, as: Int16.self)),
            holidays: zip(try row.decode(7, as: [CalendarDate].self), try row.decode(8, as: [String].self)).map {
                SchoolTerm.Holiday(on: $0, name: $1)
            }, version: try row.decode(6))
    }
}
