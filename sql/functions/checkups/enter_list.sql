-- checkups_enter_list: what the paper list of a day at the van says.
--
-- Decides    for each line, those who did not come first, then those who came, then those who came without a place: whether it agrees with
--            what is known. What was entered before, or scanned, is unchanged; what contradicts it is a conflict and changes nothing.
--            Who came without a place was examined, whether or not the visit is for the person and the rules admit the person (may_apply,
--            which the caller asked): that is recorded, with what was against it.
-- Writes     the awards (through programs_move and programs_hold), and checkup_attendance with the true times.
-- Locks      program by id, then as programs_move and programs_hold do.
-- Returns    one row per line, to be matched by ordinality: recorded | unchanged, or the code of the conflict; and of a walk-in that
--            stands recorded what was against it.
-- Batches    at most some hundreds of lines, as programs_move takes.
-- Clock      this database's clock plus clock_offset_us, read after the lock.
create or replace function checkups_enter_list(
    asked_visit_id bigint,
    day date,
    member_ids bigint[],
    numbers integer[],
    states text[],
    occurred_ats timestamptz[],
    may_apply boolean[],
    asked_by text,
    clock_offset_us bigint)
returns table (ordinality integer, outcome text, against text[])
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
    visit checkup_visit;
    zone text;
    outcomes text[];
    -- Of each line, joined by a space.
    objections text[];
    asked text;
    lines integer[];
    found record;
begin
    select checkup_visit.* into visit from checkup_visit where checkup_visit.visit_id = asked_visit_id;
    select program.time_zone into zone from program where program.program_id = visit.program_id for no key update;
    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    -- move: its award moves; hold: it gets one first; else decided already.
    select
        array_agg(judged.outcome order by judged.ordinality),
        array_agg(case when judged.outcome = 'hold' then judged.objection else '' end order by judged.ordinality)
    into outcomes, objections
    from (
        select
            line.ordinality,
            concat_ws(
                ' ',
                case when not checkups_is_for(visit.audience_organization_id, member.organization_id) then 'checkup.not_for_you' end,
                case when not may_apply[line.ordinality] then 'checkup.not_eligible' end) as objection,
            case
                when member.member_id is null then 'checkup.member_unknown'
                when row_number() over (partition by line.member_id order by line.ordinality) > 1 then 'checkup.entered_twice'
                when day > (instant at time zone zone)::date or line.occurred_at > instant then 'checkup.occurred_in_future'
                when line.state <> 'no_show' and line.occurred_at is null then 'checkup.other_day'
                when (line.occurred_at at time zone zone)::date <> day then 'checkup.other_day'
                when line.number is not null and wanted.number is null then 'checkup.session_unknown'
                when line.state = 'walk_in' then case
                    when line.number is null then 'checkup.session_unknown'
                    when program_award.state in ('attended', 'used') and program_award.source = 'walk_in'
                        and program_award.number = line.number
                        then 'unchanged'
                    when program_award.state = 'confirmed' and program_award.source = 'walk_in' and program_award.number = line.number
                        then 'move'
                    when programs_holds_place(program_award.state) then 'checkup.has_place'
                    else 'hold'
                end
                when program_award.state is null then 'checkup.no_place'
                when program_award.state in ('declined', 'lapsed', 'withdrawn', 'excused') then 'checkup.place_given_back'
                when program_award.state in ('placed', 'offered') then 'checkup.not_confirmed'
                when present.visit_id is distinct from visit.visit_id then 'checkup.other_visit'
                when (present_session.starts_at at time zone zone)::date <> day then 'checkup.other_day'
                when line.number <> program_award.number then 'checkup.other_session'
                when line.state = 'attended' and program_award.state in ('attended', 'used') then 'unchanged'
                when line.state = 'attended' then 'move'
                when program_award.state in ('attended', 'used') then 'checkup.already_checked_in'
                when program_award.state = 'no_show' then 'unchanged'
                when present_session.starts_at > instant then 'checkup.too_early'
                else 'move'
            end as outcome
        from unnest(member_ids, numbers, states, occurred_ats)
            with ordinality as line (member_id, number, state, occurred_at, ordinality)
        left join member on member.member_id = line.member_id
        left join program_award on program_award.member_id = line.member_id and program_award.program_id = visit.program_id
        left join checkup_session present
            on present.program_id = program_award.program_id
            and present.number = program_award.number
        left join program_session present_session
            on present_session.program_id = program_award.program_id
            and present_session.number = program_award.number
        left join (
            checkup_session wanted
            join program_session wanted_session
                on wanted_session.program_id = wanted.program_id
                and wanted_session.number = wanted.number
        )
            on wanted.program_id = visit.program_id
            and wanted.number = line.number
            and wanted.visit_id = visit.visit_id
            and (wanted_session.starts_at at time zone zone)::date = day
    ) judged;

    foreach asked in array array['no_show', 'attended', 'walk_in'] loop
        if asked = 'walk_in' then
            select array_agg(line.n::integer order by line.n)
            into lines
            from unnest(outcomes) with ordinality as line (outcome, n)
            where line.outcome = 'hold';
            for found in
                select lines[held.ordinality] as n, held.outcome
                from programs_hold(
                    array(select member_ids[line.n] from unnest(lines) with ordinality as line (n, place) order by line.place),
                    array(select visit.program_id from unnest(lines)),
                    array(select numbers[line.n] from unnest(lines) with ordinality as line (n, place) order by line.place),
                    array(select 'confirmed' from unnest(lines)),
                    array(select 'walk_in' from unnest(lines)),
                    array(select null::integer from unnest(lines)),
                    array(select 'paper list' from unnest(lines)),
                    array(select asked_by from unnest(lines)),
                    clock_offset_us) held
                where lines is not null
            loop
                outcomes[found.n] := case found.outcome
                    when 'held' then 'move'
                    when 'member_not_active' then 'checkup.member_not_active'
                    when 'benefit_taken' then 'checkup.benefit_taken'
                    when 'program_not_published' then 'checkup.not_published'
                    when 'session_full' then 'checkup.session_full'
                    when 'quota_full' then 'checkup.session_full'
                    else 'checkup.has_place'
                end;
            end loop;
        end if;

        select array_agg(line.n::integer order by line.n)
        into lines
        from unnest(outcomes) with ordinality as line (outcome, n)
        where line.outcome = 'move' and states[line.n] = asked;
        for found in
            select lines[moved.ordinality] as n, moved.outcome
            from programs_move(
                array(select member_ids[line.n] from unnest(lines) with ordinality as line (n, place) order by line.place),
                array(select visit.program_id from unnest(lines)),
                array(select case when asked = 'no_show' then 'no_show' else 'attended' end from unnest(lines)),
                array(select null::integer from unnest(lines)),
                array(select 'paper list' from unnest(lines)),
                array(select asked_by from unnest(lines)),
                clock_offset_us) moved
            where lines is not null
        loop
            outcomes[found.n] := case found.outcome
                when 'moved' then 'recorded'
                when 'unchanged' then 'unchanged'
                when 'session_full' then 'checkup.place_given_away'
                when 'quota_full' then 'checkup.place_given_away'
                when 'program_not_published' then 'checkup.not_published'
                else 'checkup.no_place'
            end;
        end loop;
    end loop;

    insert into checkup_attendance as known (
        member_id, program_id, visit_id, number, came, is_walk_in, source, occurred_at, recorded_at, recorded_by, against)
    select
        program_award.member_id, program_award.program_id, visit.visit_id, program_award.number, states[line.n] <> 'no_show',
        program_award.source = 'walk_in', 'list',
        case when states[line.n] = 'no_show' then program_session.starts_at else occurred_ats[line.n] end, instant, asked_by,
        string_to_array(objections[line.n], ' ')
    from unnest(outcomes) with ordinality as line (outcome, n)
    join program_award on program_award.member_id = member_ids[line.n] and program_award.program_id = visit.program_id
    join program_session
        on program_session.program_id = program_award.program_id
        and program_session.number = program_award.number
    where line.outcome = 'recorded'
    order by program_award.member_id
    on conflict on constraint checkup_attendance_pkey do update
    set
        visit_id = excluded.visit_id, number = excluded.number, came = excluded.came, is_walk_in = excluded.is_walk_in, source = 'list',
        occurred_at = excluded.occurred_at, recorded_at = excluded.recorded_at, recorded_by = excluded.recorded_by,
        against = excluded.against;

    return query
    select line.n::integer, line.outcome, coalesce(checkup_attendance.against, '{}')
    from unnest(outcomes) with ordinality as line (outcome, n)
    left join checkup_attendance
        on checkup_attendance.member_id = member_ids[line.n]
        and checkup_attendance.program_id = visit.program_id
        and line.outcome in ('recorded', 'unchanged')
        and states[line.n] = 'walk_in';
end
$$;
