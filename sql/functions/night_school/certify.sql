-- night_school_certify: certificates of classes that are over.
--
-- Decides    of classes that have ended, whose lessons are all accounted for and that were not looked at since, the oldest `wanted`:
--            whoever completed it and came to the share of lessons that the rules ask for gets one certificate.
-- Writes     completion_certificate, class_completion.
-- Locks      nothing: class_completion and one certificate an enrolment keep it to once.
-- Returns    how many classes were looked at.
create or replace function night_school_certify(wanted integer, clock_offset_us bigint) returns integer
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
    classes bigint[];
begin
    with due as (
        select school_class.class_id
        from school_class
        where school_class.state = 'ended'
            and not exists (select from class_completion known where known.class_id = school_class.class_id)
            and not exists (
                select
                from lesson
                where lesson.class_id = school_class.class_id
                    and lesson.state <> 'cancelled'
                    and not exists (
                        select
                        from lesson_roll
                        where lesson_roll.class_id = lesson.class_id
                            and lesson_roll.number = lesson.number
                            and lesson_roll.closed_at is not null))
        order by school_class.last_until, school_class.class_id
        limit wanted
    ),
    noted as (
        insert into class_completion (class_id, decided_at)
        select due.class_id, instant
        from due
        on conflict do nothing
        returning class_completion.class_id
    )
    select array_agg(noted.class_id order by noted.class_id) into classes from noted;

    insert into completion_certificate (
        member_id, enrolment_id, class_id, lessons_came, lessons_counted, minutes, issued_on, issued_at)
    select
        rate.member_id, rate.enrolment_id, class.id, rate.came, rate.counted, rate.minutes,
        (instant at time zone 'Asia/Shanghai')::date, instant
    from unnest(classes) as class (id)
    cross join lateral (
        select school_term_rule.certificate_percent
        from school_class
        join school_term_rule on school_term_rule.term_id = school_class.term_id
        where school_class.class_id = class.id
        offset 0
    ) rule
    cross join lateral night_school_rates(class.id) rate
    where rate.state = 'completed' and rate.came > 0 and rate.came * 100 >= rule.certificate_percent * rate.counted
    order by class.id, rate.enrolment_id
    on conflict do nothing;
    return coalesce(cardinality(classes), 0);
end
$$;
