-- night_school_weigh_absences: what absences without excuse bring, by the rules of the term.
--
-- Decides    for each enrolment whose marks changed since it was weighed, at most `wanted` changes: with as many absences as the rules name
--            it has a warning, or a lower priority in later terms; with fewer again, because a mark was corrected, what stood is lifted.
--            What an organizer lifted stays lifted. A class that is over is looked at for certificates again.
-- Writes     enrolment_standing, class_completion.
-- Locks      nothing: one job weighs, after whoever wrote a change has committed it. One that is not seen yet is weighed the next time.
-- Returns    how many changes were weighed.
create or replace function night_school_weigh_absences(wanted integer, clock_offset_us bigint) returns integer
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
    instant timestamptz := clock_timestamp() + clock_offset_us * interval '1 microsecond';
    weighed integer;
    members bigint[];
    enrolments bigint[];
    classes bigint[];
begin
    with taken as (
        delete from lesson_attendance_change
        where lesson_attendance_change.change_id in (
            select change.change_id from lesson_attendance_change change order by change.change_id limit wanted)
        returning lesson_attendance_change.member_id, lesson_attendance_change.enrolment_id, lesson_attendance_change.class_id
    ),
    once as (
        select taken.enrolment_id, max(taken.member_id) as member_id, max(taken.class_id) as class_id, count(*) as changes
        from taken
        group by taken.enrolment_id
    )
    select
        coalesce(sum(once.changes), 0)::integer, array_agg(once.member_id order by once.enrolment_id),
        array_agg(once.enrolment_id order by once.enrolment_id), array_agg(once.class_id order by once.enrolment_id)
    into weighed, members, enrolments, classes
    from once;
    if weighed = 0 then
        return 0;
    end if;

    with counted as materialized (
        select
            asked.member_id, asked.enrolment_id, asked.class_id, rule.school_id, rule.term_id, rule.ends_on, rule.lower_priority_days,
            step.kind, step.threshold, absences.count as absences
        from unnest(members, enrolments, classes) as asked (member_id, enrolment_id, class_id)
        cross join lateral (
            select
                school_term_rule.school_id, school_term_rule.term_id, school_term_rule.warning_after,
                school_term_rule.lower_priority_after, school_term_rule.lower_priority_days, school_term.ends_on
            from school_class
            join school_term on school_term.term_id = school_class.term_id
            join school_term_rule on school_term_rule.term_id = school_class.term_id
            where school_class.class_id = asked.class_id
            offset 0
        ) rule
        cross join lateral (
            select count(*)::smallint as count
            from lesson_attendance mark
            cross join lateral (
                select
                from lesson
                where lesson.class_id = mark.class_id and lesson.number = mark.number and lesson.state <> 'cancelled'
                offset 0
            ) lesson
            where mark.member_id = asked.member_id
                and mark.enrolment_id = asked.enrolment_id
                and mark.state = 'absent'
                and not mark.is_guest
            offset 0
        ) absences
        cross join lateral (
            values ('warning', rule.warning_after), ('lower_priority', rule.lower_priority_after)
        ) step (kind, threshold)
    ),
    lifted as (
        update enrolment_standing
        set lifted_at = instant, lifted_by = 'job:schools', lift_reason = 'absence_corrected'
        from counted
        where enrolment_standing.enrolment_id = counted.enrolment_id
            and enrolment_standing.kind = counted.kind
            and enrolment_standing.lifted_at is null
            and (counted.threshold = 0 or counted.absences < counted.threshold)
    )
    insert into enrolment_standing as known (
        school_id, term_id, class_id, member_id, enrolment_id, kind, absences, threshold, from_on, until_on, created_at)
    select
        counted.school_id, counted.term_id, counted.class_id, counted.member_id, counted.enrolment_id, counted.kind, counted.absences,
        counted.threshold, today.day, greatest(counted.ends_on, today.day) + counted.lower_priority_days, instant
    from counted
    cross join (select (instant at time zone 'Asia/Shanghai')::date as day) today
    where counted.threshold > 0 and counted.absences >= counted.threshold
    order by counted.enrolment_id, counted.kind
    on conflict on constraint enrolment_standing_is_one_a_kind do update
    set
        absences = excluded.absences, threshold = excluded.threshold, lifted_at = null, lifted_by = null, lift_reason = null, told_at = null
    where known.lift_reason = 'absence_corrected';

    delete from class_completion
    where class_completion.class_id = any (classes);
    return weighed;
end
$$;
