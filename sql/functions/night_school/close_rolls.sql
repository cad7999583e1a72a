-- night_school_close_rolls: who was not seen at lessons that are over.
--
-- Decides    of lessons that were held and whose time for devices without network has passed, the oldest `wanted`: who had a seat when the
--            lesson began and is not on the roll was absent. Where nobody was seen at all the roll was not taken: then nobody is absent.
-- Writes     lesson_attendance, lesson_roll, lesson_attendance_change; each lesson once.
-- Locks      as night_school_hold_rolls. What is due is found first, and looked at again under the lock.
-- Returns    how many lessons were closed.
create or replace function night_school_close_rolls(wanted integer, clock_offset_us bigint) returns integer
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
    classes bigint[];
    numbers smallint[];
    closed integer;
begin
    select array_agg(due.class_id), array_agg(due.number)
    into classes, numbers
    from (
        select lesson.class_id, lesson.number
        from lesson
        cross join lateral (
            select school_term_rule.absent_after_hours
            from school_class
            join school_term_rule on school_term_rule.term_id = school_class.term_id
            where school_class.class_id = lesson.class_id
            offset 0
        ) rule
        where lesson.state = 'held'
            -- The longest that a rule lets a device be away, and as long again for a service that stood still.
            and lesson.ends_at between instant - interval '120 days' and instant
            and lesson.ends_at <= instant - rule.absent_after_hours * interval '1 hour'
            and not exists (
                select
                from lesson_roll
                where lesson_roll.class_id = lesson.class_id
                    and lesson_roll.number = lesson.number
                    and lesson_roll.closed_at is not null)
        order by lesson.ends_at, lesson.class_id, lesson.number
        limit wanted
    ) due;
    if classes is null then
        return 0;
    end if;
    perform night_school_hold_rolls(classes, numbers);

    with open as materialized (
        select
            roll.class_id, roll.number, lesson.starts_at,
            exists (
                select
                from lesson_attendance seen
                where seen.class_id = roll.class_id and seen.number = roll.number and seen.state in ('attended', 'late')) as was_taken
        from unnest(classes, numbers) as due (class_id, number)
        cross join lateral (
            select lesson_roll.class_id, lesson_roll.number
            from lesson_roll
            where lesson_roll.class_id = due.class_id and lesson_roll.number = due.number and lesson_roll.closed_at is null
            offset 0
        ) roll
        cross join lateral (
            select lesson.starts_at from lesson where lesson.class_id = due.class_id and lesson.number = due.number offset 0
        ) lesson
    ),
    missing as materialized (
        select open.class_id, open.number, open.starts_at, enrolment.member_id, enrolment.enrolment_id
        from open
        cross join lateral (
            select enrolment.member_id, enrolment.enrolment_id, enrolment.enrolled_at
            from enrolment
            where enrolment.class_id = open.class_id and enrolment.state in ('seated', 'completed')
            offset 0
        ) enrolment
        cross join lateral (
            select night_school_seated_since(enrolment.member_id, enrolment.enrolment_id, enrolment.enrolled_at) as since offset 0
        ) seat
        where open.was_taken
            and seat.since <= open.starts_at
            and not exists (
                select
                from lesson_attendance known
                where known.class_id = open.class_id
                    and known.number = open.number
                    and known.enrolment_id = enrolment.enrolment_id)
    ),
    written as (
        insert into lesson_attendance (
            class_id, number, member_id, enrolment_id, state, is_guest, source, occurred_at, recorded_at, recorded_by)
        select
            missing.class_id, missing.number, missing.member_id, missing.enrolment_id, 'absent', false, 'job', missing.starts_at, instant,
            'job:schools'
        from missing
        order by missing.class_id, missing.number, missing.enrolment_id
        on conflict do nothing
    ),
    noted as (
        insert into lesson_attendance_change (member_id, enrolment_id, class_id)
        select missing.member_id, missing.enrolment_id, missing.class_id
        from missing
    )
    update lesson_roll
    set closed_at = instant, was_taken = open.was_taken
    from open
    where lesson_roll.class_id = open.class_id and lesson_roll.number = open.number;
    get diagnostics closed = row_count;
    return closed;
end
$$;
