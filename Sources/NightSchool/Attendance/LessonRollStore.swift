import HTTP
import Postgres
import Registry
import Runtime

/// Rolls of lessons: every statement that reads and writes them, scans left out.
struct LessonRollStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    /// The service's time in SQL: the database's clock, moved by `--clock-offset`.
    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    func now() async throws(PostgresError) -> Timestamp {
        try await database.query("select \(fragment: instant)").single.decode(0)
    }

    // MARK: Devices and rooms

    /// The room in which a device stands.
    func room(of device: ID<Device>) async throws(PostgresError) -> ID<Classroom>? {
        try await database.query("select room_id from classroom_device where device_id = \(device)").first.map {
            row throws(PostgresError) in try row.decode(0)
        }
    }

    /// Binds a device, from wherever it stood before.
    /// - Returns: whether it stood elsewhere or nowhere.
    func bind(
        _ device: ID<Device>, to room: ID<Classroom>, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> Bool {
        try await querying.query(
            """
            insert into classroom_device as known (device_id, room_id, bound_by, bound_at)
            values (\(device), \(room), \(subject), \(fragment: instant))
            on conflict on constraint classroom_device_pkey do update
            set room_id = excluded.room_id, bound_by = excluded.bound_by, bound_at = excluded.bound_at
            where known.room_id <> excluded.room_id
            """
        ).affectedRows == 1
    }

    /// - Returns: whether it stood there.
    func unbind(_ device: ID<Device>, from room: ID<Classroom>, in querying: any Querying) async throws(PostgresError) -> Bool {
        try await querying.query("delete from classroom_device where device_id = \(device) and room_id = \(room)").affectedRows == 1
    }

    // MARK: Reading

    /// A lesson of a class that was published.
    static func lessonStatement(_ filter: SQL) -> SQL {
        """
        select
            lesson.class_id, lesson.number, course.title, school_class.label, lesson.state, lesson.starts_at, lesson.ends_at,
            lesson.starts_at - rule.opens_before_minutes * interval '1 minute',
            lesson.starts_at + rule.late_after_minutes * interval '1 minute'
        from lesson
        join school_class using (class_id)
        join course using (course_id)
        join school_term_rule rule on rule.term_id = school_class.term_id
        where \(fragment: filter) and school_class.published_at is not null
        order by lesson.starts_at, lesson.class_id
        limit 200
        """
    }

    /// Who has a seat at these lessons, in no order.
    static func linesStatement(_ classes: [ID<SchoolClass>], _ numbers: [Int16]) -> SQL {
        """
        select
            asked.n, person.numbers, seat.is_guest, coalesce(lent.state = 'taken', false), mark.state, mark.source, mark.occurred_at
        from unnest(\(classes), \(numbers)) with ordinality as asked (class_id, number, n)
        cross join lateral (
            select enrolment.member_id, enrolment.enrolment_id, false as is_guest
            from enrolment
            where enrolment.class_id = asked.class_id and enrolment.state in ('seated', 'completed')
            union all
            select lesson_seat.guest_member_id, lesson_seat.guest_enrolment_id, true
            from lesson_seat
            where lesson_seat.class_id = asked.class_id and lesson_seat.number = asked.number and lesson_seat.state = 'taken'
            offset 0
        ) seat
        cross join lateral (
            select array[own.id] || array(
                select merged.member_id from member merged where merged.merged_into = own.id order by merged.member_id) as numbers
            from (
                select coalesce(member.merged_into, member.member_id) as id from member where member.member_id = seat.member_id
            ) own
            offset 0
        ) person
        left join lateral (
            select lesson_seat.state
            from lesson_seat
            where lesson_seat.class_id = asked.class_id and lesson_seat.number = asked.number
                and lesson_seat.enrolment_id = seat.enrolment_id
            offset 0
        ) lent on true
        left join lateral (
            select known.state, known.source, known.occurred_at
            from lesson_attendance known
            where known.class_id = asked.class_id and known.number = asked.number and known.enrolment_id = seat.enrolment_id
            offset 0
        ) mark on true
        order by asked.n, person.numbers
        """
    }

    /// One roll, its lines without names.
    func roll(of id: ID<SchoolClass>, _ number: Int16, in querying: (any Querying)? = nil) async throws(PostgresError) -> LessonRoll? {
        try await rolls("lesson.class_id = \(id) and lesson.number = \(number)", in: querying ?? database).first
    }

    /// Rolls of a room's lessons around now.
    func rolls(in room: ID<Classroom>) async throws(PostgresError) -> [LessonRoll] {
        try await rolls(
            """
            lesson.room_id = \(room) and lesson.state <> 'cancelled' and \(fragment: isAround)
            """, in: database)
    }

    /// What a room's device is told of, and so may mark, whatever network it had meanwhile.
    private var isAround: SQL {
        "lesson.ends_at > \(fragment: instant) - interval '12 hours' and lesson.starts_at < \(fragment: instant) + interval '36 hours'"
    }

    /// Whether it is a room's lesson around now.
    func isAtHand(_ id: ID<SchoolClass>, _ number: Int16, in room: ID<Classroom>) async throws(PostgresError) -> Bool {
        try await !database.query(
            """
            select
            from lesson
            where lesson.class_id = \(id) and lesson.number = \(number) and lesson.room_id = \(room) and \(fragment: isAround)
            """
        ).isEmpty
    }

    private func rolls(_ filter: SQL, in querying: any Querying) async throws(PostgresError) -> [LessonRoll] {
        var rolls: [LessonRoll] = []
        for row in try await querying.query(Self.lessonStatement(filter)) {
            rolls.append(
                LessonRoll(
                    classId: try row.decode(0), number: Int32(try row.decode(1, as: Int16.self)), title: try row.decode(2),
                    label: try row.decode(3), state: try row.decodeOption(4), startsAt: try row.decode(5), endsAt: try row.decode(6),
                    opensAt: try row.decode(7), lateAt: try row.decode(8), lines: []))
        }
        let asked = (rolls.map(\.classId), rolls.map { Int16(clamping: $0.number) })
        for row in try await querying.query(Self.linesStatement(asked.0, asked.1)) {
            let position = Int(try row.decode(0, as: Int64.self)) - 1
            rolls[position].lines.append(
                LessonRoll.Line(
                    memberIds: try row.decode(1, as: [Int64].self).map { ID($0) }, maskedName: nil, isGuest: try row.decode(2),
                    isLent: try row.decode(3), state: try row.decode(4, as: String?.self).flatMap(AttendanceState.init(rawValue:)),
                    source: try row.decode(5), occurredAt: try row.decode(6)))
        }
        return rolls
    }

    /// Whether one of these numbers teaches the lesson.
    func isTaught(
        _ id: ID<SchoolClass>, _ number: Int16, by members: [ID<Member>], in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> Bool {
        try await !(querying ?? database).query(
            """
            select
            from lesson
            join school_class using (class_id)
            join teacher on teacher.teacher_id = coalesce(lesson.teacher_id, school_class.teacher_id)
            where lesson.class_id = \(id) and lesson.number = \(number) and teacher.member_id = any(\(members))
            """
        ).isEmpty
    }

    // MARK: Marks

    /// What became of each line, in their order: recorded, unchanged, or what is against it. Nil: there is no such lesson.
    func mark(
        _ items: [LessonMarksBody.Item], of id: ID<SchoolClass>, _ number: Int16, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> [(isNew: Bool, reason: AttendanceReason?)]? {
        let rows = try await querying.query(
            """
            select ordinality, outcome
            from night_school_mark(
                \(id), \(number), \(items.map(\.memberId)), \(items.map(\.state.rawValue)), \(items.map(\.occurredAt)), \(subject),
                \(clockOffsetMicroseconds))
            order by ordinality
            """)
        if rows.isEmpty { return nil }
        var outcomes: [(isNew: Bool, reason: AttendanceReason?)] = []
        for row in rows {
            let outcome: String = try row.decode(1)
            let reason = AttendanceReason(rawValue: outcome)
            guard reason != nil || outcome == "recorded" || outcome == "unchanged" else {
                throw .decoding("an outcome unknown to this version")
            }
            outcomes.append((outcome == "recorded", reason))
        }
        return outcomes
    }

    /// What became of an announcement.
    enum Excused: String, Sendable {
        case excused, unchanged
        case lessonUnknown = "lesson_unknown"
        case noSeat = "no_seat"
        case lessonCancelled = "lesson_cancelled"
        case tooLate = "too_late"
        case alreadyMarked = "already_marked"
    }

    /// Says that a member will not come.
    func excuse(
        _ member: ID<Member>, from id: ID<SchoolClass>, _ number: Int16, by subject: String
    ) async throws(PostgresError) -> (outcome: Excused, until: Timestamp?) {
        let row = try await database.query(
            "select outcome, excuse_until from night_school_excuse(\(member), \(id), \(number), \(subject), \(clockOffsetMicroseconds))"
        ).single
        return (try row.decodeOption(0), try row.decode(1))
    }

    // MARK: By the clock

    /// What is done by the clock, in this order.
    enum Step: String, Sendable {
        case closeRolls = "night_school_close_rolls"
        case weighAbsences = "night_school_weigh_absences"
        case certify = "night_school_certify"
    }

    /// - Returns: how many lessons, changes or classes were done.
    func run(_ step: Step, _ wanted: Int32, in querying: any Querying) async throws(PostgresError) -> Int32 {
        try await querying.query("select \(raw: step.rawValue)(\(wanted), \(clockOffsetMicroseconds))").single.decode(0)
    }

    // MARK: Rates

    static func ratesStatement(_ id: ID<SchoolClass>, _ member: ID<Member>?, _ enrolment: ID<Enrolment>?) -> SQL {
        """
        select member_id, enrolment_id, state, attended, late, excused, absent, came, counted
        from night_school_rates(\(id), \(member), \(enrolment))
        order by member_id, enrolment_id
        """
    }

    struct Rate: Sendable {
        let memberID: ID<Member>
        let enrolmentID: ID<Enrolment>
        let state: Enrolment.State
        let rate: AttendanceRate
    }

    /// Of a class, or of one enrolment of it.
    func rates(
        of id: ID<SchoolClass>, member: ID<Member>? = nil, enrolment: ID<Enrolment>? = nil
    ) async throws(PostgresError) -> [Rate] {
        var rates: [Rate] = []
        for row in try await database.query(Self.ratesStatement(id, member, enrolment)) {
            let (came, counted): (Int32, Int32) = (try row.decode(7), try row.decode(8))
            rates.append(
                Rate(
                    memberID: try row.decode(0), enrolmentID: try row.decode(1), state: try row.decodeOption(2),
                    rate: AttendanceRate(
                        attended: try row.decode(3), late: try row.decode(4), excused: try row.decode(5), absent: try row.decode(6),
                        percent: counted == 0 ? nil : came * 100 / counted)))
        }
        return rates
    }

    /// A person's marks under an enrolment, evenings as a guest among them.
    func marks(of enrolment: ID<Enrolment>, member: ID<Member>) async throws(PostgresError) -> [OwnAttendance.Mark] {
        var marks: [OwnAttendance.Mark] = []
        for row in try await database.query(
            """
            select mark.number, lesson.starts_at, mark.state, mark.is_guest, mark.source
            from lesson_attendance mark
            join lesson using (class_id, number)
            where mark.member_id = \(member) and mark.enrolment_id = \(enrolment)
            order by lesson.starts_at
            limit 400
            """)
        {
            marks.append(
                OwnAttendance.Mark(
                    number: Int32(try row.decode(0, as: Int16.self)), startsAt: try row.decode(1), state: try row.decodeOption(2),
                    isGuest: try row.decode(3), source: try row.decode(4)))
        }
        return marks
    }

    /// Where an enrolment's seat is, among those of a person's numbers.
    func seat(
        _ enrolment: ID<Enrolment>, of members: [ID<Member>]
    ) async throws(PostgresError) -> (member: ID<Member>, classID: ID<SchoolClass>?, state: Enrolment.State)? {
        try await database.query(
            "select member_id, class_id, state from enrolment where member_id = any(\(members)) and enrolment_id = \(enrolment)"
        ).first.map { row throws(PostgresError) in (try row.decode(0), try row.decode(1), try row.decodeOption(2)) }
    }
}
