-- coupons_claim: who gets a coupon of a round?
--
-- Decides    in the order of the requests, by the rows under lock and by this database's clock plus clock_offset_us: a round takes claims
--            while opens_at <= now < closes_at, whatever a job has tidied up or not, and neither it nor its campaign is paused. What was
--            announced says of the person was found by the caller, by what was announced under the hash that it names, which never
--            changes; may_write false says that the caller refuses already and wants to know what else is in the way. Where the round
--            asks for nothing but an active membership, nobody was looked up: organization_id is null, and both are found here.
--            A person has at most cap coupons of the round and of the campaign, with those of all accounts that were merged into this one.
--            Who belongs to a group takes of its reserve first, of the group with the lowest number; then of everybody's stock. Of goods
--            the place where they are picked up must have one left, too.
--            In an equal start whoever comes before the shuffle waits for it.
-- Writes     coupon and coupon_claim, one row each a winner; coupon_claim of who waits; nothing of who is refused; the counts of all.
-- Locks      as coupons_open_rounds; then coupon_campaign_venue by campaign and venue.
-- Returns    one row per request, to be matched by ordinality, in no order:
--            won           with the coupon
--            pending       waits for the shuffle
--            refused       with its reasons: coupon.not_open | coupon.ended | coupon.cancelled | coupon.paused | coupon.limit_reached
--                          | coupon.venue_unknown | coupon.venue_out_of_stock | coupon.member_not_active | coupon.sold_out; none when
--                          only the caller refuses
--            repeated_won, repeated_pending, repeated_lost: what this request id was answered before, or what became of it
--            conflict      the person has used the request id for another round or place
--            round_unknown | member_unknown
--            rules_changed what was announced is not what the caller looked at: look again
--            again         the batch has another claim of the person: ask again
--            issued_when_none_left stands where nothing is left for anybody, nor will be for one second from now: coupons that are given
--            back are no stock before. Whoever is told may say so to others for so long without asking. It counts the coupons that the
--            round has issued: as long as it is the same, nobody has got one since.
-- Plan       pinned to keys, for it is made while tables are empty and kept while they grow: what has no key in a join is looked up by
--            lateral (… offset 0), or a plan made for two rows reads the whole table for ever; a person's own claims are looked for by
--            the person, never among all that wait (`+ 0`, decided_at instead of the state that an index names). One pass over the batch,
--            for who comes first decides, and reserves make each answer depend on the one before; what can be said of all requests or of
--            a round is said outside of it: 50 us a coupon instead of 82, of which 22 were the foreign key to member.
create or replace function coupons_claim(
    member_ids bigint[],
    round_ids bigint[],
    request_ids uuid[],
    venue_ids bigint[],
    rules_hashes bytea[],
    organization_ids bigint[],
    group_masks smallint[],
    tickets bigint[],
    may_write boolean[],
    clock_offset_us bigint
) returns table (
    request integer,
    outcome text,
    reasons text[],
    coupon_id bigint,
    claimed_at timestamptz,
    issued_when_none_left integer)
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
    count integer := cardinality(member_ids);
    -- Of the rounds that are open, side by side.
    opened bigint[];
    opened_campaigns bigint[];
    opened_faces bigint[];
    -- What is left for everybody; of each of eight groups, what is left of its reserve.
    free integer[];
    reserved integer[];
    issued_before integer[];
    taken integer[];
    arrivals bigint[];
    waited integer[];
    -- Of goods: campaign and place, and what is left there.
    pickup_campaigns bigint[] := '{}';
    pickup_venues bigint[] := '{}';
    pickups_left integer[] := '{}';
    pickups_taken integer[] := '{}';
    found record;
    place integer;
    pick integer;
    bit integer;
    cell integer;
    slot smallint;
    mask smallint;
    failing text[];
    seen bigint[] := '{}';
    -- Of each request.
    outcomes text[] := array_fill(null::text, array[count]);
    failures text[] := array_fill(null::text, array[count]);
    coupons bigint[] := array_fill(null::bigint, array[count]);
    times timestamptz[] := array_fill(null::timestamptz, array[count]);
    slots smallint[] := array_fill(1::smallint, array[count]);
    reserves smallint[] := array_fill(null::smallint, array[count]);
    queued bigint[];
begin
    select
        coalesce(array_agg(open.round_id), '{}'), array_agg(open.campaign_id), array_agg(open.face_fen), array_agg(open.free),
        array_agg(open.reserved), array_agg(open.issued), array_agg(open.arrivals), array_agg(0), array_agg(0)
    into opened, opened_campaigns, opened_faces, free, reserved, issued_before, arrivals, taken, waited
    from coupons_open_rounds(round_ids, clock_offset_us) open;

    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    if array_remove(venue_ids, null) <> '{}' then
        select array_agg(locked.campaign_id), array_agg(locked.venue_id), array_agg(locked.remaining), array_agg(0)
        into pickup_campaigns, pickup_venues, pickups_left, pickups_taken
        from (
            select pickup.campaign_id, pickup.venue_id, pickup.stock - pickup.spoken_for as remaining
            from coupon_campaign_venue pickup
            join venue on venue.venue_id = pickup.venue_id
            where
                pickup.campaign_id = any (opened_campaigns)
                and pickup.venue_id = any (venue_ids)
                and pickup.removed_at is null
                and pickup.stock is not null
                and venue.closed_at is null
            order by pickup.campaign_id, pickup.venue_id
            for no key update of pickup
        ) locked;
    end if;

    for found in
        with round as materialized (
            select
                round.round_id, round.campaign_id, round.state, round.mode, round.cap, round.rules_hash, round.opens_at, round.closes_at,
                round.shuffled_at, campaign.cap as campaign_cap, campaign.goods is not null as is_goods,
                round.paused_at is not null or campaign.paused_at is not null as is_paused,
                array_position(opened, round.round_id) as place
            from coupon_round round
            cross join lateral (
                select campaign.cap, campaign.goods, campaign.paused_at
                from coupon_campaign campaign
                where campaign.campaign_id = round.campaign_id
                offset 0
            ) campaign
            where round.round_id = any (round_ids) and round.state <> 'draft'
        )
        select
            input.n::integer as n, input.round_id, input.venue_id, input.may_write, input.organization_id, input.group_mask,
            person.id as person, person.status, person.organization_id as own_organization_id,
            count(*) over (partition by person.id) > 1 as comes_twice,
            round.state, round.mode, round.cap, round.opens_at, round.closes_at, round.shuffled_at, round.campaign_id, round.campaign_cap,
            round.is_paused, round.is_goods, round.place, input.rules_hash is distinct from round.rules_hash as is_outdated,
            kept.round_id as kept_round, kept.venue_id as kept_venue, kept.state as kept_state, kept.reason as kept_reason,
            kept.coupon_id as kept_coupon, kept.claimed_at as kept_at, owned.in_round, owned.in_campaign, owned.slots
        from unnest(member_ids, round_ids, request_ids, venue_ids, rules_hashes, organization_ids, group_masks, may_write) with ordinality
            as input (member_id, round_id, request_id, venue_id, rules_hash, organization_id, group_mask, may_write, n)
        left join lateral (
            select coalesce(member.merged_into, member.member_id) as id, member.status, member.organization_id
            from member
            where member.member_id = input.member_id
            offset 0
        ) person on true
        left join round on round.round_id = input.round_id
        left join lateral (
            select claim.round_id, claim.venue_id, claim.state, claim.reason, claim.coupon_id, claim.claimed_at
            from coupon_claim claim
            where claim.member_id = person.id and claim.request_id = input.request_id
            offset 0
        ) kept on true
        cross join lateral (
            select
                count(*) filter (where mine.round_id = input.round_id) as in_round, count(*) as in_campaign,
                array_agg(mine.slot) filter (where mine.round_id = input.round_id) as slots
            from (
                select coupon.round_id, coupon.slot
                from coupon
                where
                    coupon.member_id = person.id
                    and coupon.campaign_id = round.campaign_id
                    and coupon.state <> 'returned'
                union all
                select coupon.round_id, coupon.slot
                from (select merged.member_id from member merged where merged.merged_into = person.id offset 0) merged
                cross join lateral (
                    select coupon.round_id, coupon.slot
                    from coupon
                    where
                        coupon.member_id = merged.member_id
                        and coupon.campaign_id = round.campaign_id
                        and coupon.state <> 'returned'
                    offset 0
                ) coupon
                union all
                select claim.round_id, null
                from coupon_claim claim
                where
                    round.mode = 'equal_start'
                    and claim.member_id = person.id
                    and claim.round_id + 0 = input.round_id
                    and claim.decided_at is null
                offset 0
            ) mine
        ) owned
        order by input.n
    loop
        if found.person is null then
            outcomes[found.n] := 'member_unknown';
            continue;
        elsif found.state is null then
            outcomes[found.n] := 'round_unknown';
            continue;
        end if;
        if found.comes_twice then
            if found.person = any (seen) then
                outcomes[found.n] := 'again';
                continue;
            end if;
            seen := seen || found.person;
        end if;
        member_ids[found.n] := found.person;
        if found.kept_state is not null then
            if found.kept_round <> found.round_id or found.kept_venue is distinct from found.venue_id then
                outcomes[found.n] := 'conflict';
            else
                outcomes[found.n] := 'repeated_' || found.kept_state;
                failures[found.n] := found.kept_reason;
                coupons[found.n] := found.kept_coupon;
                times[found.n] := found.kept_at;
            end if;
            continue;
        elsif found.is_outdated or found.mode = 'draw' then
            outcomes[found.n] := 'rules_changed';
            continue;
        end if;

        place := found.place;
        pick := null;
        if found.is_goods and place is not null then
            for cell in 1..coalesce(cardinality(pickup_venues), 0) loop
                if pickup_venues[cell] = found.venue_id and pickup_campaigns[cell] = found.campaign_id then
                    pick := cell;
                end if;
            end loop;
        end if;
        if place is null or found.is_goods or not found.may_write or found.in_round >= found.cap
            or found.in_campaign >= found.campaign_cap or (found.organization_id is null and found.status <> 'active')
        then
            failing := case
                when found.state = 'cancelled' then array['coupon.cancelled']
                when found.state = 'closed' or found.closes_at <= instant then array['coupon.ended']
                when found.opens_at > instant then array['coupon.not_open']
                when found.is_paused or place is null then array['coupon.paused']
                else '{}'
            end;
            if found.in_round >= found.cap or found.in_campaign >= found.campaign_cap then
                failing := failing || 'coupon.limit_reached'::text;
            end if;
            if found.is_goods and place is not null then
                failing := failing || case
                    when pick is null then array['coupon.venue_unknown']
                    when pickups_left[pick] <= 0 and found.mode = 'race' then array['coupon.venue_out_of_stock']
                    else '{}'
                end;
            end if;
            if found.organization_id is null and found.status <> 'active' then
                failing := failing || 'coupon.member_not_active'::text;
            end if;
            if failing <> '{}' or not found.may_write then
                outcomes[found.n] := 'refused';
                failures[found.n] := array_to_string(failing, ' ');
                continue;
            end if;
        end if;
        if found.organization_id is null then
            organization_ids[found.n] := found.own_organization_id;
        end if;

        if found.mode = 'equal_start' and found.shuffled_at is null then
            waited[place] := waited[place] + 1;
            queued[found.n] := arrivals[place] + waited[place];
            outcomes[found.n] := 'pending';
            times[found.n] := instant;
            continue;
        end if;

        cell := null;
        mask := found.group_mask;
        if mask <> 0 then
            for bit in 0..7 loop
                exit when mask >> bit = 0;
                if (mask >> bit) & 1 = 1 and reserved[place][bit + 1] > 0 then
                    cell := bit;
                    exit;
                end if;
            end loop;
        end if;
        if cell is null and free[place] <= 0 or pick is not null and pickups_left[pick] <= 0 then
            outcomes[found.n] := 'refused';
            failures[found.n] := case when cell is null and free[place] <= 0 then 'coupon.sold_out' else 'coupon.venue_out_of_stock' end;
            continue;
        end if;
        if cell is null then
            free[place] := free[place] - 1;
        else
            reserved[place][cell + 1] := reserved[place][cell + 1] - 1;
            reserves[found.n] := cell;
        end if;
        if pick is not null then
            pickups_left[pick] := pickups_left[pick] - 1;
            pickups_taken[pick] := pickups_taken[pick] + 1;
        end if;
        taken[place] := taken[place] + 1;
        outcomes[found.n] := 'won';
        if found.in_round > 0 then
            slot := 1;
            while slot = any (found.slots) loop
                slot := slot + 1;
            end loop;
            slots[found.n] := slot;
        end if;
    end loop;

    if 'won' = any (outcomes) then
        select
            array_agg(case when answer.outcome = 'won' then nextval('coupon_coupon_id_seq') else answer.coupon_id end order by answer.n),
            array_agg(case when answer.outcome = 'won' then instant else answer.claimed_at end order by answer.n)
        into coupons, times
        from unnest(outcomes, coupons, times) with ordinality as answer (outcome, coupon_id, claimed_at, n);

        insert into coupon (
            member_id, coupon_id, round_id, campaign_id, slot, reserve, state, face_fen, organization_id, groups, venue_id, claimed_at,
            changed_at)
        select
            winner.member_id, winner.coupon_id, winner.round_id, opened_campaigns[array_position(opened, winner.round_id)], winner.slot,
            winner.reserve, 'claimed', opened_faces[array_position(opened, winner.round_id)], winner.organization_id, winner.group_mask,
            winner.venue_id, instant, instant
        from unnest(outcomes, member_ids, coupons, round_ids, slots, reserves, organization_ids, group_masks, venue_ids)
            as winner (outcome, member_id, coupon_id, round_id, slot, reserve, organization_id, group_mask, venue_id)
        where winner.outcome = 'won';

        insert into coupon_claim (member_id, request_id, round_id, venue_id, state, coupon_id, groups, claimed_at, decided_at)
        select
            winner.member_id, winner.request_id, winner.round_id, winner.venue_id, 'won', winner.coupon_id, winner.group_mask, instant,
            instant
        from unnest(outcomes, member_ids, request_ids, round_ids, venue_ids, coupons, group_masks)
            as winner (outcome, member_id, request_id, round_id, venue_id, coupon_id, group_mask)
        where winner.outcome = 'won';

        update coupon_reserve reserve
        set taken = reserve.taken + changed.coupons
        from (
            select winner.round_id, winner.reserve as number, count(*)::integer as coupons
            from unnest(round_ids, reserves) as winner (round_id, reserve)
            where winner.reserve is not null
            group by 1, 2
        ) changed
        where reserve.round_id = any (opened) and reserve.round_id = changed.round_id and reserve.number = changed.number;

        update coupon_campaign_venue pickup
        set spoken_for = pickup.spoken_for + changed.coupons
        from unnest(pickup_campaigns, pickup_venues, pickups_taken) as changed (campaign_id, venue_id, coupons)
        where
            pickup.campaign_id = any (pickup_campaigns) and pickup.campaign_id = changed.campaign_id
            and pickup.venue_id = changed.venue_id and changed.coupons > 0;
    end if;

    if queued is not null then
        insert into coupon_claim (member_id, request_id, round_id, venue_id, state, ticket, arrival, groups, claimed_at)
        select
            waiter.member_id, waiter.request_id, waiter.round_id, waiter.venue_id, 'pending', waiter.ticket, queued[waiter.n],
            waiter.group_mask, instant
        from unnest(outcomes, member_ids, request_ids, round_ids, venue_ids, tickets, group_masks) with ordinality
            as waiter (outcome, member_id, request_id, round_id, venue_id, ticket, group_mask, n)
        where waiter.outcome = 'pending';
    end if;

    update coupon_round round
    set
        issued = round.issued + changed.taken,
        held = round.held + changed.taken,
        arrivals = round.arrivals + changed.waited,
        sold_out_at = case
            when round.sold_out_at is null and round.stock = round.issued - round.reissued + changed.taken then instant
            else round.sold_out_at
        end
    from unnest(opened, taken, waited) as changed (round_id, taken, waited)
    where round.round_id = changed.round_id and changed.taken + changed.waited > 0;

    return query
    select
        answer.n::integer, answer.outcome, string_to_array(nullif(answer.failure, ''), ' '), answer.coupon_id, answer.claimed_at,
        case
            when free[answer.place] <= 0 and 0 >= all (reserved[answer.place:answer.place])
                then issued_before[answer.place] + taken[answer.place]
        end
    from (
        select
            answer.n, answer.outcome, answer.failure, answer.coupon_id, answer.claimed_at,
            array_position(opened, answer.round_id) as place
        from unnest(outcomes, failures, coupons, times, round_ids) with ordinality
            as answer (outcome, failure, coupon_id, claimed_at, round_id, n)
    ) answer;
end
$$;
