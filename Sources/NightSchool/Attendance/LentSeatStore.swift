import HTTP
import Postgres
import Registry
import Runtime

/// A seat of one evening, as it is offered to somebody who waits.
struct LentSeat: Codable, Sendable, APIType {
    enum Outcome: String, Codable, CaseIterable, Sendable {
        case waiting, taken, declined, lapsed
        /// Its own person came after all.
        case withdrawn
    }

    let classId: ID<SchoolClass>
    let number: Int32
    let title: String
    let label: String
    let startsAt: Timestamp
    let endsAt: Timestamp
    let outcome: Outcome
    let offeredUntil: Timestamp

    static let schema = Schema.object(
        "LentSeat", "A seat of one evening that you were offered",
        [
            .required("classId", .id), .required("number", .integer(1...400)), .required("title", .string(1...100)),
            .required("label", .string(1...40)), .required("startsAt", .dateTime), .required("endsAt", .dateTime),
            .required("outcome", .oneOf(Outcome.allCases.map(\.rawValue)), "waiting: take it or leave it until offeredUntil"),
            .required("offeredUntil", .dateTime),
        ])
}

struct LentSeatList: Codable, Sendable, APIType {
    let items: [LentSeat]

    static let schema = Schema.object(
        "LentSeatList", "The newest first", [.required("items", .array(of: LentSeat.schema, 0...100))])
}

/// Lent seats: every statement about them, those of the rolls left out.
struct LentSeatStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    /// What became of an answer.
    enum Answered: String, Sendable { case taken, declined, unchanged, over, busy, unknown }

    func answer(
        _ id: ID<SchoolClass>, _ number: Int16, of members: [ID<Member>], takes: Bool
    ) async throws(PostgresError) -> Answered {
        try await database.query(
            "select night_school_answer_seat(\(members), \(id), \(number), \(takes), \(clockOffsetMicroseconds))"
        ).single.decodeOption(0)
    }

    func offers(to members: [ID<Member>]) async throws(PostgresError) -> [LentSeat] {
        var offers: [LentSeat] = []
        for row in try await database.query(
            """
            select asked.class_id, asked.number, course.title, school_class.label, lesson.starts_at, lesson.ends_at, asked.outcome,
                asked.offered_until
            from lesson_seat_offer asked
            join lesson using (class_id, number)
            join school_class using (class_id)
            join course using (course_id)
            where asked.guest_member_id = any(\(members))
            order by asked.offered_at desc, asked.class_id, asked.number
            limit 100
            """)
        {
            offers.append(
                LentSeat(
                    classId: try row.decode(0), number: Int32(try row.decode(1, as: Int16.self)), title: try row.decode(2),
                    label: try row.decode(3), startsAt: try row.decode(4), endsAt: try row.decode(5), outcome: try row.decodeOption(6),
                    offeredUntil: try row.decode(7)))
        }
        return offers
    }

    // MARK: By the clock

    /// Lessons with a seat that is to be offered, to be passed on, or that nobody can take any more.
    func due(limit: Int) async throws(PostgresError) -> [(id: ID<SchoolClass>, number: Int16)] {
        var due: [(id: ID<SchoolClass>, number: Int16)] = []
        for row in try await database.query(
            """
            select distinct seat.class_id, seat.number
            from lesson_seat seat
            join lesson using (class_id, number)
            where seat.state in ('open', 'offered')
                and (lesson.starts_at <= \(fragment: instant) or lesson.state = 'cancelled' or seat.offered_until <= \(fragment: instant)
                    or seat.state = 'open' and exists (
                        select from class_queue queue
                        where queue.class_id = seat.class_id
                            and not exists (
                                select from lesson_seat_offer asked
                                where asked.class_id = seat.class_id and asked.number = seat.number
                                    and asked.guest_enrolment_id = queue.enrolment_id)))
            order by seat.class_id, seat.number
            limit \(limit)
            """)
        { due.append((try row.decode(0), try row.decode(1))) }
        return due
    }

    /// Passes on what is due of one lesson.
    func passOn(_ id: ID<SchoolClass>, _ number: Int16, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query("select night_school_hold_rolls(\([id]), \([number]))")
        _ = try await querying.query("select night_school_lend_seats(\(id), \(number), \(clockOffsetMicroseconds))")
    }

    /// An offer that its person is to be told of.
    struct Offer: Sendable {
        let classID: ID<SchoolClass>
        let number: Int16
        let memberID: ID<Member>
        let organizationID: ID<Organization>
        let startsAt: Timestamp
        let until: Timestamp
    }

    /// Those that still wait for an answer and were not told, noted as told in the caller's transaction.
    func takeUntold(limit: Int, in querying: any Querying) async throws(PostgresError) -> [Offer] {
        var offers: [Offer] = []
        for row in try await querying.query(
            """
            with due as (
                select asked.class_id, asked.number, asked.guest_enrolment_id
                from lesson_seat_offer asked
                where asked.told_at is null
                order by asked.offered_at, asked.class_id, asked.number
                limit \(limit)
                for update skip locked
            ),
            told as (
                update lesson_seat_offer asked
                set told_at = \(fragment: instant)
                from due
                where asked.class_id = due.class_id and asked.number = due.number and asked.guest_enrolment_id = due.guest_enrolment_id
                returning asked.class_id, asked.number, asked.guest_member_id, asked.outcome, asked.offered_until
            )
            select told.class_id, told.number, coalesce(member.merged_into, member.member_id), school.organization_id, lesson.starts_at,
                told.offered_until
            from told
            join member on member.member_id = told.guest_member_id
            join lesson on lesson.class_id = told.class_id and lesson.number = told.number
            join school_class on school_class.class_id = told.class_id
            join school on school.school_id = school_class.school_id
            where told.outcome = 'waiting' and told.offered_until > \(fragment: instant)
            order by told.class_id, told.number, told.guest_member_id
            """)
        {
            offers.append(
                Offer(
                    classID: try row.decode(0), number: try row.decode(1), memberID: try row.decode(2), organizationID: try row.decode(3),
                    startsAt: try row.decode(4), until: try row.decode(5)))
        }
        return offers
    }
}
