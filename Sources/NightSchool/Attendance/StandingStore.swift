import HTTP
import Postgres
import Registry
import Runtime

/// Standings and appeals: every statement about them but the one that weighs absences.
struct StandingStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    private static let columns = """
        standing.standing_id, standing.kind, standing.member_id, standing.term_id, standing.class_id, course.title, school_class.label,
        standing.enrolment_id, standing.absences, standing.threshold, standing.from_on, standing.until_on, standing.created_at,
        standing.lifted_at, standing.lift_reason, appeal.ground, appeal.state, appeal.filed_at, appeal.decision_reason, appeal.decided_at
        """

    private static let tables = """
        enrolment_standing standing
        join school_class on school_class.class_id = standing.class_id
        join course on course.course_id = school_class.course_id
        left join standing_appeal appeal on appeal.standing_id = standing.standing_id
        """

    private func read(_ filter: SQL, in querying: (any Querying)? = nil) async throws(PostgresError) -> [Standing] {
        var found: [Standing] = []
        for row in try await (querying ?? database).query(
            "select \(raw: Self.columns) from \(raw: Self.tables) where \(fragment: filter)")
        { found.append(try Self.standing(row)) }
        return found
    }

    private static func standing(_ row: Row) throws(PostgresError) -> Standing {
        var appeal: Standing.Appeal?
        if try row.decode(15, as: String?.self) != nil {
            appeal = Standing.Appeal(
                ground: try row.decodeOption(15), state: try row.decodeOption(16), filedAt: try row.decode(17),
                decisionReason: try row.decode(18), decidedAt: try row.decode(19))
        }
        return Standing(
            id: try row.decode(0), kind: try row.decodeOption(1), memberId: try row.decode(2), maskedName: nil, termId: try row.decode(3),
            classId: try row.decode(4), title: try row.decode(5), label: try row.decode(6), enrolmentId: try row.decode(7),
            absences: Int32(try row.decode(8, as: Int16.self)), threshold: Int32(try row.decode(9, as: Int16.self)),
            from: try row.decode(10), until: try row.decode(11), createdAt: try row.decode(12), liftedAt: try row.decode(13),
            liftReason: try row.decode(14), appeal: appeal)
    }

    /// A person's, the newest first.
    func list(of members: [ID<Member>], in querying: (any Querying)? = nil) async throws(PostgresError) -> [Standing] {
        try await read("standing.member_id = any(\(members)) order by standing.standing_id desc limit 200", in: querying)
    }

    /// Of a school, in the order of their numbers, from the one after `after`.
    /// - Parameter isAppealed: those only that wait for a decision.
    func list(
        of school: ID<School>, isAppealed: Bool, after: ID<Standing>?, limit: Int
    ) async throws(PostgresError) -> [Standing] {
        let only: SQL = isAppealed ? "appeal.state = 'filed'" : "true"
        return try await read(
            """
            standing.school_id = \(school) and standing.standing_id > \(after?.rawValue ?? 0) and \(fragment: only)
            order by standing.standing_id
            limit \(limit)
            """)
    }

    /// One, and whose school it is; held with its appeal where it is to change.
    func find(
        _ id: ID<Standing>, isHeld: Bool = false, in querying: any Querying
    ) async throws(PostgresError) -> (standing: Standing, school: ID<School>)? {
        if isHeld {
            _ = try await querying.query("select from enrolment_standing where standing_id = \(id) for no key update")
        }
        guard let found = try await read("standing.standing_id = \(id)", in: querying).first else { return nil }
        let school: ID<School> = try await querying.query(
            "select school_id from enrolment_standing where standing_id = \(id)"
        ).single.decode(0)
        return (found, school)
    }

    // MARK: Appeals; of a standing that is held

    func appeal(
        _ id: ID<Standing>, _ ground: Standing.Ground, by subject: String, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            insert into standing_appeal (standing_id, ground, filed_by, filed_at)
            values (\(id), \(ground.rawValue), \(subject), \(fragment: instant))
            """)
    }

    func decide(
        _ id: ID<Standing>, accepted: Bool, reason: String?, by subject: String, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update standing_appeal
            set state = \(accepted ? "accepted" : "refused"), decision_reason = \(reason), decided_by = \(subject),
                decided_at = \(fragment: instant)
            where standing_id = \(id)
            """)
        guard accepted else { return }
        _ = try await querying.query(
            """
            update enrolment_standing
            set lifted_at = \(fragment: instant), lifted_by = \(subject), lift_reason = 'appeal_accepted'
            where standing_id = \(id)
            """)
    }

    // MARK: Telling

    /// What somebody is to be told.
    struct Notice: Sendable {
        enum Step: String, Sendable { case began, accepted, refused }

        let standingID: ID<Standing>
        let memberID: ID<Member>
        let organizationID: ID<Organization>
        let kind: Standing.Kind
        let step: Step
        let absences: Int32

        /// What the person is told. It names no course: whoever reads over a shoulder learns of a night school and a number.
        var notice: MemberNotice {
            let text =
                switch (step, kind) {
                case (.began, .warning):
                    Localized(
                        zh: "夜校提醒：您已 \(absences) 次未请假缺课。如有异议，请登录申诉。",
                        en: "Night school: you missed \(absences) lessons without excuse. If you disagree, sign in and appeal.")
                case (.began, .lowerPriority):
                    Localized(
                        zh: "夜校提醒：您已 \(absences) 次未请假缺课，下学期抽签顺序将靠后，不影响其他权益。如有异议，请登录申诉。",
                        en: "Night school: you missed \(absences) lessons without excuse, so next term's draw puts you behind others; "
                            + "nothing else changes. If you disagree, sign in and appeal.")
                case (.accepted, _):
                    Localized(zh: "您的夜校申诉已通过，相关记录已撤销。", en: "Your night school appeal was accepted; the entry is lifted.")
                case (.refused, _):
                    Localized(zh: "您的夜校申诉未通过，请登录查看原因。", en: "Your night school appeal was refused: sign in to see why.")
                }
            return MemberNotice(
                "school_standing_\(step.rawValue)", text, subject: "standing:\(standingID)",
                parameters: ["kind": kind.rawValue, "absences": "\(absences)"])
        }
    }

    /// New standings and decisions that nobody was told of, noted as told in the caller's transaction.
    func takeUntold(limit: Int, in querying: any Querying) async throws(PostgresError) -> [Notice] {
        var notices: [Notice] = []
        for row in try await querying.query(
            """
            with began as (
                update enrolment_standing
                set told_at = \(fragment: instant)
                where standing_id in (
                    select standing_id from enrolment_standing where told_at is null
                    order by standing_id limit \(limit) for update skip locked)
                returning standing_id, lifted_at
            ),
            decided as (
                update standing_appeal
                set told_at = \(fragment: instant)
                where standing_id in (
                    select standing_id from standing_appeal where state <> 'filed' and told_at is null
                    order by standing_id limit \(limit) for update skip locked)
                returning standing_id, state
            ),
            step as (
                select standing_id, 'began' as step from began where lifted_at is null
                union all
                select standing_id, state from decided
            )
            select standing_id, coalesce(member.merged_into, member.member_id), school.organization_id, standing.kind, step.step,
                standing.absences
            from step
            join enrolment_standing standing using (standing_id)
            join member on member.member_id = standing.member_id
            join school on school.school_id = standing.school_id
            order by standing_id, step.step
            limit \(2 * limit)
            """)
        {
            notices.append(
                Notice(
                    standingID: try row.decode(0), memberID: try row.decode(1), organizationID: try row.decode(2),
                    kind: try row.decodeOption(3), step: try row.decodeOption(4), absences: Int32(try row.decode(5, as: Int16.self))))
        }
        return notices
    }
}
