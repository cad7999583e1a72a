-- night_school_lend_seats: who waits longest is offered the seat for the evening.
--
-- Decides    in the order of the class's queue: whoever is an active member, was not asked for this lesson yet and has no lesson at the
--            same hour, of their own or in another lent seat. Their place in the queue stays what it is. An offer lasts as long as the
--            rules say, at most until the lesson begins; then it goes to the next. Seats of a lesson that has begun are lent no more.
-- Writes     lesson_seat, lesson_seat_offer.
-- Locks      nothing: callers hold the roll. Two lessons may ask one person at one time: of both only one can be taken.
-- Returns    how many were offered one.
create or replace function night_school_lend_seats(class bigint, lesson_number smallint, clock_offset_us bigint) returns integer
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set enable_material = off
set enable_memoize = off
set jit = off
as $$
#variable_conflict use_column
declare
    instant timestamptz := clock_timestamp() + clock_offset_us * interval '1 microsecond';
    taught record;
    seat record;
    waiter record;
    ends timestamptz;
    given integer := 0;
begin
    select
        lesson.starts_at, lesson.ends_at, lesson.state in ('planned', 'moved') and lesson.starts_at > instant as is_ahead,
        school_term_rule.lend_claim_minutes
    into taught
    from lesson
    join school_class on school_class.class_id = lesson.class_id
    join school_term_rule on school_term_rule.term_id = school_class.term_id
    where lesson.class_id = class and lesson.number = lesson_number;

    with lapsed as (
        update lesson_seat
        set state = 'open', guest_member_id = null, guest_enrolment_id = null, offered_until = null, changed_at = instant
        where lesson_seat.class_id = class
            and lesson_seat.number = lesson_number
            and lesson_seat.state = 'offered'
            and (lesson_seat.offered_until <= instant or not taught.is_ahead)
        returning lesson_seat.enrolment_id
    )
    update lesson_seat_offer
    set outcome = 'lapsed', answered_at = instant
    from lapsed
    where lesson_seat_offer.class_id = class
        and lesson_seat_offer.number = lesson_number
        and lesson_seat_offer.enrolment_id = lapsed.enrolment_id
        and lesson_seat_offer.outcome = 'waiting';

    if not taught.is_ahead then
        update lesson_seat
        set state = 'unused', changed_at = instant
        where lesson_seat.class_id = class and lesson_seat.number = lesson_number and lesson_seat.state = 'open';
        return 0;
    end if;

    for seat in
        select lesson_seat.enrolment_id
        from lesson_seat
        where lesson_seat.class_id = class and lesson_seat.number = lesson_number and lesson_seat.state = 'open'
        order by lesson_seat.lent_at, lesson_seat.enrolment_id
    loop
        select queue.member_id, queue.enrolment_id
        into waiter
        from class_queue queue
        cross join lateral (
            select from member where member.member_id = queue.member_id and member.status = 'active' offset 0
        ) active
        where queue.class_id = class
            and not exists (
                select
                from lesson_seat_offer asked
                where asked.class_id = class
                    and asked.number = lesson_number
                    and asked.guest_enrolment_id = queue.enrolment_id)
            and not night_school_is_busy(queue.member_id, taught.starts_at, taught.ends_at)
        order by queue.queue_number
        limit 1;
        exit when not found;
        ends := least(instant + taught.lend_claim_minutes * interval '1 minute', taught.starts_at);
        update lesson_seat
        set
            state = 'offered', guest_member_id = waiter.member_id, guest_enrolment_id = waiter.enrolment_id, offered_until = ends,
            changed_at = instant
        where lesson_seat.class_id = class
            and lesson_seat.number = lesson_number
            and lesson_seat.enrolment_id = seat.enrolment_id;
        insert into lesson_seat_offer (
            class_id, number, guest_member_id, guest_enrolment_id, enrolment_id, offered_at, offered_until)
        values (class, lesson_number, waiter.member_id, waiter.enrolment_id, seat.enrolment_id, instant, ends);
        given := given + 1;
    end loop;
    return given;
end
$$;
