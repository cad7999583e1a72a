import HTTP
import Postgres
import Registry
import Runtime

/// Feedback: every statement about it.
struct FeedbackStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    private static let columns = """
        feedback.stars, feedback.line, feedback.given_at, feedback.given_at + rule.feedback_days * interval '1 day'
        """

    private static let tables = """
        enrolment_feedback feedback
        join school_class on school_class.class_id = feedback.class_id
        join school_term_rule rule on rule.term_id = school_class.term_id
        """

    private static func own(_ row: Row) throws(PostgresError) -> OwnFeedback {
        OwnFeedback(
            stars: Int32(try row.decode(0, as: Int16.self)), line: try row.decode(1), givenAt: try row.decode(2),
            changeableUntil: try row.decode(3))
    }

    /// Gives it, or changes it as long as it may be changed: the first one's time counts.
    /// - Returns: whether it was taken.
    func give(
        _ body: FeedbackBody, of enrolment: ID<Enrolment>, member: ID<Member>, in querying: any Querying
    ) async throws(PostgresError) -> Bool {
        try await querying.query(
            """
            insert into enrolment_feedback as known (member_id, enrolment_id, class_id, stars, line, given_at, changed_at)
            select enrolment.member_id, enrolment.enrolment_id, enrolment.class_id, \(body.stars), \(body.line), now.instant, now.instant
            from enrolment
            cross join (select \(fragment: instant) as instant) now
            where enrolment.member_id = \(member) and enrolment.enrolment_id = \(enrolment) and enrolment.state = 'completed'
            on conflict on constraint enrolment_feedback_pkey do update
            set stars = excluded.stars, line = excluded.line, changed_at = excluded.changed_at
            where known.given_at > excluded.changed_at - (
                select rule.feedback_days * interval '1 day'
                from school_class join school_term_rule rule on rule.term_id = school_class.term_id
                where school_class.class_id = known.class_id)
            """
        ).affectedRows == 1
    }

    func find(_ enrolment: ID<Enrolment>, in querying: any Querying) async throws(PostgresError) -> OwnFeedback? {
        try await querying.query(
            "select \(raw: Self.columns) from \(raw: Self.tables) where feedback.enrolment_id = \(enrolment)"
        ).first.map { row throws(PostgresError) in try Self.own(row) }
    }

    func list(of members: [ID<Member>], in querying: any Querying) async throws(PostgresError) -> [OwnFeedback] {
        var found: [OwnFeedback] = []
        for row in try await querying.query(
            """
            select \(raw: Self.columns) from \(raw: Self.tables)
            where feedback.member_id = any(\(members)) order by feedback.enrolment_id
            """)
        { found.append(try Self.own(row)) }
        return found
    }

    /// Takes away what the person wrote; the stars stay with the class's average.
    func forget(_ members: [ID<Member>], in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            "update enrolment_feedback set line = null where member_id = any(\(members)) and line is not null")
    }

    // MARK: For organizers

    /// Of one class.
    func summary(of id: ID<SchoolClass>) async throws(PostgresError) -> FeedbackSummary {
        try await summary("school_class.class_id = \(id)")
    }

    /// Of all classes of a teacher within `scope`, each of which has answers enough to show itself: what a class hides cannot be had by
    /// taking the others away from the sum.
    func summary(of teacher: ID<Teacher>, within scope: Scope) async throws(PostgresError) -> FeedbackSummary {
        try await summary("school_class.teacher_id = \(teacher) and \(fragment: scope.condition("school.organization_id"))")
    }

    private func summary(_ filter: SQL) async throws(PostgresError) -> FeedbackSummary {
        let row = try await database.query(
            """
            with shown as (
                select feedback.class_id, count(*) as answers, sum(feedback.stars) as stars
                from school_class
                join school on school.school_id = school_class.school_id
                join enrolment_feedback feedback on feedback.class_id = school_class.class_id
                where \(fragment: filter)
                group by feedback.class_id
                having count(*) >= \(FeedbackSummary.answersMin)
            )
            select
                coalesce(sum(answers), 0)::integer, (sum(stars)::double precision / sum(answers))::double precision,
                array(
                    select feedback.line
                    from shown
                    join enrolment_feedback feedback on feedback.class_id = shown.class_id
                    where feedback.line is not null
                    order by md5(feedback.line), feedback.line
                    limit 500)
            from shown
            """
        ).single
        let answers: Int32 = try row.decode(0)
        guard answers > 0 else { return FeedbackSummary(isShown: false, answers: nil, average: nil, lines: []) }
        return FeedbackSummary(isShown: true, answers: answers, average: try row.decode(1), lines: try row.decode(2))
    }
}
