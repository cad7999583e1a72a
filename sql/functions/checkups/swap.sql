-- checkups_swap: a person takes another time of the same visit.
--
-- Decides    whether the person has a place in a session of the visit that has not begun, offered or confirmed, and whether the session
--            asked for is one of the visit's with a place left beside those for walk-ins. While the program has places to give, those of
--            a session that somebody may wait for are full: what came free is the waitlist's until a tick leaves it over. The place left
--            is the waitlist's, too.
-- Writes     through programs_move.
-- Locks      program by id, then as programs_move does.
-- Returns    one row per request, to be matched by ordinality: moved, unchanged, or why not: visit_unknown | no_place | session_unknown
--            | session_over | session_full | offer_over | program_not_published | not_allowed.
create or replace function checkups_swap(
    member_ids bigint[], visit_ids bigint[], numbers integer[], done_by text[], clock_offset_us bigint)
returns table (ordinality integer, outcome text)
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
    outcomes text[];
    programs bigint[];
    movers integer[];
    found record;
begin
    perform 1
    from program
    where program.program_id in (
        select checkup_visit.program_id from checkup_visit where checkup_visit.visit_id = any (visit_ids))
    order by program.program_id
    for no key update;

    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    select array_agg(judged.outcome order by judged.ordinality), array_agg(judged.program_id order by judged.ordinality)
    into outcomes, programs
    from (
        select
            request.ordinality,
            checkup_visit.program_id,
            case
                when checkup_visit.visit_id is null then 'visit_unknown'
                when program_award.state is null
                    or program_award.state not in ('offered', 'confirmed')
                    or present.visit_id is distinct from checkup_visit.visit_id
                    then 'no_place'
                when wanted.visit_id is distinct from checkup_visit.visit_id then 'session_unknown'
                when present_session.starts_at <= instant then 'session_over'
                when program_award.state = 'offered' and program_award.offered_until <= instant then 'offer_over'
                when wanted_session.number <> program_award.number
                    and wanted_session.is_awaited
                    and wanted_session.starts_at > instant
                    and program.taken < program.quota
                    then 'session_full'
            end as outcome
        from unnest(member_ids, visit_ids, numbers) with ordinality as request (member_id, visit_id, number, ordinality)
        left join checkup_visit on checkup_visit.visit_id = request.visit_id
        left join program on program.program_id = checkup_visit.program_id
        left join program_award
            on program_award.member_id = request.member_id
            and program_award.program_id = checkup_visit.program_id
        left join checkup_session present
            on present.program_id = program_award.program_id
            and present.number = program_award.number
        left join program_session present_session
            on present_session.program_id = program_award.program_id
            and present_session.number = program_award.number
        left join checkup_session wanted
            on wanted.program_id = checkup_visit.program_id
            and wanted.number = request.number
        left join program_session wanted_session
            on wanted_session.program_id = checkup_visit.program_id
            and wanted_session.number = request.number
    ) judged;

    select array_agg(asked.n::integer order by asked.n)
    into movers
    from unnest(outcomes) with ordinality as asked (outcome, n)
    where asked.outcome is null;

    for found in
        select movers[moved.ordinality] as n, moved.outcome
        from programs_move(
            array(select member_ids[mover] from unnest(movers) with ordinality as asked (mover, n) order by asked.n),
            array(select programs[mover] from unnest(movers) with ordinality as asked (mover, n) order by asked.n),
            array(select null::text from unnest(movers)),
            array(select numbers[mover] from unnest(movers) with ordinality as asked (mover, n) order by asked.n),
            array(select 'swap' from unnest(movers)),
            array(select done_by[mover] from unnest(movers) with ordinality as asked (mover, n) order by asked.n),
            clock_offset_us) moved
        where movers is not null
    loop
        outcomes[found.n] := found.outcome;
    end loop;

    return query
    select asked.n::integer, asked.outcome
    from unnest(outcomes) with ordinality as asked (outcome, n);
end
$$;
