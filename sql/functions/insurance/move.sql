-- Decides    which policies of one batch pass into another state.
-- Locks      the batch's row first, so that all moves of a batch and everything that gives policies out of it come one after another; then
--            the policies need no locks of their own.
-- Requests   of one policy in one call: the first counts, the others are told `repeated`.
--            Where numbers are brought the insurer's row next, so that no two batches bring one number.
-- Returns    one row per request, to be matched by ordinality, in no order:
--            moved          with the state before
--            unchanged      it was so already: for `issued` under the same number and days
--            no_policy      the batch has none of this number
--            not_allowed    this state cannot follow the present one; with it
--            number_used    the insurer gave this number to another policy, or it is another's line in this call
--            outside_cover  the days do not lie within the batch's
--            covered        the person has another policy of the family over some of these days
--            repeated       an earlier request of the call is about the same policy
-- Numbers    a policy's number is `given` with it; a policy that is refused, returned or cancelled once it was issued makes its number
--            `void`, one that never was issued leaves its number free for the next. A number that the insurer replaces is void.
-- Plan       pinned to keys, for one request as for a hundred thousand: whatever is looked up has a key, in a lateral part that stays one
--            (offset 0), and nothing else is joined. Left to itself, with the statistics of a batch that has just grown from nothing,
--            PostgreSQL looked through the whole batch for each line of a file.
-- Clock      this database's clock plus clock_offset_us, read after the lock.
create or replace function insurance_move(
    batch bigint,
    policy_ids bigint[],
    states text[],
    given_numbers text[],
    cover_froms date[],
    cover_untils date[],
    accept_days smallint,
    reasons text[],
    done_by text,
    clock_offset_us bigint)
returns table (ordinality integer, outcome text, state_before text)
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set work_mem = '64MB'
set jit = off
as $$
#variable_conflict use_column
declare
    instant timestamptz;
    whole record;
begin
    select insurance_batch.*, insurance_product.insurer_id as company_id
    into whole
    from insurance_batch
    join insurance_product on insurance_product.product_id = insurance_batch.product_id
    where insurance_batch.batch_id = batch
    for no key update of insurance_batch;

    -- A number is one policy's among all batches of the insurer: whoever brings numbers waits for whoever else does.
    if exists (select from unnest(given_numbers) as given (number) where given.number is not null) then
        perform from insurer where insurer.insurer_id = whole.company_id for no key update;
    end if;

    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    return query
    with attempted as materialized (
        select
            request.*,
            -- Days that end before they begin are no range, and lie outside of every batch.
            case when request.cover_from < request.cover_until then daterange(request.cover_from, request.cover_until) end as cover,
            row_number() over (partition by request.policy_id order by request.ordinality) as attempt
        from unnest(policy_ids, states, given_numbers, cover_froms, cover_untils, reasons)
            with ordinality as request (policy_id, state, number, cover_from, cover_until, reason, ordinality)
    ),
    request as materialized (
        select
            attempted.*,
            case
                when attempted.number is not null and attempted.attempt = 1
                    then row_number() over (partition by attempted.number, attempted.attempt order by attempted.ordinality)
            end as number_turn
        from attempted
    ),
    found as materialized (
        select
            request.*,
            policy.member_id,
            policy.family,
            policy.state as state_before,
            policy.number as number_before,
            policy.cover as cover_before,
            coalesce(request.cover, policy.cover) as cover_after,
            coalesce(request.number, policy.number) as number_after,
            -- Whether the number that a line brings is somebody's already: of this insurer, whatever batch, or of an earlier line.
            request.number_turn > 1
                or known.number is not null
                    and known.policy_id is distinct from request.policy_id
                    and not (known.state = 'free' and known.batch_id = batch) as is_number_used
        from request
        left join lateral (
            select policy.member_id, policy.family, policy.state, policy.number, policy.cover
            from policy
            where policy.batch_id = batch and policy.policy_id = request.policy_id
            offset 0
        ) policy on true
        left join lateral (
            select policy_number.number, policy_number.policy_id, policy_number.state, policy_number.batch_id
            from policy_number
            where policy_number.insurer_id = whole.company_id and policy_number.number = request.number
            offset 0
        ) known on true
    ),
    judged as materialized (
        select
            found.*,
            case
                when found.attempt > 1 then 'repeated'
                when found.member_id is null then 'no_policy'
                when found.cover_from >= found.cover_until then 'outside_cover'
                when found.state = found.state_before
                    and found.number_after is not distinct from found.number_before
                    and found.cover_after = found.cover_before
                    then 'unchanged'
                -- Told once more what has gone on since.
                when found.state = 'issued'
                    and found.state_before in ('accepted', 'active', 'claimed', 'expired')
                    and found.number_after = found.number_before
                    and found.cover_after = found.cover_before
                    then 'unchanged'
                when not insurance_may_follow(found.state_before, found.state) then 'not_allowed'
                when found.is_number_used then 'number_used'
                when not found.cover_after <@ daterange(whole.cover_from, whole.cover_until) then 'outside_cover'
                when found.cover_after <> found.cover_before
                    and exists (
                        select
                        from policy_cover other
                        where other.member_id = found.member_id
                            and other.policy_id <> found.policy_id
                            and other.family = found.family
                            and other.cover && found.cover_after)
                    then 'covered'
                else 'moved'
            end as verdict
        from found
    ),
    moved as materialized (
        select
            judged.*,
            judged.state_before in ('issued', 'accepted', 'active') as was_issued,
            judged.state in ('refused', 'returned', 'cancelled') as is_over
        from judged
        where judged.verdict = 'moved'
    ),
    changed as (
        update policy
        set
            state = moved.state,
            number = case when not moved.is_over or moved.was_issued then moved.number_after end,
            cover = moved.cover_after,
            reason = moved.reason,
            -- The newest, in which it stands: a roster is written before its policies are moved.
            roster_number = case
                when moved.state = 'sent' then
                    (select max(insurance_roster.number) from insurance_roster where insurance_roster.batch_id = batch)
                else policy.roster_number
            end,
            accept_until = case
                when moved.state = 'issued' and accept_days is not null
                    then least(
                        instant + accept_days * interval '1 day', upper(moved.cover_after)::timestamp at time zone 'Asia/Shanghai')
            end,
            version = policy.version + 1,
            changed_at = instant
        from moved
        where policy.member_id = moved.member_id and policy.policy_id = moved.policy_id
    ),
    uncovered as (
        delete from policy_cover
        using moved
        where moved.is_over and policy_cover.member_id = moved.member_id and policy_cover.policy_id = moved.policy_id
    ),
    covering as (
        update policy_cover
        set cover = moved.cover_after
        from moved
        where moved.cover_after <> moved.cover_before
            and not moved.is_over
            and policy_cover.member_id = moved.member_id
            and policy_cover.policy_id = moved.policy_id
    ),
    numbered as (
        insert into policy_number (insurer_id, number, batch_id, state, member_id, policy_id)
        select whole.company_id, moved.number_after, batch, 'given', moved.member_id, moved.policy_id
        from moved
        where moved.number_after is distinct from moved.number_before
        order by moved.number_after
        on conflict (insurer_id, number) do update
        set state = 'given', member_id = excluded.member_id, policy_id = excluded.policy_id
        where policy_number.policy_id = excluded.policy_id or (policy_number.state = 'free' and policy_number.batch_id = batch)
    ),
    loosened as (
        update policy_number
        set
            state = case when moved.is_over and not moved.was_issued then 'free' else 'void' end,
            member_id = case when not moved.is_over or moved.was_issued then policy_number.member_id end,
            policy_id = case when not moved.is_over or moved.was_issued then policy_number.policy_id end
        from (
            select moved.*, known.stands_at
            from moved
            cross join lateral (
                select policy_number.ctid as stands_at
                from policy_number
                where policy_number.insurer_id = whole.company_id and policy_number.number = moved.number_before
                offset 0
            ) known
            where moved.is_over or moved.number_after <> moved.number_before
        ) moved
        where policy_number.ctid = moved.stands_at
    ),
    change as materialized (
        select place.state, sum(place.policies)::integer as policies
        from (
            select insurance_place(moved.state_before) as state, -1 as policies from moved
            union all
            select insurance_place(moved.state), 1 from moved
        ) place
        group by place.state
    ),
    counted as (
        update insurance_batch
        set
            free = free + coalesce((select change.policies from change where change.state = 'free'), 0),
            reserved = reserved + coalesce((select change.policies from change where change.state = 'reserved'), 0),
            sent = sent + coalesce((select change.policies from change where change.state = 'sent'), 0),
            rejected = rejected + coalesce((select change.policies from change where change.state = 'rejected'), 0),
            issued = issued + coalesce((select change.policies from change where change.state = 'issued'), 0),
            accepted = accepted + coalesce((select change.policies from change where change.state = 'accepted'), 0),
            active = active + coalesce((select change.policies from change where change.state = 'active'), 0),
            claimed = claimed + coalesce((select change.policies from change where change.state = 'claimed'), 0),
            expired = expired + coalesce((select change.policies from change where change.state = 'expired'), 0),
            cancelled = cancelled + coalesce((select change.policies from change where change.state = 'cancelled'), 0),
            ripe_at = least(ripe_at, (
                select min(case moved.state
                    when 'issued' then
                        case
                            when accept_days is null then lower(moved.cover_after)::timestamp at time zone 'Asia/Shanghai'
                            else least(
                                instant + accept_days * interval '1 day',
                                upper(moved.cover_after)::timestamp at time zone 'Asia/Shanghai')
                        end
                    when 'accepted' then lower(moved.cover_after)::timestamp at time zone 'Asia/Shanghai'
                    when 'active' then upper(moved.cover_after)::timestamp at time zone 'Asia/Shanghai'
                end)
                from moved))
        where insurance_batch.batch_id = batch and exists (select from moved)
    ),
    noted as (
        insert into policy_event (member_id, policy_id, state_before, state_after, reason, done_by, occurred_at)
        select moved.member_id, moved.policy_id, moved.state_before, moved.state, moved.reason, done_by, instant
        from moved
        order by moved.ordinality
    ),
    told as (
        insert into outbox_event (type, subject, organization_id, data)
        select
            'policy.' || moved.state, 'member:' || moved.member_id, whole.organization_id,
            json_build_object(
                'policyId', moved.policy_id, 'batchId', batch, 'memberId', moved.member_id, 'state', moved.state)::text
        from moved
        where moved.state in ('issued', 'active', 'refused', 'returned', 'expired', 'cancelled', 'claimed')
        order by moved.ordinality
    )
    select judged.ordinality::integer, judged.verdict, judged.state_before
    from judged;
end
$$;
