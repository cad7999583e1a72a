-- night_school_rates: how often who has or had a seat in a class came.
--
-- Decides    of the lessons on whose roll the person stands, those that were cancelled left out: came is attended and late, counted is
--            those and absent; excused counts for neither. Evenings as a guest are no part of it.
-- Returns    one row per enrolment of the class, seated, completed or dropped; of one enrolment only where it is given.
create or replace function night_school_rates(class bigint, only_member bigint default null, only_enrolment bigint default null)
returns table (
    member_id bigint, enrolment_id bigint, state text, attended integer, late integer, excused integer, absent integer, came integer,
    counted integer, minutes integer)
language plpgsql stable
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
begin
    return query
    select
        seat.member_id, seat.enrolment_id, seat.state, marks.attended, marks.late, marks.excused, marks.absent,
        marks.attended + marks.late, marks.attended + marks.late + marks.absent, marks.minutes
    from (
        select enrolment.member_id, enrolment.enrolment_id, enrolment.state
        from enrolment
        where only_member is null
            and enrolment.class_id = class
            and enrolment.state in ('seated', 'completed', 'dropped')
        union all
        select enrolment.member_id, enrolment.enrolment_id, enrolment.state
        from enrolment
        where only_member is not null
            and enrolment.member_id = only_member
            and enrolment.enrolment_id = only_enrolment
            and enrolment.class_id = class
            and enrolment.state in ('seated', 'completed', 'dropped')
    ) seat
    cross join lateral (
        select
            count(*) filter (where mark.state = 'attended')::integer as attended,
            count(*) filter (where mark.state = 'late')::integer as late,
            count(*) filter (where mark.state = 'excused')::integer as excused,
            count(*) filter (where mark.state = 'absent')::integer as absent,
            coalesce(sum(lesson.minutes) filter (where mark.state in ('attended', 'late')), 0)::integer as minutes
        from lesson_attendance mark
        cross join lateral (
            select (extract(epoch from lesson.ends_at - lesson.starts_at) / 60)::integer as minutes
            from lesson
            where lesson.class_id = mark.class_id and lesson.number = mark.number and lesson.state <> 'cancelled'
            offset 0
        ) lesson
        where mark.member_id = seat.member_id and mark.enrolment_id = seat.enrolment_id and mark.class_id = class and not mark.is_guest
        offset 0
    ) marks;
end
$$;
