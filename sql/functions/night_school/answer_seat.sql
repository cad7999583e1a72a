-- night_school_answer_seat: who was offered a seat for an evening takes it, or leaves it to the next.
--
-- Decides    while the offer lasts and its person still waits for the class. Who has taken another lesson at that hour meanwhile is
--            busy: nothing changes, and the seat stays offered until it is declined or the offer is over.
-- Writes     lesson_seat, lesson_seat_offer; what is declined is offered on at once.
-- Locks      as night_school_hold_rolls; then member_term, so that one person takes one of two at the same hour.
-- Returns    taken | declined | unchanged | over | busy | unknown.
create or replace function night_school_answer_seat(
    persons bigint[], class bigint, lesson_number smallint, takes boolean, clock_offset_us bigint)
returns text
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
    instant timestamptz;
    own record;
    answer text;
begin
    perform night_school_hold_rolls(array[class], array[lesson_number]);
    select
        asked.guest_member_id, asked.guest_enrolment_id, asked.enrolment_id, asked.outcome, asked.offered_until, lesson.starts_at,
        lesson.ends_at, lesson.state in ('planned', 'moved') as is_planned, enrolment.state as waits, enrolment.term_id
    into own
    from lesson_seat_offer asked
    join enrolment on enrolment.member_id = asked.guest_member_id and enrolment.enrolment_id = asked.guest_enrolment_id
    join lesson on lesson.class_id = asked.class_id and lesson.number = asked.number
    where asked.class_id = class and asked.number = lesson_number and asked.guest_member_id = any (persons)
    order by asked.offered_at desc
    limit 1;
    if not found then
        return 'unknown';
    end if;

    insert into member_term (member_id, term_id) values (own.guest_member_id, own.term_id) on conflict do nothing;
    perform
    from member_term
    where member_term.member_id = own.guest_member_id
    order by member_term.term_id
    for no key update;
    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    answer := case
        when own.outcome = 'taken' and takes then 'unchanged'
        when own.outcome = 'declined' and not takes then 'unchanged'
        when own.outcome <> 'waiting' or own.offered_until <= instant or not own.is_planned or own.starts_at <= instant then 'over'
        when not takes then 'declined'
        when own.waits <> 'waitlisted' then 'over'
        when night_school_is_busy(own.guest_member_id, own.starts_at, own.ends_at) then 'busy'
        else 'taken'
    end;
    if answer in ('unchanged', 'over', 'busy') then
        return answer;
    end if;
    update lesson_seat
    set
        state = case when answer = 'taken' then 'taken' else 'open' end,
        guest_member_id = case when answer = 'taken' then own.guest_member_id end,
        guest_enrolment_id = case when answer = 'taken' then own.guest_enrolment_id end,
        offered_until = null,
        changed_at = instant
    where lesson_seat.class_id = class and lesson_seat.number = lesson_number and lesson_seat.enrolment_id = own.enrolment_id;
    update lesson_seat_offer
    set outcome = case when answer = 'taken' then 'taken' else 'declined' end, answered_at = instant
    where lesson_seat_offer.class_id = class
        and lesson_seat_offer.number = lesson_number
        and lesson_seat_offer.guest_enrolment_id = own.guest_enrolment_id;
    if answer <> 'taken' then
        perform night_school_lend_seats(class, lesson_number, clock_offset_us);
    end if;
    return answer;
end
$$;
