package import Postgres
import Programs
package import Registry
package import Runtime

/// Enrolments: one decision for all who wait, and every statement about them.
package struct EnrolmentStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64
    private let deciding: EnrolmentDeciding
    private let coalescers: PerLoop<Lanes>

    /// What the coalescers did, over all loops.
    package let figures = CoalescerFigures("enrolments")

    /// Largest batch. All of a course wait for one lock anyhow, so a lane has one batch under way and gathers the next meanwhile.
    package static let batchMax = 128

    /// Of one loop: classes with even numbers and those with odd ones, so that half of them are decided while the others' batch commits.
    private struct Lanes: Sendable {
        let even: Coalescer<EnrolmentRequest, EnrolmentRequest.Outcome>
        let odd: Coalescer<EnrolmentRequest, EnrolmentRequest.Outcome>
    }

    /// - Parameter clock: its offset is added to the database's clock in every decision.
    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
        let lane = database.lane("enrolments", connections: 2)
        let deciding = EnrolmentDeciding(
            audiences: FrozenAudiences(), candidates: CandidateStore(database), clockOffsetMicroseconds: clock.offsetMicroseconds)
        self.deciding = deciding
        coalescers = PerLoop(database.loops) { [figures] loop in
            func make() -> Coalescer<EnrolmentRequest, EnrolmentRequest.Outcome> {
                Coalescer(figures, loop: loop, batchMax: Self.batchMax, inFlight: 1) { (requests) async throws(PostgresError) in
                    try await deciding.enrol(requests, in: lane)
                }
            }
            return Lanes(even: make(), odd: make())
        }
    }

    // MARK: Deciding

    /// Decides one request, together with those that wait beside it.
    package func enrol(_ request: EnrolmentRequest) async throws(PostgresError) -> EnrolmentRequest.Outcome {
        let lanes = coalescers.current
        return try await (request.wishes.first.map { $0.rawValue & 1 } == 1 ? lanes.odd : lanes.even).submit(request)
    }

    /// Decides these in their order, in one transaction.
    package func enrol(batch requests: [EnrolmentRequest]) async throws(PostgresError) -> [EnrolmentRequest.Outcome] {
        try await deciding.enrol(requests, in: database)
    }

    /// What became of a move.
    package enum Moved: String, Sendable {
        case moved, unchanged
        case enrolmentUnknown = "enrolment_unknown"
        case notAllowed = "not_allowed"
        case offerOver = "offer_over"
        case notDue = "not_due"
    }

    /// Moves one enrolment of a person; what came free is offered at once.
    package func move(
        _ enrolment: ID<Enrolment>, of member: ID<Member>, to state: Enrolment.State, reason: String? = nil, by subject: String,
        in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> Moved {
        let row = try await (querying ?? database).query(
            """
            select outcome
            from night_school_move_enrolments(
                \([member]), \([enrolment]), \([state.rawValue]), \([reason]), \(subject), \(clockOffsetMicroseconds))
            """
        ).single
        return try row.decodeOption(0)
    }

    /// What became of other wishes for an application.
    package enum Changed: Sendable {
        /// Applied, repeated or refused; refused leaves the application as it was.
        case decided(EnrolmentRequest.Outcome)
        case enrolmentUnknown
        /// It is no application to a draw whose window is open, or the wishes are for something else.
        case notAllowed
    }

    private struct Undone: Error { let changed: Changed }

    /// Replaces the wishes of an application: it is withdrawn and handed in anew, as one step. The new one has another number and ticket.
    package func change(
        _ enrolment: ID<Enrolment>, to request: EnrolmentRequest
    ) async throws -> Changed {
        do {
            return try await database.inTransaction { transaction in
                _ = try await transaction.query(
                    """
                    select night_school_hold_courses(wishes || \(request.wishes)) from enrolment
                    where member_id = \(request.memberID) and enrolment_id = \(enrolment)
                    """)
                guard let before = try await find(enrolment, of: request.memberID, in: transaction) else { return .enrolmentUnknown }
                let moved = try await move(enrolment, of: request.memberID, to: .withdrawn, by: request.subject, in: transaction)
                guard before.state == .applied && moved == .moved || before.state == .withdrawn else {
                    throw Undone(changed: .notAllowed)
                }
                let outcome = try await deciding.enrol([request], in: transaction)
                switch outcome.first {
                case .repeated: break
                case .applied(let id) where before.state == .applied:
                    let after = try await find(id, of: request.memberID, in: transaction)
                    guard after?.courseId == before.courseId else { throw Undone(changed: .notAllowed) }
                case .some(.refused(let faults)) where before.state == .applied:
                    throw Undone(changed: .decided(.refused(faults)))
                case .some(.conflict), .some(.classUnknown), .some(.memberUnknown):
                    throw Undone(changed: outcome.first.map { .decided($0) } ?? .notAllowed)
                default: throw Undone(changed: .notAllowed)
                }
                return outcome.first.map { .decided($0) } ?? .notAllowed
            }
        } catch let undone as Undone {
            return undone.changed
        }
    }

    /// Offers what is free in these classes to who waits longest.
    /// - Returns: how many were offered a seat.
    @discardableResult
    package func giveSeats(
        of classes: [ID<SchoolClass>], by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> Int32 {
        try await querying.query("select night_school_give_seats(\(classes), \(subject), \(clockOffsetMicroseconds))").single.decode(0)
    }

    /// Ends the enrolments of who is no member any more, or passes them on to whom they were merged into; of an active member nothing.
    /// - Returns: how many ended or went over.
    @discardableResult
    func follow(
        _ members: [ID<Member>], because reason: String, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> Int32 {
        // All of their courses at once, in one order.
        _ = try await querying.query(
            """
            select night_school_hold_courses(array(
                select unnest(wishes) from enrolment
                where member_id = any(\(members)) and state in ('applied', 'seated', 'waitlisted', 'offered')))
            """)
        var changed: Int32 = 0
        for member in members {
            changed += try await querying.query(
                "select night_school_follow_member(\(member), \(reason), \(subject), \(clockOffsetMicroseconds))"
            ).single.decode(0, as: Int32.self)
        }
        return changed
    }

    /// Members who have left with enrolments that go on, and why they have; of draws that are at hand, only what is decided.
    func leavers(limit: Int) async throws(PostgresError) -> [(member: ID<Member>, reason: String)] {
        var found: [(member: ID<Member>, reason: String)] = []
        for row in try await database.query(
            """
            select distinct member.member_id,
                case
                    when member.merged_into is not null then 'member_merged'
                    when member.erased_at is not null then 'member_erased'
                    else 'member_left'
                end
            from enrolment
            join member on member.member_id = enrolment.member_id
            left join school_draw on school_draw.draw_id = enrolment.draw_id
            where enrolment.state in ('applied', 'seated', 'waitlisted', 'offered') and member.status = 'left'
                and (enrolment.state <> 'applied' or school_draw.closes_at > \(fragment: instant))
            order by member.member_id
            limit \(limit)
            """)
        { found.append((try row.decode(0), try row.decode(1))) }
        return found
    }

    /// Holds the seats of the class's course, before any of them is changed.
    func holdCourse(of id: ID<SchoolClass>, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query("select night_school_hold_courses(\([id]))")
    }

    /// Ends what a class that is over leaves behind.
    func end(
        _ id: ID<SchoolClass>, isCancelled: Bool, reason: String?, by subject: String, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            "select night_school_end_enrolments(\(id), \(isCancelled), \(reason), \(subject), \(clockOffsetMicroseconds))")
    }

    // MARK: Due by the clock

    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    /// Lets offers lapse whose time is over.
    func lapseOffers(limit: Int, by subject: String, in querying: any Querying) async throws(PostgresError) -> Int {
        try await querying.query(
            """
            select moved.ordinality
            from (
                select array_agg(member_id) as members, array_agg(enrolment_id) as enrolments, array_agg('lapsed'::text) as states,
                    array_agg(null::text) as reasons
                from (
                    select member_id, enrolment_id from enrolment
                    where state = 'offered' and offered_until <= \(fragment: instant)
                    order by offered_until, member_id, enrolment_id
                    limit \(limit)
                ) due
                having count(*) > 0
            ) due
            cross join lateral night_school_move_enrolments(
                due.members, due.enrolments, due.states, due.reasons, \(subject), \(clockOffsetMicroseconds)) moved
            """
        ).count
    }

    /// Classes with a free seat for which somebody waits: who could have none when it came free may have one now.
    func idle() async throws(PostgresError) -> [ID<SchoolClass>] {
        var ids: [ID<SchoolClass>] = []
        for row in try await database.query(
            """
            select class_id from school_class join class_seat_count using (class_id)
            where state in ('published', 'running') and waiting > 0 and capacity > seated + offered
            order by class_id
            """)
        { ids.append(try row.decode(0)) }
        return ids
    }

    // MARK: Reading

    static func audiences(
        _ ids: [ID<SchoolClass>], in querying: any Querying
    ) async throws(PostgresError) -> [ID<SchoolClass>: Condition?] {
        var found: [ID<SchoolClass>: Condition?] = [:]
        for row in try await querying.query(
            "select class_id, audience::text from school_class where class_id = any(\(ids)) and published_at is not null")
        {
            let text: String? = try row.decode(1)
            found.updateValue(
                try text.map { text throws(PostgresError) in try ClassListStore.json(text, as: Condition.self) },
                forKey: try row.decode(0))
        }
        return found
    }

    static func lesson(
        _ id: ID<SchoolClass>, _ number: Int32, in querying: any Querying
    ) async throws(PostgresError) -> ClashingLesson? {
        let rows = try await querying.query(
            """
            select course.title, course.title_en, school_class.label, lesson.starts_at
            from lesson join school_class using (class_id) join course using (course_id)
            where lesson.class_id = \(id) and lesson.number = \(Int16(clamping: number))
            """)
        return try rows.first.map { row throws(PostgresError) in
            ClashingLesson(
                title: try row.decode(0), titleEn: try row.decode(1), label: try row.decode(2), number: number,
                startsAt: try row.decode(3))
        }
    }

    /// Best place in a queue of who waits, from 1; nil for all others.
    private static let place = """
        (
            select min(ahead.place)
            from unnest(enrolment.wishes) as wish (id)
            cross join lateral (
                select count(*)::integer as place
                from class_queue
                where class_queue.class_id = wish.id and class_queue.queue_number <= enrolment.queue_number
            ) ahead
            where enrolment.state = 'waitlisted' and ahead.place > 0
        )
        """

    private static let columns = """
        enrolment.enrolment_id, enrolment.state, enrolment.term_id, enrolment.course_id, course.title, course.title_en,
        enrolment.class_id, school_class.label, enrolment.wishes, enrolment.offered_until, enrolment.reason, enrolment.version,
        enrolment.enrolled_at, enrolment.changed_at
        """

    private static func read(
        _ filter: SQL, place: String = place, in querying: any Querying
    ) async throws(PostgresError) -> [OwnEnrolment] {
        var found: [OwnEnrolment] = []
        for row in try await querying.query(
            """
            select \(raw: columns), \(raw: place)::integer as place
            from enrolment
            join course using (course_id)
            left join school_class using (class_id)
            where \(fragment: filter)
            """)
        { found.append(try own(row)) }
        return found
    }

    /// A person's enrolments, the newest first.
    func list(of member: ID<Member>) async throws(PostgresError) -> [OwnEnrolment] {
        try await Self.read("enrolment.member_id = \(member) order by enrolment.enrolment_id desc limit 200", in: database)
    }

    /// What became of these members' enrolments, to be taken away.
    func entries(of members: [ID<Member>], in querying: any Querying) async throws(PostgresError) -> [OwnEnrolment] {
        try await Self.read(
            "enrolment.member_id = any(\(members)) order by enrolment.enrolled_at, enrolment.enrolment_id", place: "null", in: querying)
    }

    func find(
        _ id: ID<Enrolment>, of member: ID<Member>, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> OwnEnrolment? {
        try await Self.read("enrolment.member_id = \(member) and enrolment.enrolment_id = \(id)", in: querying ?? database).first
    }

    private static func own(_ row: Row) throws(PostgresError) -> OwnEnrolment {
        OwnEnrolment(
            id: try row.decode(0), state: try row.decodeOption(1), termId: try row.decode(2), courseId: try row.decode(3),
            title: try row.decode(4), titleEn: try row.decode(5), classId: try row.decode(6), label: try row.decode(7),
            wishes: try row.decode(8, as: [Int64].self).map { ID($0) }, place: try row.decode(14), odds: nil,
            offeredUntil: try row.decode(9),
            reason: try row.decode(10), version: try row.decode(11), enrolledAt: try row.decode(12), changedAt: try row.decode(13))
    }
}
