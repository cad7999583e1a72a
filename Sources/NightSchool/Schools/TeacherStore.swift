package import Postgres
package import Registry
package import Runtime

/// Teachers and their terms of office: every statement that reads, makes and changes them.
package struct TeacherStore: Sendable {
    let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    private static let columns = """
        teacher.teacher_id, teacher.organization_id, teacher.kind, teacher.name, teacher.introduction, teacher.member_id, teacher.version,
        (select array_agg(lower(days) order by days) from teacher_office where teacher_id = teacher.teacher_id),
        (select array_agg(upper(days) - 1 order by days) from teacher_office where teacher_id = teacher.teacher_id)
        """

    package enum Outcome: Sendable {
        case made(Teacher)
        case organizationUnknown
        case memberUnknown
    }

    /// - Parameter scope: an organization or a member outside of it is unknown.
    package func create(
        _ body: TeacherBody, within scope: Scope, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> Outcome {
        guard try await isKnown(body.memberId, within: scope, in: querying) else { return .memberUnknown }
        let made = try await querying.query(
            """
            insert into teacher (organization_id, kind, name, introduction, member_id, created_by)
            select organization_id, \(body.kind.rawValue), \(body.name), \(body.introduction), \(body.memberId), \(subject)
            from organization
            where organization_id = \(body.organizationId) and \(fragment: scope.condition("organization.organization_id"))
            returning teacher_id
            """)
        guard let row = made.first else { return .organizationUnknown }
        return .made(try await setOffices(body.offices, of: try row.decode(0), in: querying))
    }

    /// Changes a teacher who is held.
    package func change(
        _ id: ID<Teacher>, to body: TeacherBody, within scope: Scope, in querying: any Querying
    ) async throws(PostgresError) -> Outcome {
        guard try await isKnown(body.memberId, within: scope, in: querying) else { return .memberUnknown }
        _ = try await querying.query(
            """
            update teacher
            set kind = \(body.kind.rawValue), name = \(body.name), introduction = \(body.introduction), member_id = \(body.memberId),
                version = version + 1
            where teacher_id = \(id)
            """)
        return .made(try await setOffices(body.offices, of: id, in: querying))
    }

    private func isKnown(_ member: ID<Member>?, within scope: Scope, in querying: any Querying) async throws(PostgresError) -> Bool {
        guard let member else { return true }
        return try await !querying.query(
            "select from member where member_id = \(member) and \(fragment: scope.condition("member.organization_id"))"
        ).isEmpty
    }

    private func setOffices(
        _ offices: [Teacher.Office], of teacher: ID<Teacher>, in querying: any Querying
    ) async throws(PostgresError) -> Teacher {
        _ = try await querying.query("delete from teacher_office where teacher_id = \(teacher)")
        _ = try await querying.query(
            """
            insert into teacher_office (teacher_id, days)
            select \(teacher), daterange(first, last, '[]')
            from unnest(\(offices.map(\.from)), \(offices.map(\.to))) as office (first, last)
            """)
        return try Self.teacher(
            try await querying.query("select \(raw: Self.columns) from teacher where teacher_id = \(teacher)").single)
    }

    /// - Parameter isHeld: against other changes, and against classes that would have them teach, to the end of the transaction.
    package func teacher(
        _ id: ID<Teacher>, within scope: Scope, isHeld: Bool = false, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> Teacher? {
        if isHeld, let querying {
            _ = try await querying.query("select from teacher where teacher_id = \(id) for no key update")
        }
        return try await (querying ?? database).query(
            """
            select \(raw: Self.columns) from teacher
            where teacher_id = \(id) and \(fragment: scope.condition("teacher.organization_id"))
            """
        ).first.map { row throws(PostgresError) in try Self.teacher(row) }
    }

    /// Those who may teach at a school, for they belong to its organization or to one above it; held in the order of their numbers.
    package func hold(
        _ ids: Set<ID<Teacher>>, for school: ID<School>, in querying: any Querying
    ) async throws(PostgresError) -> [ID<Teacher>: Teacher] {
        let wanted = Array(ids)
        _ = try await querying.query("select from teacher where teacher_id = any(\(wanted)) order by teacher_id for no key update")
        var teachers: [ID<Teacher>: Teacher] = [:]
        for row in try await querying.query(
            """
            select \(raw: Self.columns)
            from teacher
            where teacher_id = any(\(wanted))
                and exists (
                    select
                    from school
                    join organization_ancestor on organization_ancestor.organization_id = school.organization_id
                    where school.school_id = \(school) and organization_ancestor.ancestor_id = teacher.organization_id)
            """)
        {
            let teacher = try Self.teacher(row)
            teachers[teacher.id] = teacher
        }
        return teachers
    }

    /// In order of their ids, from the one after `after`.
    package func list(
        within scope: Scope, kind: Teacher.Kind?, after: ID<Teacher>?, limit: Int
    ) async throws(PostgresError) -> [Teacher] {
        let only: SQL = kind.map { "teacher.kind = \($0.rawValue)" } ?? "true"
        var teachers: [Teacher] = []
        for row in try await database.query(
            """
            select \(raw: Self.columns) from teacher
            where teacher_id > \(after?.rawValue ?? 0) and \(fragment: only) and \(fragment: scope.condition("teacher.organization_id"))
            order by teacher_id
            limit \(limit)
            """)
        { teachers.append(try Self.teacher(row)) }
        return teachers
    }

    // MARK: Members who teach

    /// Entries of the pool that are these members.
    func entries(of members: [ID<Member>], in querying: any Querying) async throws(PostgresError) -> [Teacher] {
        var teachers: [Teacher] = []
        for row in try await querying.query(
            "select \(raw: Self.columns) from teacher where member_id = any(\(members)) order by teacher_id")
        { teachers.append(try Self.teacher(row)) }
        return teachers
    }

    /// Names another member instead, or nobody.
    func pass(_ members: [ID<Member>], to survivor: ID<Member>?, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            "update teacher set member_id = \(survivor), version = version + 1 where member_id = any(\(members))")
    }

    private static func teacher(_ row: Row) throws(PostgresError) -> Teacher {
        let (first, last) = (try row.decode(7, as: [CalendarDate]?.self) ?? [], try row.decode(8, as: [CalendarDate?]?.self) ?? [])
        return Teacher(
            id: try row.decode(0), organizationId: try row.decode(1), kind: try row.decodeOption(2), name: try row.decode(3),
            introduction: try row.decode(4), memberId: try row.decode(5),
            offices: zip(first, last).map { Teacher.Office(from: $0, to: $1) }, version: try row.decode(6))
    }
}
