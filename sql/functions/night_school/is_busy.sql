-- Whether somebody has a lesson then: of a class in which they have a seat or are offered one, or in a seat that is lent to them.
create or replace function night_school_is_busy(person bigint, starts timestamptz, ends timestamptz) returns boolean
language plpgsql stable
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
begin
    return exists (
        select
        from enrolment
        cross join lateral (
            select
            from lesson
            where lesson.class_id = enrolment.class_id
                and lesson.state <> 'cancelled'
                and lesson.starts_at < ends
                and lesson.ends_at > starts
            offset 0
        ) taken
        where enrolment.member_id = person and enrolment.state in ('seated', 'offered')
    ) or exists (
        select
        from lesson_seat
        cross join lateral (
            select
            from lesson
            where lesson.class_id = lesson_seat.class_id
                and lesson.number = lesson_seat.number
                and lesson.state <> 'cancelled'
                and lesson.starts_at < ends
                and lesson.ends_at > starts
            offset 0
        ) taken
        where lesson_seat.guest_member_id = person and lesson_seat.state = 'taken'
    );
end
$$;
