-- programs_move: what becomes of a place?
--
-- Decides    in the order of the requests, whether each award goes into the state asked for (null: stays in its own) and to the session
--            asked for (null: stays): by the states that may follow, the end of the offer, the seats there without those kept for
--            walk-ins still (who comes after all, after having been noted as missing, may have one of those). Who confirms after the end
--            of the offer is refused, whether or not it was noted as lapsed yet; no member gives back a place in a session that has
--            started, and nobody changes to a session that is not for their organization.
-- Writes     program_award; taken in program_session and program, in the same statement; the person's benefit; program_award_event and
--            outbox_event of each change, member_message of what the holder is told (programs_award_message).
-- Locks      program by id, program_session by (program_id, number), those left and those asked for, program_award by
--            (member_id, program_id), benefit by member_id.
-- Rounds     requests about one award in one batch are decided one after another, in their order; the first ones of all awards together.
--            A seat that somebody leaves counts as free from the next round on.
-- Returns    one row per request, to be matched by ordinality, in no order:
--            moved       with the award's state and session now
--            unchanged   it was so already
--            no_award    the person was never given a place of the program
--            program_not_published | not_allowed | offer_over | session_unknown | session_over | session_full | quota_full
-- Batches    requests of one call are joined by nested loops: at most some hundreds a call.
-- Plan       pinned to keys as in programs_hold.
-- Clock      this database's clock plus clock_offset_us, read after the locks.
create or replace function programs_move(
    member_ids bigint[],
    program_ids bigint[],
    states text[],
    numbers integer[],
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
    last_round bigint;
begin
    perform 1
    from program
    where program.program_id = any (program_ids)
    order by program.program_id
    for no key update;

    -- Awards change only under the lock of their program: the sessions that they are in stay what they are.
    perform 1
    from (
        select request.program_id, request.number
        from unnest(program_ids, numbers) as request (program_id, number)
        union
        select request.program_id, present.number
        from unnest(member_ids, program_ids) as request (member_id, program_id)
        cross join lateral (
            select program_award.number
            from program_award
            where program_award.member_id = request.member_id and program_award.program_id = request.program_id
            offset 0
        ) present
        order by program_id, number
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

    select max(request.attempt)
    into last_round
    from (
        select row_number() over (partition by request.member_id, request.program_id order by request.ordinality) as attempt
        from unnest(member_ids, program_ids) with ordinality as request (member_id, program_id, ordinality)
    ) request;

    for round in 1..coalesce(last_round, 0) loop
        return query
        with request as materialized (
            select request.*
            from (
                select
                    request.*,
                    row_number() over (partition by request.member_id, request.program_id order by request.ordinality) as attempt
                from unnest(member_ids, program_ids, states, numbers, reasons, done_by)
                    with ordinality as request (member_id, program_id, state, number, reason, done_by, ordinality)
            ) request
            where request.attempt = round
        ),
        found as materialized (
            select
                request.*,
                program.state as program_state,
                program.organization_id,
                program.family,
                program.title as program_title,
                program.offer_hours,
                program.quota - program.taken as quota_left,
                program_award.state as state_before,
                program_award.number as number_before,
                program_award.offered_until as offer_ends,
                program_award.stands_at,
                coalesce(request.state, program_award.state) as state_after,
                coalesce(request.number, program_award.number) as number_after
            from request
            left join lateral (
                select program.*
                from program
                where program.program_id = request.program_id
                offset 0
            ) program on true
            left join lateral (
                select program_award.ctid as stands_at, program_award.*
                from program_award
                where program_award.member_id = request.member_id and program_award.program_id = request.program_id
                offset 0
            ) program_award on true
        ),
        judged as materialized (
            select
                found.*,
                program_session.title as session_title,
                program_session.starts_at,
                program_session.capacity - program_session.taken
                    - case
                        when found.state_after = 'attended' then 0
                        else programs_kept_for_walk_ins(found.program_id, found.number_after, program_session.walk_in)
                    end as seats_left,
                least(instant + found.offer_hours * interval '1 hour', program_session.starts_at) as new_offer_ends,
                programs_holds_place(found.state_after)
                    and (not programs_holds_place(found.state_before) or found.number_after <> found.number_before) as takes_seat,
                programs_holds_place(found.state_after) and not programs_holds_place(found.state_before) as takes_quota,
                case
                    when found.state_before is null then 'no_award'
                    when found.state_after = found.state_before and found.number_after = found.number_before then 'unchanged'
                    when found.program_state not in ('published', 'ended')
                        or (found.program_state = 'ended' and found.state_after in ('offered', 'confirmed'))
                        then 'program_not_published'
                    when found.state_after <> found.state_before
                        and not programs_may_follow(found.state_before, found.state_after)
                        then 'not_allowed'
                    when found.state_after = 'confirmed' and found.offer_ends <= instant then 'offer_over'
                    when found.state_after = 'lapsed' and found.offer_ends > instant then 'not_allowed'
                    when found.number_after <> found.number_before
                        and not (found.state_before in ('placed', 'offered', 'confirmed') and programs_holds_place(found.state_after))
                        then 'not_allowed'
                    when program_session.number is null then 'session_unknown'
                    when found.state_after = 'offered'
                        and found.state_before <> 'offered'
                        and found.offer_hours is null
                        and program_session.starts_at is null
                        then 'not_allowed'
                    when found.state_after in ('declined', 'withdrawn')
                        and found.done_by like 'member:%'
                        and program_session.starts_at <= instant
                        then 'session_over'
                    when found.number_after <> found.number_before
                        and program_session.audience_id is not null
                        and not exists (
                            select
                            from member
                            join organization_ancestor on organization_ancestor.organization_id = member.organization_id
                            where member.member_id = found.member_id
                                and organization_ancestor.ancestor_id = program_session.audience_id
                            -- Else PostgreSQL may read every member into a hash first.
                            offset 0)
                        then 'session_unknown'
                    when found.number_after <> found.number_before and program_session.starts_at <= instant then 'session_over'
                    else 'moved'
                end as verdict
            from found
            left join lateral (
                select program_session.*
                from program_session
                where program_session.program_id = found.program_id and program_session.number = found.number_after
                offset 0
            ) program_session on true
        ),
        seated as materialized (
            select
                judged.*,
                case
                    when judged.verdict = 'moved' and judged.takes_seat
                        and row_number() over (
                            partition by judged.program_id, judged.number_after, judged.verdict = 'moved' and judged.takes_seat
                            order by judged.ordinality
                        ) > judged.seats_left
                        then 'session_full'
                    else judged.verdict
                end as seat_verdict
            from judged
        ),
        decided as materialized (
            select
                seated.*,
                case
                    when seated.seat_verdict = 'moved' and seated.takes_quota
                        and row_number() over (
                            partition by seated.program_id, seated.seat_verdict = 'moved' and seated.takes_quota
                            order by seated.ordinality
                        ) > seated.quota_left
                        then 'quota_full'
                    else seated.seat_verdict
                end as final
            from seated
        ),
        moved as materialized (
            select decided.* from decided where decided.final = 'moved'
        ),
        awarded as (
            update program_award
            set
                (state, number, offered_until, changed_at, version) = (
                    select
                        moved.state_after,
                        moved.number_after,
                        case
                            when moved.state_after <> 'offered' then null
                            when moved.state_before = 'offered' then program_award.offered_until
                            else moved.new_offer_ends
                        end,
                        instant,
                        program_award.version + 1
                    from moved
                    where moved.member_id = program_award.member_id and moved.program_id = program_award.program_id)
            -- Where the rows stand, which are locked: by their keys PostgreSQL may prefer to go through all of the program's.
            where program_award.ctid = any (array(select moved.stands_at from moved))
        ),
        change as materialized (
            select place.program_id, place.number, sum(place.places)::integer as places
            from (
                select moved.program_id, moved.number_before as number, -1 as places
                from moved
                where programs_holds_place(moved.state_before)
                union all
                select moved.program_id, moved.number_after, 1
                from moved
                where programs_holds_place(moved.state_after)
            ) place
            group by place.program_id, place.number
            having sum(place.places) <> 0
        ),
        filled as (
            update program_session
            set taken = program_session.taken + (
                select change.places
                from change
                where change.program_id = program_session.program_id and change.number = program_session.number)
            where program_session.program_id = any (array(select change.program_id from change))
                and program_session.number = any (array(select change.number from change))
                and (
                    select change.places
                    from change
                    where change.program_id = program_session.program_id and change.number = program_session.number) <> 0
        ),
        counted as (
            update program
            set taken = program.taken + (select sum(change.places)::integer from change where change.program_id = program.program_id)
            where program.program_id = any (array(select change.program_id from change))
        ),
        kept as (
            update benefit
            set
                state = (
                    select programs_benefit_state(moved.state_after)
                    from moved
                    where moved.member_id = benefit.member_id and moved.program_id = benefit.program_id),
                changed_at = instant
            where benefit.member_id = any (array(select moved.member_id from moved where moved.family is not null))
                and benefit.state in ('held', 'confirmed', 'used')
                and (
                    select programs_benefit_state(moved.state_after)
                    from moved
                    where moved.member_id = benefit.member_id and moved.program_id = benefit.program_id) <> benefit.state
        ),
        noted as (
            insert into program_award_event (
                member_id, program_id, state_before, state_after, number_before, number_after, reason, done_by, occurred_at)
            select
                moved.member_id, moved.program_id, moved.state_before, moved.state_after, moved.number_before, moved.number_after,
                moved.reason, moved.done_by, instant
            from moved
            order by moved.ordinality
        ),
        told as (
            insert into outbox_event (type, subject, organization_id, data)
            select
                'award.' || moved.state_after, 'member:' || moved.member_id, moved.organization_id,
                json_build_object(
                    'programId', moved.program_id, 'memberId', moved.member_id, 'number', moved.number_after, 'state',
                    moved.state_after)::text
            from moved
            order by moved.ordinality
        ),
        messages as (
            insert into member_message (member_id, kind, text_zh, text_en, subject)
            select moved.member_id, message.kind, message.text_zh, message.text_en, 'program:' || moved.program_id
            from moved
            cross join lateral (
                select
                from member
                where member.member_id = moved.member_id and member.status <> 'left'
                offset 0
            ) here
            cross join lateral programs_award_message(
                moved.member_id, moved.state_after, false, moved.number_after <> moved.number_before, moved.done_by,
                moved.program_title, moved.session_title, moved.starts_at, coalesce(moved.offer_ends, moved.new_offer_ends)) message
            order by moved.ordinality
        )
        select
            decided.ordinality::integer,
            decided.final,
            case when decided.final = 'moved' then decided.state_after else decided.state_before end,
            case when decided.final = 'moved' then decided.number_after else decided.number_before end,
            case when (decided.final = 'moved' and decided.state_after = 'offered')
                or (decided.final <> 'moved' and decided.state_before = 'offered')
                then coalesce(decided.offer_ends, decided.new_offer_ends)
            end
        from decided;
    end loop;
end
$$;
