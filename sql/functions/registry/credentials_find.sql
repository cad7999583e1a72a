-- registry_credentials_find: whose cards and numbers are these, and do they hold?
--
-- Decides    as the doors do: a credential that was revoked or whose days are over names its member and is refused; one with a PIN wants
--            it. Five wrong PINs since the last right one lock it.
-- Locks      access_credential, those with a PIN, by id: so PINs tried at one moment are counted one by one.
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
    tried as (
        update access_credential
        set pin_failures = case when attempt.is_wrong then access_credential.pin_failures + attempt.times else 0 end
        from (
            select judged.credential_id, bool_and(judged.reason = 'pin_wrong') as is_wrong, count(*)::integer as times
            from judged
            where judged.right_pin_digest is not null and (judged.reason is null or judged.reason = 'pin_wrong')
            group by judged.credential_id
        ) attempt
        where access_credential.credential_id = attempt.credential_id
            and (attempt.is_wrong is true or access_credential.pin_failures > 0)
    )
    select judged.ordinality::integer, judged.member_id, judged.reason
    from judged;
end
$$;
