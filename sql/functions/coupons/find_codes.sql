-- coupons_find_codes: whose cards, numbers and one-time codes were shown at a venue, and do they hold?
--
-- Decides    a card or number as registry_credentials_find does, at its moment; one that was revoked later than it was taken without
--            network held then, with its PIN. A one-time code stands for one coupon until it is used, expires or is followed by another.
--            Of one device 20 codes an hour may be wrong; then none is looked at, so that nothing is learned by guessing.
-- Writes     access_credential, the wrong PINs; attempt_limit, the wrong codes.
-- Locks      access_credential by id, then attempt_limit by device, of devices that the caller holds.
-- Returns    one row per position that was asked for and is not a member code: the member, the coupon that a one-time code stands for, and
--            what it is refused for: coupon.card_… | coupon.number_unknown | coupon.pin_… | coupon.code_unknown | coupon.code_expired
--            | coupon.too_many_codes.
create or replace function coupons_find_codes(
    positions integer[],
    device_ids bigint[],
    credential_kinds text[],
    credential_digests bytea[],
    pin_digests bytea[],
    moments timestamptz[],
    clock_offset_us bigint)
returns table ("position" integer, member_id bigint, coupon_id bigint, reason text)
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
    carded integer[];
    asked record;
    card record;
    held access_credential;
    device_subject bytea;
begin
    perform 1
    from access_credential
    where
        access_credential.credential_digest in (
            select credential_digests[card.position] from unnest(positions) as card ("position")
            where credential_kinds[card.position] in ('card', 'number'))
        and access_credential.pin_digest is not null
    order by access_credential.credential_id
    for no key update;

    -- Those of one moment together: online all of them.
    for asked in
        select moments[card.position] as moment, array_agg(card.position order by card.position) as positions
        from unnest(positions) as card ("position")
        where credential_kinds[card.position] in ('card', 'number')
        group by 1
        order by 1
    loop
        carded := asked.positions;
        for card in
            select found.*
            from registry_credentials_find(
                array(select credential_kinds[card.position] from unnest(carded) with ordinality as card ("position", n) order by card.n),
                array(select credential_digests[card.position] from unnest(carded) with ordinality as card ("position", n) order by card.n),
                array(select pin_digests[card.position] from unnest(carded) with ordinality as card ("position", n) order by card.n),
                asked.moment) found
            order by found.ordinality
        loop
            "position" := carded[card.ordinality];
            member_id := card.member_id;
            coupon_id := null;
            reason := 'coupon.' || card.reason;
            held := null;
            if card.reason in ('card_revoked', 'number_unknown') then
                select access_credential.* into held
                from access_credential
                where
                    access_credential.credential_digest = credential_digests["position"]
                    and access_credential.kind = credential_kinds["position"]
                    and access_credential.valid_from <= asked.moment
                    and access_credential.revoked_at > asked.moment
                    and (access_credential.valid_until is null or access_credential.valid_until > asked.moment);
            end if;
            if held.credential_id is not null then
                reason := case
                    when held.pin_digest is null then null
                    when held.pin_failures >= 5 then 'coupon.pin_locked'
                    when pin_digests["position"] is null then 'coupon.pin_missing'
                    when pin_digests["position"] <> held.pin_digest then 'coupon.pin_wrong'
                end;
                update access_credential
                set pin_failures = access_credential.pin_failures + 1
                where access_credential.credential_id = held.credential_id and reason = 'coupon.pin_wrong';
            end if;
            return next;
        end loop;
    end loop;

    -- All codes at once. What a device tried is counted only where one of its codes is wrong, or it has no attempt left.
    for asked in
        select
            typed.position, device_ids[typed.position] as device_id, moments[typed.position] as moment, code.member_id, code.coupon_id,
            code.expires_at, bool_or(code.member_id is null or tried.recently >= 20) over (
                partition by device_ids[typed.position]) as is_counted
        from unnest(positions) as typed ("position")
        left join coupon_code code on code.digest = credential_digests[typed.position]
        cross join lateral (
            select coalesce(max(
                (
                    select count(*) from unnest(attempt_limit.taken_at) as attempt (taken_at)
                    where attempt.taken_at > clock_timestamp() + clock_offset_us * interval '1 microsecond' - interval '1 hour')), 0)
                as recently
            from attempt_limit
            where
                attempt_limit.kind = 'coupon_code.device'
                and attempt_limit.subject = sha256(convert_to('device:' || device_ids[typed.position], 'UTF8'))
        ) tried
        where credential_kinds[typed.position] = 'coupon_code'
        order by 2, 1
    loop
        "position" := asked.position;
        member_id := null;
        coupon_id := null;
        reason := null;
        if asked.is_counted then
            device_subject := sha256(convert_to('device:' || asked.device_id, 'UTF8'));
            if accounts_attempts_take(array['coupon_code.device'], array[device_subject], array[20], array[3600], clock_offset_us) > 0 then
                reason := 'coupon.too_many_codes';
            elsif asked.member_id is not null then
                update attempt_limit
                set taken_at = trim_array(attempt_limit.taken_at, 1)
                where attempt_limit.kind = 'coupon_code.device' and attempt_limit.subject = device_subject;
            end if;
        end if;
        if reason is null then
            member_id := asked.member_id;
            coupon_id := asked.coupon_id;
            reason := case
                when asked.member_id is null then 'coupon.code_unknown'
                when asked.expires_at <= asked.moment then 'coupon.code_expired'
            end;
        end if;
        return next;
    end loop;
end
$$;
