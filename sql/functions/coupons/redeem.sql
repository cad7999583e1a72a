-- coupons_redeem: is a coupon good here and now?
--
-- Decides    for each code shown at a venue whether its person has a coupon that is good there: the one asked for, or of those that this
--            venue takes the one that can be used now, whose last day is nearest, then with the lowest number. The device's key says which
--            venue it is. Who shows no valid code is nobody: nothing is told of a person or of coupons. Who is no member any more keeps
--            what was won. Of requests in one batch the earlier one is served first.
-- Offline    what a device took without network is judged by the true times and in their order: codes, days and hours, venues and pauses
--            as they were then. A coupon that somebody else took or gave back is redeemed_twice, and borne by whom the campaign says; what
--            is more than the campaign allows one device a day is the venue's, with the reason coupon.offline_allowance_used.
-- Writes     coupon_redemption, which holds the answer for its request id; of what is redeemed coupon, coupon_event and the round's
--            counts, and the coupon's one-time codes are gone.
-- Locks      venue_device by id, so that what one device does is done one after the other; then as coupons_find_codes; then coupon_round
--            by campaign and round (coupon_campaign is read: a claim, which holds both, is waited for where the round is the same);
--            then coupon by member and number.
-- Returns    one row per request, to be matched by ordinality, in no order:
--            redeemed | redeemed_twice | refused, with the reasons; repeated_… what was answered to this request id before; conflict: the
--            request id was used for something else; unbound: the device redeems at no venue. The member is the one who goes on, of who
--            was merged.
-- Clock      this database's clock plus clock_offset_us, read after the locks.
create or replace function coupons_redeem(
    device_ids bigint[],
    request_ids uuid[],
    member_ids bigint[],
    code_reasons text[],
    credential_kinds text[],
    credential_digests bytea[],
    pin_digests bytea[],
    asked_coupon_ids bigint[],
    spends bigint[],
    occurred_ats timestamptz[],
    fingerprints bytea[],
    is_offline boolean,
    clock_offset_us bigint)
returns table (
    ordinality integer,
    outcome text,
    reasons text[],
    venue_id bigint,
    member_id bigint,
    coupon_id bigint,
    campaign_id bigint,
    title text,
    goods text,
    face_fen bigint,
    amount_fen bigint,
    charged_to text,
    recorded_at timestamptz,
    earlier_at timestamptz,
    earlier_venue text)
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set enable_material = off
set enable_memoize = off
set jit = off
as $$
#variable_conflict use_column
declare
    instant timestamptz;
    moments timestamptz[];
    venues bigint[];
    fresh integer[];
    found record;
    -- A person's numbers, side by side with the request.
    owner_requests integer[];
    owner_members bigint[];
    held bigint[];
    failing text[];
    is_good boolean;
    is_twice boolean;
    used_days text[] := '{}';
    used_day text;
    used bigint[] := '{}';
    accepted integer[] := '{}';
    -- By request: what is decided.
    outcomes text[] := array_fill(null::text, array[cardinality(request_ids)]);
    failures text[] := array_fill(''::text, array[cardinality(request_ids)]);
    owners bigint[] := array_fill(null::bigint, array[cardinality(request_ids)]);
    coupons bigint[] := array_fill(null::bigint, array[cardinality(request_ids)]);
    rounds bigint[] := array_fill(null::bigint, array[cardinality(request_ids)]);
    campaigns bigint[] := array_fill(null::bigint, array[cardinality(request_ids)]);
    states text[] := array_fill(null::text, array[cardinality(request_ids)]);
    amounts bigint[] := array_fill(null::bigint, array[cardinality(request_ids)]);
    charges text[] := array_fill(null::text, array[cardinality(request_ids)]);
begin
    perform 1
    from venue_device
    where venue_device.device_id = any (device_ids)
    order by venue_device.device_id
    for no key update;

    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    select
        array_agg(venue_device.venue_id order by request.n),
        array_agg(case when is_offline then request.occurred_at else instant end order by request.n)
    into venues, moments
    from unnest(device_ids, occurred_ats) with ordinality as request (device_id, occurred_at, n)
    left join device on device.device_id = request.device_id and device.revoked_at is null
    left join venue_device on venue_device.device_id = device.device_id;

    select coalesce(array_agg(request.n::integer order by request.n), '{}')
    into fresh
    from (
        select distinct on (venues[asked.n], asked.request_id) asked.n, asked.request_id
        from unnest(request_ids) with ordinality as asked (request_id, n)
        where venues[asked.n] is not null
        order by venues[asked.n], asked.request_id, asked.n
    ) request
    where not exists (
        select from coupon_redemption
        where coupon_redemption.venue_id = venues[request.n] and coupon_redemption.request_id = request.request_id);

    for found in
        select codes.* from coupons_find_codes(
            fresh, device_ids, credential_kinds, credential_digests, pin_digests, moments, clock_offset_us) codes
    loop
        member_ids[found.position] := found.member_id;
        code_reasons[found.position] := found.reason;
        if found.coupon_id is not null then
            if asked_coupon_ids[found.position] <> found.coupon_id then
                code_reasons[found.position] := coalesce(found.reason, 'coupon.unknown');
            end if;
            asked_coupon_ids[found.position] := found.coupon_id;
        end if;
    end loop;

    select array_agg(owner.n order by owner.n, owner.member_id), array_agg(owner.member_id order by owner.n, owner.member_id)
    into owner_requests, owner_members
    from (
        select request.n, numbered.member_id
        from unnest(fresh) as request (n)
        join member shown on shown.member_id = member_ids[request.n]
        cross join lateral (
            select coalesce(shown.merged_into, shown.member_id) as member_id
            union all
            select merged.member_id from member merged where merged.merged_into = coalesce(shown.merged_into, shown.member_id)
        ) numbered
        where code_reasons[request.n] is null
    ) owner;

    select coalesce(array_agg(locked.round_id), '{}')
    into held
    from (
        select coupon_round.round_id
        from coupon_round
        where coupon_round.round_id in (
            select coupon.round_id
            from unnest(owner_requests, owner_members) as owner (n, member_id)
            join coupon on coupon.member_id = owner.member_id
            join coupon_campaign campaign on campaign.campaign_id = coupon.campaign_id
            where
                (asked_coupon_ids[owner.n] is null or coupon.coupon_id = asked_coupon_ids[owner.n])
                and (is_offline or coupon.state in ('claimed', 'annulled', 'refunded'))
                and campaign.last_on >= (moments[owner.n] at time zone campaign.time_zone)::date - 1
                and exists (
                    select from coupon_campaign_venue taking
                    where taking.campaign_id = coupon.campaign_id and taking.venue_id = venues[owner.n]))
        order by coupon_round.campaign_id, coupon_round.round_id
        for no key update
    ) locked;

    perform 1
    from coupon
    where coupon.member_id = any (owner_members) and coupon.round_id + 0 = any (held)
    order by coupon.member_id, coupon.coupon_id
    for no key update;

    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    for found in
        select
            request.n, candidate.*,
            array_remove(
                array[
                    code_reasons[request.n],
                    case
                        when code_reasons[request.n] is null
                            and not exists (select from member where member.member_id = member_ids[request.n])
                            then 'coupon.member_unknown'
                    end,
                    -- Another request of the same moment has used it.
                    case
                        when code_reasons[request.n] is null and credential_kinds[request.n] = 'coupon_code' and not exists (
                            select from coupon_code where coupon_code.digest = credential_digests[request.n])
                            then 'coupon.code_unknown'
                    end,
                    case when venue.closed_at <= judged.moment then 'coupon.venue_closed' end,
                    case when occurred_ats[request.n] > instant + interval '5 seconds' then 'coupon.occurred_in_future' end
                ],
                null) as hindrances
        from unnest(fresh) as request (n)
        join venue on venue.venue_id = venues[request.n]
        cross join lateral (select case when is_offline then occurred_ats[request.n] else instant end as moment) judged
        left join lateral (
            select
                coupon.member_id, coupon.coupon_id, coupon.round_id, coupon.campaign_id, coupon.state, coupon.changed_at,
                judgement.failing, campaign.last_on, campaign.offline_max, campaign.offline_charge,
                (judged.moment at time zone campaign.time_zone)::date as day,
                campaign.time_zone,
                case
                    when campaign.goods is null then least(coupon.face_fen, spends[request.n])
                    else coupon.face_fen
                end as worth,
                case
                    when judgement.failing = '{}' then 0
                    when is_offline and judgement.failing <@ array['coupon.already_redeemed', 'coupon.returned'] then 1
                    when judgement.is_elsewhere then 5
                    when coupon.state in ('claimed', 'annulled', 'refunded') then 2
                    when coupon.state = 'redeemed' then 3
                    else 4
                end as rank
            from unnest(owner_requests, owner_members) as owner (n, member_id)
            join coupon on coupon.member_id = owner.member_id
            join coupon_campaign campaign on campaign.campaign_id = coupon.campaign_id
            left join coupon_campaign_venue taking
                on taking.campaign_id = coupon.campaign_id
                and taking.venue_id = venues[request.n]
            cross join lateral (
                select coalesce(taking.removed_at <= judged.moment, taking.campaign_id is null) as is_not_taken
            ) here
            cross join lateral (
                select
                    here.is_not_taken or campaign.goods is not null and coupon.venue_id <> venues[request.n] as is_elsewhere,
                    array_remove(
                        array[
                            case when here.is_not_taken then 'coupon.not_taken_here' end,
                            case
                                when campaign.goods is not null and coupon.venue_id <> venues[request.n]
                                    then 'coupon.other_pick_up_place'
                            end,
                            case
                                when coupon.state = 'redeemed' then 'coupon.already_redeemed'
                                when coupon.state = 'returned' then 'coupon.returned'
                                when is_offline and coupon.claimed_at > judged.moment then 'coupon.not_yet_valid'
                                when not is_offline and coupon.state = 'expired'
                                    and (judged.moment at time zone campaign.time_zone)::date <= campaign.last_on
                                    then 'coupon.expired'
                            end,
                            case when campaign.paused_at <= judged.moment then 'coupon.redeeming_paused' end,
                            case
                                when campaign.goods is null and spends[request.n] < greatest(campaign.minimum_spend_fen, 1)
                                    then 'coupon.below_minimum_spend'
                            end
                        ],
                        null)
                    || coupons_out_of_window(
                        campaign.first_on, campaign.last_on, campaign.weekdays, campaign.from_minute, campaign.to_minute,
                        judged.moment at time zone campaign.time_zone) as failing
            ) judgement
            where
                owner.n = request.n
                and (asked_coupon_ids[request.n] is null or coupon.coupon_id = asked_coupon_ids[request.n])
                -- What was won while the locks were awaited is another request's.
                and (judgement.failing <> '{}' or coupon.round_id = any (held))
            offset 0
        ) candidate on asked_coupon_ids[request.n] is not null or candidate.rank < 5
        order by
            case when is_offline then occurred_ats[request.n] end, request.n, candidate.rank,
            case when candidate.rank = 3 then candidate.changed_at end desc, candidate.last_on, candidate.coupon_id
    loop
        failing := coalesce(
            found.failing, array[case when asked_coupon_ids[found.n] is null then 'coupon.none_here' else 'coupon.unknown' end]);
        if code_reasons[found.n] is not null or 'coupon.member_unknown' = any (found.hindrances) then
            failing := '{}';
        end if;
        if found.coupon_id = any (used) and not 'coupon.already_redeemed' = any (failing) then
            failing := 'coupon.already_redeemed'::text || failing;
        end if;
        is_good := found.hindrances = '{}' and failing = '{}';
        is_twice := is_offline and found.hindrances = '{}' and failing <> '{}'
            and failing <@ array['coupon.already_redeemed', 'coupon.returned'];
        if outcomes[found.n] is not null and (outcomes[found.n] = 'redeemed' or not is_good) then
            continue;
        end if;
        outcomes[found.n] := case when is_good then 'redeemed' when is_twice then 'redeemed_twice' else 'refused' end;
        failures[found.n] := case when is_good or is_twice then '' else array_to_string(found.hindrances || failing, ' ') end;
        owners[found.n] := coalesce(found.member_id, case when code_reasons[found.n] is null then member_ids[found.n] end);
        coupons[found.n] := found.coupon_id;
        rounds[found.n] := found.round_id;
        campaigns[found.n] := found.campaign_id;
        states[found.n] := found.state;
        amounts[found.n] := found.worth;
        charges[found.n] := case when is_twice then found.offline_charge end;
        if is_good then
            used := used || found.coupon_id;
        end if;
        if is_offline and (is_good or is_twice) then
            used_day := concat_ws(' ', device_ids[found.n], found.campaign_id, found.day);
            -- A later candidate of the same request may take the place of the first one: one request, one coupon.
            used_days := array(select taken.day from unnest(used_days) as taken (day) where split_part(taken.day, ':', 1) <> found.n::text)
                || (found.n || ':' || used_day);
            if found.offline_max <= (
                    select count(*)
                    from coupon_redemption taken
                    where
                        taken.device_id = device_ids[found.n]
                        and taken.is_offline
                        and taken.occurred_at >= found.day::timestamp at time zone found.time_zone
                        and taken.occurred_at < (found.day + 1)::timestamp at time zone found.time_zone
                        and taken.campaign_id = found.campaign_id
                        and taken.state <> 'annulled')
                + (select count(*) - 1 from unnest(used_days) as taken (day) where split_part(taken.day, ':', 2) = used_day)
            then
                charges[found.n] := 'venue';
                failures[found.n] := 'coupon.offline_allowance_used';
            end if;
        end if;
    end loop;

    select coalesce(array_agg(request.n order by request.n), '{}')
    into accepted
    from unnest(fresh) as request (n)
    where outcomes[request.n] = 'redeemed';

    insert into coupon_redemption (
        venue_id, request_id, fingerprint, device_id, outcome, reasons, member_id, coupon_id, round_id, campaign_id, state, amount_fen,
        spend_fen, charged_to, credential_kind, is_offline, done_by, occurred_at, recorded_at)
    select
        venues[request.n], request_ids[request.n], fingerprints[request.n], device_ids[request.n], outcomes[request.n],
        coalesce(string_to_array(nullif(failures[request.n], ''), ' '), '{}'), owners[request.n], coupons[request.n],
        rounds[request.n], campaigns[request.n], case when outcomes[request.n] <> 'refused' then 'standing' end,
        case when outcomes[request.n] <> 'refused' then amounts[request.n] end, spends[request.n], charges[request.n],
        credential_kinds[request.n], is_offline, 'device:' || device_ids[request.n], occurred_ats[request.n], instant
    from unnest(fresh) as request (n)
    order by venues[request.n], request_ids[request.n];

    if accepted <> '{}' then
        update coupon
        set state = 'redeemed', changed_at = instant
        from unnest(accepted) as request (n)
        where coupon.member_id = owners[request.n] and coupon.coupon_id = coupons[request.n];

        update coupon_round
        set
            held = coupon_round.held - changed.held,
            expired = coupon_round.expired - changed.expired,
            redeemed = coupon_round.redeemed + changed.held + changed.expired
        from (
            select
                rounds[request.n] as round_id, count(*) filter (where states[request.n] <> 'expired')::integer as held,
                count(*) filter (where states[request.n] = 'expired')::integer as expired
            from unnest(accepted) as request (n)
            group by 1
        ) changed
        where coupon_round.round_id = changed.round_id;

        delete from coupon_code
        using unnest(accepted) as request (n)
        where coupon_code.member_id = owners[request.n] and coupon_code.coupon_id = coupons[request.n];
    end if;

    insert into coupon_event (
        member_id, coupon_id, round_id, campaign_id, event, venue_id, device_id, amount_fen, spend_fen, charged_to, done_by, occurred_at,
        recorded_at)
    select
        owners[request.n], coupons[request.n], rounds[request.n], campaigns[request.n], outcomes[request.n], venues[request.n],
        device_ids[request.n], amounts[request.n], spends[request.n], charges[request.n], 'device:' || device_ids[request.n],
        case when is_offline then occurred_ats[request.n] else instant end, instant
    from unnest(fresh) as request (n)
    where outcomes[request.n] <> 'refused'
    order by case when is_offline then occurred_ats[request.n] end, request.n;

    return query
    select
        request.n::integer,
        case
            when venues[request.n] is null then 'unbound'
            when kept.fingerprint <> fingerprints[request.n] and kept.credential_kind is not null then 'conflict'
            when request.n = any (fresh) then kept.outcome
            else 'repeated_' || kept.outcome
        end,
        coalesce(kept.reasons, '{}'), venues[request.n], coalesce(person.merged_into, kept.member_id), kept.coupon_id, kept.campaign_id,
        campaign.title, campaign.goods, coupon.face_fen, kept.amount_fen, kept.charged_to, kept.recorded_at, earlier.used_at, earlier.name
    from unnest(request_ids) with ordinality as request (request_id, n)
    left join coupon_redemption kept on kept.venue_id = venues[request.n] and kept.request_id = request.request_id
    left join coupon_campaign campaign on campaign.campaign_id = kept.campaign_id
    left join coupon on coupon.member_id = kept.member_id and coupon.coupon_id = kept.coupon_id
    left join member person on person.member_id = kept.member_id
    left join lateral (
        select case when before.is_offline then before.occurred_at else before.recorded_at end as used_at, venue.name
        from coupon_redemption before
        join venue on venue.venue_id = before.venue_id
        where
            (kept.outcome = 'redeemed_twice' or 'coupon.already_redeemed' = any (kept.reasons))
            and before.member_id = kept.member_id
            and before.coupon_id = kept.coupon_id
            and before.outcome = 'redeemed'
            and before.recorded_at <= kept.recorded_at
            and coalesce(before.annulled_at, before.refunded_at, 'infinity') > kept.recorded_at
        order by before.recorded_at desc
        limit 1
        offset 0
    ) earlier on true;
end
$$;
