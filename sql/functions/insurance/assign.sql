-- Decides    who gets a policy that is free in a batch: those whom the waitlist names, or who join mutual aid.
-- Locks      the batch's row first, as insurance_move does; then the product's family, as a run does, to the end of the transaction: else
--            two batches of it that give to one person at once would each see nobody covered, and one of them fail as a whole.
-- Requests   in their order, as far as free places go.
-- Returns    one row per request, to be matched by ordinality, in no order:
--            assigned  with the policy's number in our books
--            no_place  nothing is free
--            has_had   the person has or had a policy of this batch: with its number in our books
--            covered   the person has a policy of the family over some of these days
--            not_active  the membership is not active
--            not_open  the batch does not give policies now, or not in this way, or all its days are over
-- Joined     who joined without having paid is reserved until the contribution is written down.
-- Plan       pinned to keys.
-- Clock      this database's clock plus clock_offset_us, read after the lock.
create or replace function insurance_assign(
    batch bigint,
    member_ids bigint[],
    places integer[],
    classes smallint[],
    group_masks smallint[],
    phases text[],
    origin text,
    done_by text,
    clock_offset_us bigint)
returns table (ordinality integer, outcome text, policy_id bigint)
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
    whole record;
begin
    select insurance_batch.*, insurance_product.insurer_id as company_id, insurance_product.family as cover_family
    into whole
    from insurance_batch
    join insurance_product on insurance_product.product_id = insurance_batch.product_id
    where insurance_batch.batch_id = batch
    for no key update of insurance_batch;

    perform insurance_hold_family(whole.cover_family);

    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    return query
    with request as materialized (
        select request.*, row_number() over (partition by request.member_id order by request.ordinality) as attempt
        from unnest(member_ids, places, classes, group_masks, phases)
            with ordinality as request (member_id, place, class, group_mask, phase, ordinality)
    ),
    judged as materialized (
        select
            request.*,
            had.policy_id as had_id,
            case
                when whole.state is distinct from 'confirmed' then 'not_open'
                when (origin = 'joined') <> (whole.kind = 'mutual_aid') then 'not_open'
                when origin = 'joined' and whole.join_until <= instant then 'not_open'
                when (instant at time zone 'Asia/Shanghai')::date >= whole.cover_until then 'not_open'
                when request.attempt > 1 or had.policy_id is not null then 'has_had'
                when member.status is distinct from 'active' then 'not_active'
                when exists (
                    select
                    from member person
                    cross join lateral (
                        select
                        from policy_cover
                        where policy_cover.member_id = person.member_id
                            and policy_cover.family = whole.cover_family
                            and policy_cover.cover && daterange(whole.cover_from, whole.cover_until)
                        offset 0
                    ) held
                    where person.member_id = request.member_id or person.merged_into = request.member_id)
                    then 'covered'
                else 'assigned'
            end as verdict
        from request
        left join lateral (
            select member.status
            from member
            where member.member_id = request.member_id
            offset 0
        ) member on true
        left join lateral (
            select own.policy_id
            from member person
            cross join lateral (
                select policy.policy_id
                from policy
                where policy.batch_id = batch and policy.member_id = person.member_id
                -- Else PostgreSQL may go through all of the batch for one person, before it has statistics.
                offset 0
            ) own
            where person.member_id = request.member_id or person.merged_into = request.member_id
            order by own.policy_id desc
            limit 1
        ) had on true
    ),
    decided as materialized (
        select
            judged.*,
            case
                when judged.verdict = 'assigned'
                    and row_number() over (partition by judged.verdict order by judged.ordinality) > whole.free
                    then 'no_place'
                else judged.verdict
            end as final
        from judged
    ),
    numbers as materialized (
        select policy_number.number, row_number() over (order by policy_number.number) as turn
        from policy_number
        where policy_number.batch_id = batch and policy_number.state = 'free'
        order by policy_number.number
        limit (select count(*) from decided where decided.final = 'assigned')
    ),
    meant as materialized (
        select decided.*, row_number() over (order by decided.ordinality) as turn
        from decided
        where decided.final = 'assigned'
    ),
    given as (
        insert into policy (
            member_id, batch_id, insurer_id, family, state, source, cover, number, place, class, groups, phase, changed_at)
        select
            meant.member_id, batch, whole.company_id, whole.cover_family, 'reserved', origin,
            daterange(whole.cover_from, whole.cover_until), numbers.number, meant.place, meant.class, coalesce(meant.group_mask, 0),
            meant.phase, instant
        from meant
        left join numbers on numbers.turn = meant.turn
        order by meant.ordinality
        returning policy.member_id, policy.policy_id, policy.number
    ),
    covering as (
        insert into policy_cover (member_id, policy_id, family, cover)
        select given.member_id, given.policy_id, whole.cover_family, daterange(whole.cover_from, whole.cover_until)
        from given
    ),
    numbered as (
        update policy_number
        set state = 'given', member_id = given.member_id, policy_id = given.policy_id
        from given
        where policy_number.insurer_id = whole.company_id and policy_number.number = given.number
    ),
    counted as (
        update insurance_batch
        set free = free - (select count(*) from meant), reserved = reserved + (select count(*) from meant)
        where insurance_batch.batch_id = batch and exists (select from meant)
    ),
    noted as (
        insert into policy_event (member_id, policy_id, state_after, done_by, occurred_at)
        select given.member_id, given.policy_id, 'reserved', done_by, instant
        from given
    )
    select decided.ordinality::integer, decided.final, coalesce(given.policy_id, decided.had_id)
    from decided
    left join given on decided.final = 'assigned' and given.member_id = decided.member_id;
end
$$;
