-- Records claims about members: one statement for one claim or for a thousand. A member and attribute stand in a batch once.
-- Decides which claims tell something new, and sets the columns of member that follow from claims. A claim equal to the last one of
-- the same evidence changes nothing, so that a repeat is harmless.
-- Locks: the members, in the order of their numbers.
-- Returns one row per request, by ordinality: recorded | unchanged | member_unknown (no such member, merged or erased).

create or replace function member_attributes_claim(
    member_ids bigint[],
    attributes text[],
    claimed_values text[],
    evidences text[],
    evidence_days date[],
    sources text[],
    told_by text
) returns table (request integer, outcome text)
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
declare
    known bigint[];
begin
    select coalesce(array_agg(locked.member_id), '{}')
    into known
    from (
        select member.member_id
        from member
        where member.member_id = any (member_ids) and member.merged_into is null and member.erased_at is null
        order by member.member_id
        for no key update of member
    ) locked;

    -- What stood in a column without a claim becomes the first claim, so that the history begins with it.
    insert into member_attribute (member_id, attribute, value, evidence, evidenced_on, recorded_by, recorded_at)
    select
        member.member_id, found.attribute, found.value, 'self_declared', (member.created_at at time zone 'Asia/Shanghai')::date,
        'registry', member.created_at
    from unnest(member_ids, attributes) as input (member_id, attribute)
    join member on member.member_id = input.member_id
    cross join lateral (
        values
            ('worker_kind', member.worker_kind), ('employment_form', member.employment_form),
            ('hardship_post', member.hardship_post::text), ('employer_checkup', member.employer_checkup::text)
    ) as found (attribute, value)
    where
        member.member_id = any (known)
        and found.attribute = input.attribute
        and not exists (
            select from member_attribute earlier
            where earlier.member_id = input.member_id and earlier.attribute = input.attribute
        );

    return query
    with input as materialized (
        select *
        from unnest(member_ids, attributes, claimed_values, evidences, evidence_days, sources)
            with ordinality as input (member_id, attribute, value, evidence, evidenced_on, source, request)
    ),
    novel as materialized (
        select input.*
        from input
        left join lateral (
            select earlier.value, earlier.evidenced_on, earlier.source
            from member_attribute earlier
            where
                earlier.member_id = input.member_id
                and earlier.attribute = input.attribute
                and earlier.evidence = input.evidence
            order by earlier.claim_id desc
            limit 1
        ) latest on true
        where
            input.member_id = any (known)
            and (latest.value, latest.evidenced_on, latest.source)
                is distinct from (input.value, input.evidenced_on, input.source)
    ),
    recorded as (
        insert into member_attribute (member_id, attribute, value, evidence, evidenced_on, source, recorded_by)
        select novel.member_id, novel.attribute, novel.value, novel.evidence, novel.evidenced_on, novel.source, told_by
        from novel
        order by novel.request
    )
    select
        input.request::integer,
        case
            when not input.member_id = any (known) then 'member_unknown'
            when novel.request is null then 'unchanged'
            else 'recorded'
        end
    from input
    left join novel on novel.request = input.request
    order by input.request;

    -- Which claim holds now, marked; in two steps, for one at a time may be.
    with newest as materialized (
        select input.member_id, input.attribute, claim.claim_id
        from unnest(member_ids, attributes) as input (member_id, attribute)
        cross join lateral (
            select told.claim_id
            from member_attribute told
            where told.member_id = input.member_id and told.attribute = input.attribute
            order by
                case told.evidence when 'verified' then 3 when 'certified' then 2 else 1 end desc, told.evidenced_on desc,
                told.claim_id desc
            limit 1
        ) claim
        where input.member_id = any (known)
    )
    update member_attribute ended
    set is_current = false
    from newest
    where
        ended.member_id = newest.member_id
        and ended.attribute = newest.attribute
        and ended.is_current
        and ended.claim_id <> newest.claim_id;

    update member_attribute held
    set is_current = true
    from unnest(member_ids, attributes) as input (member_id, attribute)
    cross join lateral (
        select told.claim_id
        from member_attribute told
        where told.member_id = input.member_id and told.attribute = input.attribute
        order by
            case told.evidence when 'verified' then 3 when 'certified' then 2 else 1 end desc, told.evidenced_on desc, told.claim_id desc
        limit 1
    ) newest
    where
        input.member_id = any (known)
        and held.member_id = input.member_id
        and held.attribute = input.attribute
        and held.claim_id = newest.claim_id
        and not held.is_current
        and (
            held.evidence <> 'self_declared'
            or held.attribute not in ('worker_kind', 'employment_form', 'hardship_post', 'employer_checkup'));

    update member
    set
        worker_kind = held.worker_kind,
        employment_form = held.employment_form,
        hardship_post = held.hardship_post,
        employer_checkup = held.employer_checkup,
        evidenced = held.evidenced,
        version = member.version + 1,
        updated_at = now()
    from (
        select
            present.member_id,
            coalesce(max(claim.value) filter (where claim.attribute = 'worker_kind'), present.worker_kind) as worker_kind,
            coalesce(max(claim.value) filter (where claim.attribute = 'employment_form'), present.employment_form) as employment_form,
            coalesce(bool_or(claim.value = 'true') filter (where claim.attribute = 'hardship_post'), present.hardship_post)
                as hardship_post,
            coalesce(bool_or(claim.value = 'true') filter (where claim.attribute = 'employer_checkup'), present.employer_checkup)
                as employer_checkup,
            coalesce(array_agg(claim.attribute order by claim.attribute) filter (where claim.evidence <> 'self_declared'), '{}')
                as evidenced
        from member present
        join member_attribute_current claim on claim.member_id = present.member_id
        where
            present.member_id = any (known)
            and claim.attribute in ('worker_kind', 'employment_form', 'hardship_post', 'employer_checkup')
        group by present.member_id
    ) held
    where
        member.member_id = held.member_id
        and (member.worker_kind, member.employment_form, member.hardship_post, member.employer_checkup, member.evidenced)
            is distinct from (held.worker_kind, held.employment_form, held.hardship_post, held.employer_checkup, held.evidenced);
end
$$;
