import Postgres
import Registry
import Runtime

/// Why an enrolment stands as it does: every statement.
struct EnrolmentWhyStore: Sendable {
    let database: Database

    /// - Returns: nil where the place tells nothing.
    func odds(of own: OwnEnrolment, at place: Int32) async throws(PostgresError) -> EnrolmentOdds? {
        let band = EnrolmentOdds.band(of: place)
        let row = try await database.query(Self.oddsStatement(own.courseId, own.termId, band)).single
        let (offered, waited): (Int32, Int32) = (try row.decode(0), try row.decode(1))
        guard waited >= EnrolmentOdds.waitedMin else { return nil }
        return EnrolmentOdds(fromPlace: band.from, toPlace: band.to, waited: waited, offered: offered)
    }

    /// A class that stands in the row is one that was offered, whatever became of it.
    static func oddsStatement(_ course: ID<Course>, _ term: ID<SchoolTerm>, _ band: (from: Int32, to: Int32?)) -> SQL {
        """
        select count(*) filter (where past.class_id is not null)::integer, count(*)::integer
        from course own
        join school_term now on now.term_id = \(term)
        join school_term earlier on earlier.school_id = now.school_id and earlier.ends_on < now.starts_on
        cross join lateral (
            select course.course_id from course
            where course.category_id = own.category_id and course.school_id + 0 = now.school_id
            offset 0
        ) taught
        cross join lateral (
            select enrolment.class_id from enrolment
            where enrolment.course_id = taught.course_id and enrolment.term_id = earlier.term_id
                and enrolment.first_place between \(band.from) and \(band.to ?? .max)
                and (enrolment.class_id is not null or enrolment.state <> 'withdrawn')
            offset 0
        ) past
        where own.course_id = \(course)
        """
    }

    /// - Returns: nil where there is none.
    func facts(of own: OwnEnrolment, _ member: ID<Member>) async throws(PostgresError) -> EnrolmentFacts? {
        let found = try await database.query(
            """
            select school_draw.draw_id, enrolment.ticket, school_draw.closes_at, enrolment.draw_place, school_draw.applicants,
                coalesce(entry.priority > 1, false)
            from enrolment
            left join school_draw on school_draw.draw_id = enrolment.draw_id
            left join school_draw_entry entry
                on entry.member_id = enrolment.member_id and entry.enrolment_id = enrolment.enrolment_id
            where enrolment.member_id = \(member) and enrolment.enrolment_id = \(own.id)
            """)
        guard let row = found.first else { return nil }
        var draw: EnrolmentFacts.Draw?
        if let id = try row.decode(0, as: ID<SchoolDraw>?.self) {
            draw = EnrolmentFacts.Draw(
                id: id, ticket: try row.decode(1), closesAt: try row.decode(2), place: try row.decode(3), applicants: try row.decode(4),
                isLowered: try row.decode(5))
        }
        var wishes: [EnrolmentFacts.Wish] = []
        for row in try await database.query(Self.wishesStatement(own.id, member)) { wishes.append(try await wish(row)) }
        var odds: EnrolmentOdds?
        if let place = own.place { odds = try await self.odds(of: own, at: place) }
        return EnrolmentFacts(draw: draw, wishes: wishes, odds: odds)
    }

    private func wish(_ row: Row) async throws(PostgresError) -> EnrolmentFacts.Wish {
        func lesson(_ first: Int) async throws(PostgresError) -> ClashingLesson? {
            guard let id = try row.decode(first, as: Int64?.self), let number = try row.decode(first + 1, as: Int32?.self) else {
                return nil
            }
            return try await EnrolmentStore.lesson(ID(id), number, in: database)
        }
        return EnrolmentFacts.Wish(
            classID: try row.decode(0), label: try row.decode(1), isOver: try row.decode(2), capacity: try row.decode(3),
            applied: try row.decode(4), waiting: try row.decode(5), place: try row.decode(6), closing: try row.decode(7),
            passed: try row.decode(8, as: String?.self).flatMap(EnrolmentReason.init(rawValue:)), passedLesson: try await lesson(9),
            obstacle: try row.decode(11, as: String?.self).flatMap(EnrolmentReason.init(rawValue:)), obstacleLesson: try await lesson(12))
    }

    /// One row a wish, in their order: what the draw passed over, and what would be in the way now.
    static func wishesStatement(_ id: ID<Enrolment>, _ member: ID<Member>) -> SQL {
        """
        select wish.id, class.label, class.state in ('cancelled', 'ended'), seat.capacity, seat.applied, seat.waiting, queue.place,
            drawn.closing, passed.reason, passed.other, passed.number,
            case
                when own.state <> 'waitlisted' then null
                when person.status <> 'active' then 'school.member_not_active'
                when term.taken >= term.cap then 'school.cap_reached'
                when clash.class_id is not null then 'school.lessons_clash'
            end,
            clash.class_id, clash.number
        from enrolment own
        join member person on person.member_id = own.member_id
        cross join lateral unnest(own.wishes) with ordinality as wish (id, n)
        join school_class class on class.class_id = wish.id
        join class_seat_count seat on seat.class_id = wish.id
        left join lateral (
            select
                (
                    select count(*) from class_queue ahead
                    where ahead.class_id = wish.id and ahead.queue_number <= own.queue_number
                )::integer as place
            from class_queue
            where class_queue.class_id = wish.id and class_queue.queue_number = own.queue_number and own.state = 'waitlisted'
                and class_queue.member_id = own.member_id
        ) queue on true
        left join lateral (
            select school_draw_class.closing from school_draw_class
            where school_draw_class.draw_id = own.draw_id and school_draw_class.class_id = wish.id
        ) drawn on true
        left join lateral (
            select item ->> 'reason' as reason, (item ->> 'otherId')::bigint as other, (item ->> 'number')::integer as number
            from school_draw_entry cross join lateral jsonb_array_elements(school_draw_entry.passed) item
            where school_draw_entry.member_id = own.member_id and school_draw_entry.enrolment_id = own.enrolment_id
                and (item ->> 'classId')::bigint = wish.id
        ) passed on true
        left join lateral (
            select member_term.taken, school_term.enrolment_cap as cap
            from member_term join school_term using (term_id)
            where member_term.member_id = own.member_id and member_term.term_id = own.term_id
        ) term on true
        left join lateral (
            select lesson.class_id, lesson.number::integer as number
            from enrolment mine
            join lesson on lesson.class_id = mine.class_id and lesson.state <> 'cancelled'
            where own.state = 'waitlisted' and mine.member_id = own.member_id and mine.state in ('seated', 'offered')
                and night_school_lesson_times(wish.id) && tstzrange(lesson.starts_at, lesson.ends_at)
            order by lesson.starts_at, lesson.class_id
            limit 1
        ) clash on true
        where own.member_id = \(member) and own.enrolment_id = \(id)
        order by wish.n
        """
    }
}
