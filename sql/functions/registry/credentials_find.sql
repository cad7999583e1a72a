-- registry_credentials_find: whose cards and numbers are these, and do they hold?
--
-- Decides    as the doors do: a credential that was revoked or whose days are over names its member and is refused; one with a PIN wants
--            it. Five wrong PINs since the last right one lock it.
-- Locks      access_credential, those with a PIN, by id: so PINs tried at one moment are counted one by one, in one call in their order.
-- Returns    one row per request, to be matched by ordinality: the member, if there is such a credential, and what it is refused for
--            (card_unknown, card_revoked, card_expired, number_unknown, pin_missing, pin_wrong, pin_locked), if it is.
create or replace function registry_credentials_find(
    kinds text[], digests bytea[], pin_digests bytea[], instant timestamptz)
returns table (ordinality integer, member_id bigint, reason text)
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
#variable_conflict use_column
begin
    perform 1
    from access_credential
    where access_credential.credential_digest = any (digests) and access_credential.pin_digest is not null
    order by access_credential.credential_id
    for no key update;

    return query
    with judged as materialized (
        select
            request.ordinality,
            request.pin_digest,
            access_credential.credential_id,
            access_credential.member_id,
            access_credential.pin_digest as right_pin_digest,
            access_credential.pin_failures,
            case
                when access_credential.credential_id is null then request.kind || '_unknown'
                when access_credential.revoked_at is not null
                    or access_credential.valid_from > instant
                    or access_credential.valid_until <= instant
                    then case
                        when request.kind = 'number' then 'number_unknown'
                        when access_credential.revoked_at is not null then 'card_revoked'
                        else 'card_expired'
                    end
                when access_credential.pin_digest is null then null
                when access_credential.pin_failures >= 5 then 'pin_locked'
                when request.pin_digest is null then 'pin_missing'
                when request.pin_digest <> access_credential.pin_digest then 'pin_wrong'
            end as reason
        from unnest(kinds, digests, pin_digests) with ordinality as request (kind, digest, pin_digest, ordinality)
        left join access_credential
            on access_credential.credential_digest = request.digest
            and access_credential.kind = request.kind
        where request.kind in ('card', 'number')
    ),
    counted as materialized (
        select
            judged.ordinality,
            judged.credential_id,
            judged.member_id,
            judged.pin_failures,
            judged.right_pin_digest is not null and (judged.reason is null or judged.reason = 'pin_wrong') as is_try,
            case
                when judged.right_pin_digest is not null
                    and (judged.reason is null or judged.reason = 'pin_wrong')
                    and judged.pin_failures + count(*) filter (where judged.reason = 'pin_wrong') over (
                        partition by judged.credential_id order by judged.ordinality rows between unbounded preceding and 1 preceding
                    ) >= 5
                    then 'pin_locked'
                else judged.reason
            end as reason
        from judged
    ),
    tried as (
        update access_credential
        set pin_failures = attempt.failures
        from (
            select
                counted.credential_id,
                case when bool_or(counted.reason is null) then 0 else min(counted.pin_failures) end
                    + count(*) filter (where counted.reason = 'pin_wrong' and counted.ordinality > counted.last_right)::integer as failures
            from (
                select
                    counted.*,
                    coalesce(max(counted.ordinality) filter (where counted.reason is null) over (partition by counted.credential_id), 0)
                        as last_right
                from counted
                where counted.is_try
            ) counted
            group by counted.credential_id
        ) attempt
        where access_credential.credential_id = attempt.credential_id and access_credential.pin_failures <> attempt.failures
    )
    select counted.ordinality::integer, counted.member_id, counted.reason
    from counted;
end
$$;
