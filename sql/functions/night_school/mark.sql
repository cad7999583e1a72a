-- night_school_mark: what the teacher's list says of a lesson.
--
-- Decides    for each line whether it can stand: the person has a seat there, or one lent for the evening; a lesson that is cancelled takes
--            none; before it lets anybody in, only "excused" can be said. What the list says counts from its true time on: a scan or a line
--            from after it stands. Excused in time, a seat is lent for the evening.
-- Writes     what night_school_record_marks does; lesson_seat. Callers undo everything when one line cannot stand.
-- Locks      as night_school_hold_rolls.
-- Returns    one row per line, to be matched by ordinality: recorded | unchanged, or the code of what is against it; nothing at all where
--            there is no such lesson.
create or replace function night_school_mark(
    class bigint,
    lesson_number smallint,
    member_ids bigint[],
    wanted text[],
    occurred_ats timestamptz[],
    done_by text,
    clock_offset_us bigint)
returns table (ordinality integer, outcome text)
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
    instant timestamptz;
    taught record;
    outcomes text[];
    members bigint[];
    enrolments bigint[];
    guests boolean[];
    lines integer[];
begin
    perform night_school_hold_rolls(array[class], array[lesson_number]);
    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';
    select
        lesson.state, lesson.starts_at, school_term_rule.opens_before_minutes,
        lesson.starts_at - school_term_rule.excuse_before_hours * interval '1 hour' as excuse_until
    into taught
    from lesson
    join school_class on school_class.class_id = lesson.class_id and school_class.published_at is not null
    join school_term_rule on school_term_rule.term_id = school_class.term_id
    where lesson.class_id = class and lesson.number = lesson_number;
    if not found then
        return;
    end if;

    select
        array_agg(judged.outcome order by judged.n), array_agg(judged.member_id order by judged.n),
        array_agg(judged.enrolment_id order by judged.n), array_agg(judged.is_guest order by judged.n)
    into outcomes, members, enrolments, guests
    from (
        select
            line.n, person.member_id, person.enrolment_id, person.is_guest,
            case
                when taught.state = 'cancelled' then 'school.lesson_cancelled'
                when coalesce(line.occurred_at, instant) > instant + interval '5 seconds' then 'school.occurred_in_future'
                when line.state <> 'excused'
                    and coalesce(line.occurred_at, instant) < taught.starts_at - taught.opens_before_minutes * interval '1 minute'
                    then 'school.attendance_not_open'
                when person.enrolment_id is null then 'school.no_seat'
                when row_number() over (partition by person.enrolment_id order by line.n) > 1 then 'school.marked_twice'
                when person.lent = 'taken' and line.state in ('attended', 'late') then 'school.seat_lent'
                when person.mark = line.state and person.mark_source <> 'job' then 'unchanged'
                when person.mark_source in ('scan', 'list') and person.marked_at > coalesce(line.occurred_at, instant)
                    then 'school.marked_later'
                else 'recorded'
            end as outcome
        from unnest(member_ids, wanted, occurred_ats) with ordinality as line (member_id, state, occurred_at, n)
        left join lateral night_school_lesson_person(
            class, lesson_number, line.member_id, coalesce(line.occurred_at, instant)) person on true
    ) judged;

    select array_agg(line.n::integer order by line.n)
    into lines
    from unnest(outcomes) with ordinality as line (outcome, n)
    where line.outcome = 'recorded';
    if lines is not null then
        perform night_school_record_marks(
            array(select class from unnest(lines)),
            array(select lesson_number from unnest(lines)),
            array(select members[line.n] from unnest(lines) with ordinality as line (n, place) order by line.place),
            array(select enrolments[line.n] from unnest(lines) with ordinality as line (n, place) order by line.place),
            array(select guests[line.n] from unnest(lines) with ordinality as line (n, place) order by line.place),
            array(select wanted[line.n] from unnest(lines) with ordinality as line (n, place) order by line.place),
            array(select 'list'::text from unnest(lines)),
            array(
                select coalesce(occurred_ats[line.n], instant) from unnest(lines) with ordinality as line (n, place) order by line.place),
            array(select done_by from unnest(lines)),
            instant);
        if instant <= taught.excuse_until then
            perform night_school_open_seats(
                class, lesson_number,
                array(
                    select members[line.n] from unnest(lines) with ordinality as line (n, place)
                    where wanted[line.n] = 'excused' and not guests[line.n] order by line.place),
                array(
                    select enrolments[line.n] from unnest(lines) with ordinality as line (n, place)
                    where wanted[line.n] = 'excused' and not guests[line.n] order by line.place),
                clock_offset_us);
        end if;
    end if;

    return query
    select line.n::integer, line.outcome
    from unnest(outcomes) with ordinality as line (outcome, n);
end
$$;
