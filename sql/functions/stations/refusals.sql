-- stations_refusals_compare: brings access_refusal up to date with members and cards.
--
-- Decides    nothing; compares the list with what it is made of. 100,000 refused members among a million take some 150 ms, so it is done
--            at most once in max_age, by the first who asks; whoever asks meanwhile gets the list as it was.
-- Locks      the row of access_refusal_list, passed over when another holds it; then the rows of access_refusal that change.
-- Returns    true when it compared.
create or replace function stations_refusals_compare(max_age interval)
returns boolean
language plpgsql
set jit = off
as $$
declare
    next_version bigint;
    difference bigint;
begin
    select version + 1 into next_version
    from access_refusal_list
    where compared_at < clock_timestamp() - max_age
    for update skip locked;
    if not found then
        return false;
    end if;

    with refused as materialized (
        select case status when 'provisional' then 'provisional' else 'member' end as kind, member_id as subject_id
        from member
        where status <> 'active' and merged_into is null
        union all
        -- The cards of who was merged bear the old number, and are the survivor's.
        select case survivor.status when 'provisional' then 'provisional' else 'member' end, merged.member_id
        from member merged
        join member survivor on survivor.member_id = merged.merged_into
        where merged.merged_into is not null and survivor.status <> 'active'
        union all
        select case when revoked_at is null then 'pin_card' else 'card' end, credential_id
        from access_credential
        where kind = 'card' and (revoked_at is not null or pin_digest is not null)
    ),
    changed as (
        insert into access_refusal as listed (kind, subject_id, is_refused, version)
        select kind, subject_id, now_refused.subject_id is not null, next_version
        from refused now_refused
        full join (select kind, subject_id from access_refusal where is_refused) before using (kind, subject_id)
        where now_refused.subject_id is null or before.subject_id is null
        on conflict (kind, subject_id) do update set is_refused = excluded.is_refused, version = excluded.version
        returning kind, subject_id
    )
    select bit_xor(('x' || encode(substr(sha256(convert_to(kind || ':' || subject_id, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint)
    into difference
    from changed;

    update access_refusal_list
    set version = case when difference is null then version else next_version end,
        digest = digest # coalesce(difference, 0),
        compared_at = clock_timestamp();
    return true;
end
$$;
