-- checkups_check_in: who is examined now?
--
-- Decides    for each code shown at a van whether its member has a place here and now: a place in a session of this visit, confirmed,
--            today, not earlier than the campaign lets in. Who was noted as not having come gets the place back while nobody has it.
-- Writes     the award (through programs_move), checkup_attendance, and checkup_check_in, which holds the answer for its request id.
-- Locks      program by id, then access_credential by id, then as programs_move does.
-- Returns    one row per request, to be matched by ordinality:
--            checked_in | refused, with the reasons; repeated_checked_in, repeated_waiting, repeated_refused: what was answered to this
--            request id before; conflict: the request id was used for something else; visit_unknown.
-- Plan       pinned to keys, for it is made while tables are empty and kept while they grow.
-- Clock      this database's clock plus clock_offset_us, read after the lock.
create or replace function checkups_check_in(
    request_ids uuid[],
    visit_ids bigint[],
    member_ids bigint[],
    code_reasons text[],
    credential_kinds text[],
    credential_digests bytea[],
    pin_digests bytea[],
    occurred_ats timestamptz[],
    fingerprints bytea[],
    done_by text[],
    clock_offset_us bigint)
returns table (ordinality integer, outcome text, reasons text[], member_id bigint, number integer, decided_at timestamptz)
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
    fresh integer[];
    carded integer[];
    found record;
    -- Of the fresh ones, side by side: what they are and why not, the reasons joined by a space.
    positions integer[];
    programs bigint[];
    members bigint[];
    places integer[];
    failures text[];
    movers integer[];
begin
    perform 1
    from program
    where program.program_id in (
        select checkup_visit.program_id from checkup_visit where checkup_visit.visit_id = any (visit_ids))
    order by program.program_id
    for no key update;

    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    select coalesce(array_agg(request.ordinality::integer order by request.ordinality), '{}')
    into fresh
    from (
        select distinct on (request.visit_id, request.request_id) request.*
        from unnest(request_ids, visit_ids) with ordinality as request (request_id, visit_id, ordinality)
        order by request.visit_id, request.request_id, request.ordinality
    ) request
    join checkup_visit on checkup_visit.visit_id = request.visit_id
    where not exists (
        select from checkup_check_in
        where checkup_check_in.visit_id = request.visit_id and checkup_check_in.request_id = request.request_id);

    select array_agg(request.position order by request.position)
    into carded
    from unnest(fresh) as request ("position")
    where credential_kinds[request.position] in ('card', 'number');

    for found in
        select credential.*
        from registry_credentials_find(
            array(select credential_kinds[asked.position] from unnest(carded) with ordinality as asked ("position", n) order by asked.n),
            array(select credential_digests[asked.position] from unnest(carded) with ordinality as asked ("position", n) order by asked.n),
            array(select pin_digests[asked.position] from unnest(carded) with ordinality as asked ("position", n) order by asked.n),
            instant) credential
        where carded is not null
    loop
        member_ids[carded[found.ordinality]] := found.member_id;
        code_reasons[carded[found.ordinality]] := 'checkup.' || found.reason;
    end loop;

    select
        array_agg(judged.position order by judged.position),
        array_agg(judged.program_id order by judged.position),
        array_agg(judged.member_id order by judged.position),
        array_agg(judged.number order by judged.position),
        array_agg(array_to_string(judged.failing, ' ') order by judged.position)
    into positions, programs, members, places, failures
    from (
        select
            request.position,
            checkup_visit.program_id,
            member.member_id,
            case when checkup_session.visit_id = checkup_visit.visit_id then program_award.number end as number,
            array[
                code_reasons[request.position],
                case when code_reasons[request.position] is null and member.member_id is null then 'checkup.member_unknown' end,
                case when member.status <> 'active' then 'checkup.member_not_active' end,
                case when program.state <> 'published' then 'checkup.not_published' end,
                case
                    when member.member_id is null then null
                    when program_award.state is null then 'checkup.no_place'
                    when program_award.state in ('declined', 'lapsed', 'withdrawn', 'excused') then 'checkup.place_given_back'
                    when program_award.state in ('placed', 'offered') then 'checkup.not_confirmed'
                    when program_award.state in ('attended', 'used') then 'checkup.already_checked_in'
                end,
                case
                    when not here.has_place then null
                    when checkup_session.visit_id is distinct from checkup_visit.visit_id then 'checkup.other_visit'
                    when (program_session.starts_at at time zone program.time_zone)::date
                        <> (instant at time zone program.time_zone)::date
                        then 'checkup.other_day'
                    when program_session.starts_at - checkup_campaign.early_minutes * interval '1 minute' > instant
                        then 'checkup.too_early'
                end,
                case when occurred_ats[request.position] > instant + interval '5 seconds' then 'checkup.occurred_in_future' end
            ] as failing
        from unnest(fresh) as request ("position")
        join checkup_visit on checkup_visit.visit_id = visit_ids[request.position]
        join checkup_campaign on checkup_campaign.program_id = checkup_visit.program_id
        join program on program.program_id = checkup_visit.program_id
        left join member shown on shown.member_id = member_ids[request.position]
        left join member on member.member_id = coalesce(shown.merged_into, shown.member_id)
        left join program_award
            on program_award.member_id = member.member_id
            and program_award.program_id = checkup_visit.program_id
        left join checkup_session
            on checkup_session.program_id = program_award.program_id
            and checkup_session.number = program_award.number
        left join program_session
            on program_session.program_id = program_award.program_id
            and program_session.number = program_award.number
        cross join lateral (
            select coalesce(programs_holds_place(program_award.state) or program_award.state = 'no_show', false) as has_place
        ) here
    ) judged;

    select array_agg(candidate.n order by candidate.n)
    into movers
    from unnest(failures) with ordinality as candidate (failure, n)
    where candidate.failure = '';

    for found in
        select movers[moved.ordinality] as n, moved.outcome
        from programs_move(
            array(select members[mover] from unnest(movers) with ordinality as asked (mover, n) order by asked.n),
            array(select programs[mover] from unnest(movers) with ordinality as asked (mover, n) order by asked.n),
            array(select 'attended' from unnest(movers)),
            array(select null::integer from unnest(movers)),
            array(select 'van' from unnest(movers)),
            array(select done_by[positions[mover]] from unnest(movers) with ordinality as asked (mover, n) order by asked.n),
            clock_offset_us) moved
        where movers is not null and moved.outcome <> 'moved'
    loop
        failures[found.n] := case found.outcome
            when 'unchanged' then 'checkup.already_checked_in'
            when 'program_not_published' then 'checkup.not_published'
            when 'session_full' then 'checkup.place_given_away'
            when 'quota_full' then 'checkup.place_given_away'
            when 'not_allowed' then 'checkup.already_checked_in'
            else 'checkup.no_place'
        end;
    end loop;

    return query
    with decided as materialized (
        select
            positions[judged.n] as "position", members[judged.n] as member_id, programs[judged.n] as program_id,
            places[judged.n] as number, judged.failure = '' as came,
            case when judged.failure = '' then '{}'::text[] else string_to_array(judged.failure, ' ') end as reasons
        from unnest(failures) with ordinality as judged (failure, n)
    ),
    attended as (
        insert into checkup_attendance as known (
            member_id, program_id, visit_id, number, came, is_walk_in, source, occurred_at, recorded_at, recorded_by)
        select
            decided.member_id, decided.program_id, visit_ids[decided.position], decided.number, true,
            exists (
                select from program_award
                where program_award.member_id = decided.member_id
                    and program_award.program_id = decided.program_id
                    and program_award.source = 'walk_in'),
            'scan', occurred_ats[decided.position], instant, done_by[decided.position]
        from decided
        where decided.came
        order by decided.member_id, decided.program_id
        on conflict on constraint checkup_attendance_pkey do update
        set
            visit_id = excluded.visit_id, number = excluded.number, came = true, is_walk_in = excluded.is_walk_in, source = 'scan',
            occurred_at = excluded.occurred_at, recorded_at = excluded.recorded_at, recorded_by = excluded.recorded_by
    ),
    written as (
        insert into checkup_check_in (
            visit_id, request_id, fingerprint, member_id, number, outcome, reasons, credential_kind, done_by, occurred_at, recorded_at)
        select
            visit_ids[decided.position], request_ids[decided.position], fingerprints[decided.position], decided.member_id,
            decided.number, case when decided.came then 'checked_in' else 'refused' end, decided.reasons,
            credential_kinds[decided.position], done_by[decided.position], occurred_ats[decided.position], instant
        from decided
        order by visit_ids[decided.position], request_ids[decided.position]
    )
    select
        decided.position, case when decided.came then 'checked_in' else 'refused' end, decided.reasons, decided.member_id,
        decided.number, instant
    from decided;

    return query
    select
        request.ordinality::integer,
        case
            when checkup_check_in.visit_id is null then 'visit_unknown'
            when checkup_check_in.fingerprint <> fingerprints[request.ordinality] then 'conflict'
            else 'repeated_' || checkup_check_in.outcome
        end,
        coalesce(checkup_check_in.reasons, '{}'), checkup_check_in.member_id, checkup_check_in.number, checkup_check_in.recorded_at
    from unnest(request_ids, visit_ids) with ordinality as request (request_id, visit_id, ordinality)
    left join checkup_check_in
        on checkup_check_in.visit_id = request.visit_id
        and checkup_check_in.request_id = request.request_id
    where not request.ordinality = any (coalesce(positions, '{}'));
end
$$;
