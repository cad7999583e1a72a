-- night_school_excuse: a member says that they will not come to a lesson.
--
-- Decides    before the deadline that the rules of the term set they are excused, and the seat is lent for the evening.
-- Writes     what night_school_record_marks does; lesson_seat.
-- Locks      as night_school_hold_rolls.
-- Returns    one row: excused | unchanged | lesson_unknown | no_seat | lesson_cancelled | too_late, with the deadline | already_marked.
create or replace function night_school_excuse(
    person bigint, class bigint, lesson_number smallint, done_by text, clock_offset_us bigint)
returns table (outcome text, excuse_until timestamptz)
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
    taught record;
    own record;
begin
    perform night_school_hold_rolls(array[class], array[lesson_number]);
    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';
    select
        lesson.state, lesson.starts_at - school_term_rule.excuse_before_hours * interval '1 hour' as excuse_until
    into taught
    from lesson
    join school_class on school_class.class_id = lesson.class_id and school_class.published_at is not null
    join school_term_rule on school_term_rule.term_id = school_class.term_id
    where lesson.class_id = class and lesson.number = lesson_number;
    select seat.* into own from night_school_lesson_person(class, lesson_number, person, instant) seat;

    excuse_until := taught.excuse_until;
    outcome := case
        when taught.state is null then 'lesson_unknown'
        when own.enrolment_id is null or own.is_guest then 'no_seat'
        when taught.state = 'cancelled' then 'lesson_cancelled'
        when own.mark = 'excused' then 'unchanged'
        when own.mark is not null then 'already_marked'
        when instant > taught.excuse_until then 'too_late'
        else 'excused'
    end;
    if outcome = 'excused' then
        perform night_school_record_marks(
            array[class], array[lesson_number], array[own.member_id], array[own.enrolment_id], array[false], array['excused'],
            array['member'], array[instant], array[done_by], instant);
        perform night_school_open_seats(
            class, lesson_number, array[own.member_id], array[own.enrolment_id], clock_offset_us);
    end if;
    return next;
end
$$;
