-- What is known of members when a program looks: all that conditions ask for, of each in one row.
--
-- Decides    nothing.
-- Locks      nothing.
-- Returns    one row per request whose member exists, to be matched by ordinality, in no order. attributes, claim_values, evidences and
--            evidence_days belong together; they hold the claims that stand beside the member's own columns. ancestors stand in no order.
--            benefits are family/period, those of members merged into this one among them.
-- Plan       pinned to keys, for it is made while tables are empty and kept while they grow.
create or replace function programs_candidates(member_ids bigint[]) returns table (
    request integer,
    member_id bigint,
    organization_id bigint,
    status text,
    birth_on date,
    sex text,
    member_since date,
    worker_kind text,
    employment_form text,
    hardship_post boolean,
    employer_checkup boolean,
    ancestors bigint[],
    attributes text[],
    claim_values text[],
    evidences text[],
    evidence_days date[],
    benefits text[])
language plpgsql
stable
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set enable_material = off
set enable_memoize = off
set enable_bitmapscan = off
set jit = off
as $$
#variable_conflict use_column
begin
    return query
    select
        input.ordinality::integer, member.member_id, member.organization_id, member.status, member.birth_on, member.sex,
        (member.created_at at time zone 'Asia/Shanghai')::date, member.worker_kind, member.employment_form, member.hardship_post,
        member.employer_checkup,
        array(
            select ancestor.ancestor_id
            from organization_ancestor ancestor
            where ancestor.organization_id = member.organization_id),
        claim.attributes, claim.claim_values, claim.evidences, claim.evidence_days,
        array(
            select benefit.family || '/' || benefit.period
            from benefit
            where benefit.member_id = member.member_id and benefit.state in ('held', 'confirmed', 'used')
            union all
            select benefit.family || '/' || benefit.period
            from member merged
            join benefit on benefit.member_id = merged.member_id
            where merged.merged_into = member.member_id and benefit.state in ('held', 'confirmed', 'used'))
    from unnest(member_ids) with ordinality as input (member_id, ordinality)
    join member on member.member_id = input.member_id
    cross join lateral (
        select
            coalesce(array_agg(held.attribute), '{}') as attributes, coalesce(array_agg(held.value), '{}') as claim_values,
            coalesce(array_agg(held.evidence), '{}') as evidences, coalesce(array_agg(held.evidenced_on), '{}') as evidence_days
        from member_attribute held
        where held.member_id = member.member_id and held.is_current
    ) claim;
end
$$;
