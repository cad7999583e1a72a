import Postgres
import Runtime

/// Rules of schools and terms: every statement about them.
struct AttendanceRuleStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    private static let columns = """
        opens_before_minutes, late_after_minutes, absent_after_hours, excuse_before_hours, lend_claim_minutes, warning_after,
        lower_priority_after, lower_priority_days, certificate_percent, feedback_days
        """

    /// Those that hold in a term: its own, else its school's, else the service's.
    func rules(of term: ID<SchoolTerm>) async throws(PostgresError) -> AttendanceRules {
        let row = try await database.query("select \(raw: Self.columns) from school_term_rule where term_id = \(term)").single
        return AttendanceRules(
            opensBeforeMinutes: Int16(try row.decode(0, as: Int32.self)), lateAfterMinutes: Int16(try row.decode(1, as: Int32.self)),
            absentAfterHours: Int16(try row.decode(2, as: Int32.self)), excuseBeforeHours: Int16(try row.decode(3, as: Int32.self)),
            lendClaimMinutes: Int16(try row.decode(4, as: Int32.self)), warningAfter: Int16(try row.decode(5, as: Int32.self)),
            lowerPriorityAfter: Int16(try row.decode(6, as: Int32.self)), lowerPriorityDays: Int16(try row.decode(7, as: Int32.self)),
            certificatePercent: Int16(try row.decode(8, as: Int32.self)), feedbackDays: Int16(try row.decode(9, as: Int32.self)))
    }

    /// Sets those of a school, or of one of its terms.
    func set(
        _ rules: AttendanceRules, of school: ID<School>, term: ID<SchoolTerm>?, by subject: String, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            insert into school_rule as known (school_id, term_id, \(raw: Self.columns), changed_by, changed_at)
            values (\(school), \(term), \(rules.opensBeforeMinutes), \(rules.lateAfterMinutes), \(rules.absentAfterHours),
                \(rules.excuseBeforeHours), \(rules.lendClaimMinutes), \(rules.warningAfter), \(rules.lowerPriorityAfter),
                \(rules.lowerPriorityDays), \(rules.certificatePercent), \(rules.feedbackDays), \(subject),
                clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')
            on conflict on constraint school_rule_is_one_a_school_or_term do update
            set (\(raw: Self.columns), version, changed_by, changed_at) = (
                excluded.opens_before_minutes, excluded.late_after_minutes, excluded.absent_after_hours, excluded.excuse_before_hours,
                excluded.lend_claim_minutes, excluded.warning_after, excluded.lower_priority_after, excluded.lower_priority_days,
                excluded.certificate_percent, excluded.feedback_days, known.version + 1, excluded.changed_by, excluded.changed_at)
            """)
    }
}
