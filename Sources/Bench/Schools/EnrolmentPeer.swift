/// The peer of enrolments: the same rows by one transaction each, that locks the class, looks for a clash and at the cap, and writes the
/// seat or the place in the queue.
enum EnrolmentPeer {
    static let script = #"""
        \set member random(1, :members)
        \set class random(:first, :last)
        begin;
        select
            seat.seated + seat.offered < seat.capacity as has_seat, class.course_id, class.term_id, term.enrolment_cap as cap,
            class.state in ('published', 'running') and class.opens_at <= now() and class.closes_at > now() as is_open
        from class_seat_count seat
        join school_class class on class.class_id = seat.class_id
        join school_term term on term.term_id = class.term_id
        where seat.class_id = :class
        for no key update of seat \gset
        select count(*) filter (where held.state in ('seated', 'offered')) < :cap and coalesce(bool_and(held.course_id <> :course_id), true)
            and not exists (
                select from enrolment mine
                join lesson taken on taken.class_id = mine.class_id
                join lesson wanted
                    on wanted.class_id = :class and wanted.starts_at < taken.ends_at and taken.starts_at < wanted.ends_at
                where mine.member_id = :member and mine.state in ('seated', 'offered')) as is_fine
        from enrolment held
        where held.member_id = :member and held.term_id = :term_id and held.state in ('seated', 'offered', 'waitlisted') \gset
        \if :is_open
        \if :is_fine
        \if :has_seat
        insert into enrolment (
            member_id, term_id, course_id, state, class_id, wishes, request_id, answer, enrolled_by, enrolled_at, changed_at)
        values (
            :member, :term_id, :course_id, 'seated', :class, array[:class::bigint], gen_random_uuid(), 'seated', 'member:' || :member,
            clock_timestamp(), clock_timestamp());
        update class_seat_count set seated = seated + 1 where class_id = :class;
        insert into member_term (member_id, term_id, taken) values (:member, :term_id, 1)
        on conflict (member_id, term_id) do update set taken = member_term.taken + 1;
        \else
        with made as (
            insert into enrolment (
                member_id, term_id, course_id, state, wishes, queue_number, first_place, request_id, answer, enrolled_by, enrolled_at,
                changed_at)
            values (
                :member, :term_id, :course_id, 'waitlisted', array[:class::bigint], nextval('enrolment_queue'), 1, gen_random_uuid(),
                'waitlisted', 'member:' || :member, clock_timestamp(), clock_timestamp())
            returning member_id, enrolment_id, queue_number
        )
        insert into class_queue (class_id, queue_number, member_id, enrolment_id)
        select :class::bigint, queue_number, member_id, enrolment_id from made;
        update class_seat_count set waiting = waiting + 1 where class_id = :class;
        \endif
        \endif
        \endif
        commit;
        """#
}
