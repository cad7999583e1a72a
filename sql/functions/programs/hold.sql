-- programs_hold: who gets a place?
--
-- Decides    in the order of the requests, whether each person gets the place asked for: while the program is published, the session has
--            seats (for a run and a tick without those kept for walk-ins still), the program has quota, and the person is an active
--            member without another place of it and without another benefit of the family and period, also under a number that was
--            merged into theirs.
-- Writes     program_award; taken in program_session and program, in the same statement, by as many as awards were written; benefit;
--            program_award_event and outbox_event of each, member_message of what the holder is told (programs_award_message). A winner
--            of a run (source run) who may not have the place any more gets an award that is withdrawn, so that the reason stands
--            somewhere; it holds nothing.
-- Locks      program by id, program_session by (program_id, number), program_award by (member_id, program_id), benefit by member_id.
-- Offers     state offered becomes confirmed at once where the program asks for no confirmation; it ends after offer_hours, and before
--            the session starts.
-- Returns    one row per request, to be matched by ordinality, in no order:
--            held        with the award's state, session and the end of the offer
--            unchanged   the person holds this very place already
--            holds_place the person holds another place of the program, or one under a number that was merged into theirs
--            repeated    an earlier request of the batch is about the same person and program
--            program_unknown | program_not_published | session_unknown | session_over | session_full | quota_full
--            | member_not_active | benefit_taken | not_allowed
-- Batches    requests of one call are joined by nested loops: at most some hundreds a call.
-- Plan       pinned to keys, for it is made while tables are empty and kept while they grow, as in the publication of the first program,
--            which fills them from nothing in one transaction: each table is read by a lateral part that stays one (offset 0, or its
--            lock) or by arrays of its keys, and never as a side of a join, whose order could turn. With plain joins 50,000 winners took
--            375 s, so 13.
-- Clock      this database's clock plus clock_offset_us, read after the locks.
create or replace function programs_hold(
    member_ids bigint[],
    program_ids bigint[],
    numbers integer[],
    states text[],
    sources text[],
    run_numbers integer[],
    reasons text[],
    done_by text[],
    clock_offset_us bigint)
returns table (
    ordinality integer,
    outcome text,
    state text,
    number integer,
    offered_until timestamptz)
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
begin
    perform 1
    from program
    where program.program_id = any (program_ids)
    order by program.program_id
    for no key update;

    perform 1
    from (
        select distinct request.program_id, request.number
        from unnest(program_ids, numbers) as request (program_id, number)
        order by request.program_id, request.number
    ) request
    cross join lateral (
        select
        from program_session
        where program_session.program_id = request.program_id and program_session.number = request.number
        for no key update
    ) locked;

    perform 1
    from (
        select distinct request.member_id, request.program_id
        from unnest(member_ids, program_ids) as request (member_id, program_id)
        order by request.member_id, request.program_id
    ) request
    cross join lateral (
        select
        from program_award
        where program_award.member_id = request.member_id and program_award.program_id = request.program_id
        for no key update
    ) locked;

    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    return query
    with request as materialized (
        select
            request.*,
            row_number() over (partition by request.member_id, request.program_id order by request.ordinality) as attempt
        from unnest(member_ids, program_ids, numbers, states, sources, run_numbers, reasons, done_by)
            with ordinality as request (member_id, program_id, number, state, source, run_number, reason, done_by, ordinality)
    ),
    judged as materialized (
        select
            request.*,
            program.organization_id,
            program.family,
            program.period,
            program.title as program_title,
            program_session.title as session_title,
            program_session.starts_at,
            case when request.state = 'offered' and program.offer_hours is null then 'confirmed' else request.state end as state_after,
            least(instant + program.offer_hours * interval '1 hour', program_session.starts_at) as offer_ends,
            program.quota - program.taken as quota_left,
            program_session.capacity - program_session.taken
                - case
                    when request.source in ('run', 'tick')
                        then programs_kept_for_walk_ins(request.program_id, request.number, program_session.walk_in)
                    else 0
                end as seats_left,
            program_award.state as state_before,
            program_award.number as number_before,
            own.benefit_id,
            member.member_id is not null as is_known,
            case
                when program.program_id is null then 'program_unknown'
                when program.state <> 'published' then 'program_not_published'
                when program_session.number is null then 'session_unknown'
                when request.attempt > 1 then 'repeated'
                when programs_holds_place(program_award.state) and program_award.number = request.number then 'unchanged'
                when programs_holds_place(program_award.state) then 'holds_place'
                when not programs_holds_place(request.state) then 'not_allowed'
                when request.source in ('run', 'tick') and program_session.starts_at <= instant then 'session_over'
                when member.status is distinct from 'active' then 'member_not_active'
                when program.family is not null
                    and programs_holds_benefit(request.member_id, program.family, program.period, program.program_id)
                    then 'benefit_taken'
                when programs_holds_place_merged(request.member_id, request.program_id) then 'holds_place'
                else 'held'
            end as verdict
        from request
        left join lateral (
            select program.*
            from program
            where program.program_id = request.program_id
            offset 0
        ) program on true
        left join lateral (
            select program_session.*
            from program_session
            where program_session.program_id = request.program_id and program_session.number = request.number
            offset 0
        ) program_session on true
        left join lateral (
            select program_award.state, program_award.number
            from program_award
            where program_award.member_id = request.member_id and program_award.program_id = request.program_id
            offset 0
        ) program_award on true
        left join lateral (
            select member.member_id, member.status
            from member
            where member.member_id = request.member_id
            offset 0
        ) member on true
        left join lateral (
            select benefit.benefit_id
            from benefit
            where benefit.member_id = request.member_id
                and benefit.program_id = request.program_id
                and benefit.state in ('held', 'confirmed', 'used')
            offset 0
        ) own on true
    ),
    seated as materialized (
        select
            judged.*,
            case
                when judged.verdict = 'held'
                    and row_number() over (
                        partition by judged.program_id, judged.number, judged.verdict = 'held' order by judged.ordinality
                    ) > judged.seats_left
                    then 'session_full'
                else judged.verdict
            end as seat_verdict
        from judged
    ),
    fitting as materialized (
        select
            seated.*,
            case
                when seated.seat_verdict = 'held'
                    and row_number() over (
                        partition by seated.program_id, seated.seat_verdict = 'held' order by seated.ordinality
                    ) > seated.quota_left
                    then 'quota_full'
                else seated.seat_verdict
            end as quota_verdict
        from seated
    ),
    given as (
        insert into benefit (member_id, family, period, state, program_id, held_at, changed_at)
        select
            fitting.member_id, fitting.family, fitting.period, programs_benefit_state(fitting.state_after), fitting.program_id, instant,
            instant
        from fitting
        where fitting.quota_verdict = 'held' and fitting.family is not null and fitting.benefit_id is null
        order by fitting.member_id, fitting.family, fitting.period
        on conflict (member_id, family, period) where state in ('held', 'confirmed', 'used') do nothing
        returning benefit.member_id, benefit.program_id
    ),
    kept as (
        update benefit
        set
            state = (
                select programs_benefit_state(fitting.state_after) from fitting where fitting.benefit_id = benefit.benefit_id),
            changed_at = instant
        where benefit.member_id = any (
                array(select fitting.member_id from fitting where fitting.quota_verdict = 'held' and fitting.benefit_id is not null))
            and benefit.benefit_id = any (
                array(select fitting.benefit_id from fitting where fitting.quota_verdict = 'held' and fitting.benefit_id is not null))
    ),
    decided as materialized (
        select
            fitting.*,
            case
                when fitting.quota_verdict = 'held'
                    and fitting.family is not null
                    and fitting.benefit_id is null
                    and given.member_id is null
                    then 'benefit_taken'
                else fitting.quota_verdict
            end as final
        from fitting
        left join given on given.member_id = fitting.member_id and given.program_id = fitting.program_id
    ),
    written as materialized (
        select
            decided.*,
            case when decided.final = 'held' then decided.state_after else 'withdrawn' end as new_state
        from decided
        where decided.final = 'held'
            or (decided.source = 'run' and decided.is_known and decided.final in ('benefit_taken', 'member_not_active'))
    ),
    awarded as (
        insert into program_award (
            member_id, program_id, number, state, source, run_number, offered_until, changed_at, waiting_place)
        select
            written.member_id, written.program_id, written.number, written.new_state, written.source, written.run_number,
            case when written.new_state = 'offered' then written.offer_ends end, instant,
            case when written.source <> 'run' then
                (
                    select result.waiting
                    from (
                        select application.ticket
                        from program_application application
                        where application.member_id = written.member_id and application.program_id + 0 = written.program_id
                        offset 0
                    ) applied
                    cross join lateral (
                        select run.number
                        from program_run run
                        where run.program_id = written.program_id and run.state = 'published'
                        offset 0
                    ) published
                    cross join lateral (
                        select program_result.waiting
                        from program_result
                        where program_result.program_id = written.program_id
                            and program_result.run_number = published.number
                            and program_result.ticket = applied.ticket
                        offset 0
                    ) result
                    limit 1
                )
            end
        from written
        order by written.member_id, written.program_id
        on conflict on constraint program_award_pkey do update
        set
            number = excluded.number,
            state = excluded.state,
            source = excluded.source,
            run_number = excluded.run_number,
            offered_until = excluded.offered_until,
            changed_at = excluded.changed_at,
            waiting_place = excluded.waiting_place,
            version = program_award.version + 1
    ),
    held as materialized (
        select written.program_id, written.number, count(*)::integer as places
        from written
        where written.final = 'held'
        group by written.program_id, written.number
    ),
    filled as (
        update program_session
        set taken = program_session.taken + (
            select held.places
            from held
            where held.program_id = program_session.program_id and held.number = program_session.number)
        where program_session.program_id = any (array(select held.program_id from held))
            and program_session.number = any (array(select held.number from held))
            and (
                select held.places
                from held
                where held.program_id = program_session.program_id and held.number = program_session.number) > 0
    ),
    counted as (
        update program
        set taken = program.taken + (select sum(held.places)::integer from held where held.program_id = program.program_id)
        where program.program_id = any (array(select held.program_id from held))
    ),
    noted as (
        insert into program_award_event (
            member_id, program_id, state_before, state_after, number_before, number_after, reason, done_by, occurred_at)
        select
            written.member_id, written.program_id, written.state_before, written.new_state, written.number_before, written.number,
            case when written.final = 'held' then written.reason else written.final end, written.done_by, instant
        from written
        order by written.ordinality
    ),
    told as (
        insert into outbox_event (type, subject, organization_id, data)
        select
            'award.' || written.new_state, 'member:' || written.member_id, written.organization_id,
            json_build_object(
                'programId', written.program_id, 'memberId', written.member_id, 'number', written.number, 'state', written.new_state)::text
        from written
        order by written.ordinality
    ),
    messages as (
        insert into member_message (member_id, kind, text_zh, text_en, subject)
        select written.member_id, message.kind, message.text_zh, message.text_en, 'program:' || written.program_id
        from written
        cross join lateral programs_award_message(
            written.member_id, written.new_state, written.source = 'tick', false, written.done_by, written.program_title,
            written.session_title, written.starts_at, written.offer_ends) message
        where written.source <> 'walk_in'
        order by written.ordinality
    )
    select
        decided.ordinality::integer,
        decided.final,
        case when decided.final = 'held' then decided.state_after else decided.state_before end,
        case when decided.final = 'held' then decided.number else decided.number_before end,
        case when decided.final = 'held' and decided.state_after = 'offered' then decided.offer_ends end
    from decided;
end
$$;
