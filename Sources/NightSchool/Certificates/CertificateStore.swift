import HTTP
import Postgres
import Registry
import Runtime

/// Certificates: every statement about them but the one that gives them.
struct CertificateStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    private static let columns = """
        certificate.certificate_id, certificate.member_id, certificate.class_id, course.title, course.title_en, school_class.label,
        school.name, school_term.name, certificate.lessons_came, certificate.lessons_counted, certificate.minutes, certificate.issued_on,
        certificate.revoked_at, certificate.revoke_reason
        """

    private static let tables = """
        completion_certificate certificate
        join school_class on school_class.class_id = certificate.class_id
        join course on course.course_id = school_class.course_id
        join school on school.school_id = school_class.school_id
        join school_term on school_term.term_id = school_class.term_id
        """

    private func read(_ filter: SQL, in querying: (any Querying)? = nil) async throws(PostgresError) -> [CompletionCertificate] {
        var found: [CompletionCertificate] = []
        for row in try await (querying ?? database).query(
            "select \(raw: Self.columns) from \(raw: Self.tables) where \(fragment: filter)")
        {
            let (id, day): (ID<CompletionCertificate>, CalendarDate) = (try row.decode(0), try row.decode(11))
            found.append(
                CompletionCertificate(
                    id: id, number: CompletionCertificate.number(id, day), memberId: try row.decode(1), name: nil,
                    classId: try row.decode(2), title: try row.decode(3), titleEn: try row.decode(4), label: try row.decode(5),
                    school: try row.decode(6), term: try row.decode(7), lessonsCame: Int32(try row.decode(8, as: Int16.self)),
                    lessonsCounted: Int32(try row.decode(9, as: Int16.self)), minutes: try row.decode(10), issuedOn: day,
                    revokedAt: try row.decode(12), revokeReason: try row.decode(13), code: nil))
        }
        return found
    }

    /// A person's, the newest first.
    func list(of members: [ID<Member>], in querying: (any Querying)? = nil) async throws(PostgresError) -> [CompletionCertificate] {
        try await read("certificate.member_id = any(\(members)) order by certificate.certificate_id desc limit 1000", in: querying)
    }

    /// A class's, in the order of their numbers.
    func list(of id: ID<SchoolClass>) async throws(PostgresError) -> [CompletionCertificate] {
        try await read("certificate.class_id = \(id) order by certificate.certificate_id")
    }

    func find(_ id: ID<CompletionCertificate>, in querying: (any Querying)? = nil) async throws(PostgresError) -> CompletionCertificate? {
        try await read("certificate.certificate_id = \(id)", in: querying).first
    }

    /// Whose organizers see to it; held with it to the end of the transaction.
    func hold(
        _ id: ID<CompletionCertificate>, within scope: Scope, in querying: any Querying
    ) async throws(PostgresError) -> ID<Organization>? {
        try await querying.query(
            """
            select school.organization_id
            from completion_certificate certificate
            join school_class on school_class.class_id = certificate.class_id
            join school on school.school_id = school_class.school_id
            where certificate.certificate_id = \(id) and \(fragment: scope.condition("school.organization_id"))
            for no key update of certificate
            """
        ).first.map { row throws(PostgresError) in try row.decode(0) }
    }

    func revoke(
        _ id: ID<CompletionCertificate>, reason: String, by subject: String, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update completion_certificate
            set revoked_at = clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond', revoked_by = \(subject),
                revoke_reason = \(reason)
            where certificate_id = \(id) and revoked_at is null
            """)
    }
}
