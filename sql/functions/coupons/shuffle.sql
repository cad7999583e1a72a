-- coupons_shuffle: who of those that came in the first seconds of a round gets a coupon?
--
-- Decides    in the order of the requests, which the lottery drew, whether each waiting claim gets a coupon: by the same rules as a claim
--            in a race, at once for all.
-- Writes     coupon_claim, each of them won or lost; coupon of who won; the counts of coupon_round, coupon_reserve,
--            coupon_campaign_venue; and that the round was shuffled.
-- Locks      the caller holds coupon_campaign and coupon_round, so that nobody comes to wait meanwhile; then
--            coupon_campaign_venue by venue.
-- Returns    how many won and how many lost.
-- Clock      this database's clock plus clock_offset_us.
create or replace function coupons_shuffle(
    shuffled_round_id bigint,
    member_ids bigint[],
    request_ids uuid[],
    clock_offset_us bigint
) returns table (won integer, lost integer)
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
    instant timestamptz := clock_timestamp() + clock_offset_us * interval '1 microsecond';
    round record;
    free integer;
    reserved integer[];
    venues bigint[];
    pickups_left integer[];
    pickups_taken integer[];
    found record;
    pick integer;
    bit integer;
    cell integer;
    failure text;
    winners integer[] := '{}';
    winner_coupons bigint[] := '{}';
    winner_slots smallint[] := '{}';
    winner_reserves smallint[] := '{}';
    losers integer[] := '{}';
    loser_reasons text[] := '{}';
begin
    select coupon_round.*, campaign.cap as campaign_cap, campaign.goods is not null as is_goods
    into strict round
    from coupon_round
    join coupon_campaign campaign on campaign.campaign_id = coupon_round.campaign_id
    where coupon_round.round_id = shuffled_round_id;

    select array_agg(
        case when round.reserves_end_at <= instant then 0 else coalesce(reserve.size - reserve.taken, 0) end order by group_bit.number)
    into reserved
    from generate_series(0, 7) as group_bit (number)
    left join coupon_reserve reserve on reserve.round_id = shuffled_round_id and reserve.number = group_bit.number;

    free := round.stock - round.issued + round.reissued - (select sum(kept.left) from unnest(reserved) as kept ("left"));

    select array_agg(locked.venue_id), array_agg(locked.remaining), array_agg(0)
    into venues, pickups_left, pickups_taken
    from (
        select pickup.venue_id, pickup.stock - pickup.spoken_for as remaining
        from coupon_campaign_venue pickup
        join venue on venue.venue_id = pickup.venue_id
        where
            pickup.campaign_id = round.campaign_id and round.is_goods and pickup.removed_at is null and pickup.stock is not null
            and venue.closed_at is null
        order by pickup.venue_id
        for no key update of pickup
    ) locked;

    for found in
        select
            input.n, claim.venue_id, claim.groups, coalesce(owned.in_round, 0) as in_round, coalesce(owned.in_campaign, 0) as in_campaign,
            owned.slots, row_number() over (partition by claim.member_id order by input.n) as nth
        from unnest(member_ids, request_ids) with ordinality as input (member_id, request_id, n)
        join lateral (
            select claim.*
            from coupon_claim claim
            where claim.member_id = input.member_id and claim.request_id = input.request_id
            offset 0
        ) claim on claim.state = 'pending' and claim.round_id = shuffled_round_id
        left join lateral (
            select
                count(*) filter (where coupon.round_id = shuffled_round_id) as in_round, count(*) as in_campaign,
                array_agg(coupon.slot) filter (where coupon.round_id = shuffled_round_id) as slots
            from coupon
            where
                coupon.member_id in (
                    select input.member_id
                    union all
                    select merged.member_id from member merged where merged.merged_into = input.member_id)
                and coupon.campaign_id = round.campaign_id
                and coupon.state <> 'returned'
            offset 0
        ) owned on true
        order by input.n
    loop
        failure := null;
        pick := null;
        cell := null;
        if found.in_round + found.nth > round.cap or found.in_campaign + found.nth > round.campaign_cap then
            failure := 'coupon.limit_reached';
        elsif round.is_goods then
            pick := array_position(venues, found.venue_id);
            if pick is null then
                failure := 'coupon.venue_unknown';
            elsif pickups_left[pick] <= 0 then
                failure := 'coupon.venue_out_of_stock';
            end if;
        end if;
        if failure is null then
            for bit in 0..7 loop
                exit when found.groups >> bit = 0;
                if (found.groups >> bit) & 1 = 1 and reserved[bit + 1] > 0 then
                    cell := bit;
                    exit;
                end if;
            end loop;
            if cell is null and free <= 0 then
                failure := 'coupon.sold_out';
            end if;
        end if;
        if failure is not null then
            losers := losers || found.n::integer;
            loser_reasons := loser_reasons || failure;
            continue;
        end if;
        if cell is null then
            free := free - 1;
        else
            reserved[cell + 1] := reserved[cell + 1] - 1;
        end if;
        if pick is not null then
            pickups_left[pick] := pickups_left[pick] - 1;
            pickups_taken[pick] := pickups_taken[pick] + 1;
        end if;
        winners := winners || found.n::integer;
        winner_coupons := winner_coupons || nextval('coupon_coupon_id_seq');
        winner_slots := winner_slots || (
            select slot.number
            from generate_series(1, round.cap) as slot (number)
            where found.slots is null or slot.number <> all (found.slots)
            order by slot.number
            offset found.nth - 1
            limit 1)::smallint;
        winner_reserves := winner_reserves || cell::smallint;
    end loop;

    insert into coupon (
        member_id, coupon_id, round_id, campaign_id, slot, reserve, state, face_fen, organization_id, groups, venue_id, claimed_at,
        changed_at)
    select
        member_ids[winner.n], winner.coupon_id, shuffled_round_id, round.campaign_id, winner.slot, winner.reserve, 'claimed',
        round.face_fen, member.organization_id, claim.groups, claim.venue_id, instant, instant
    from unnest(winners, winner_coupons, winner_slots, winner_reserves) as winner (n, coupon_id, slot, reserve)
    join lateral (
        select claim.groups, claim.venue_id
        from coupon_claim claim
        where claim.member_id = member_ids[winner.n] and claim.request_id = request_ids[winner.n]
        offset 0
    ) claim on true
    join lateral (select member.organization_id from member where member.member_id = member_ids[winner.n] offset 0) member on true;

    update coupon_claim claim
    set state = 'won', coupon_id = winner.coupon_id, decided_at = instant
    from unnest(winners, winner_coupons) as winner (n, coupon_id)
    where claim.member_id = member_ids[winner.n] and claim.request_id = request_ids[winner.n];

    update coupon_claim claim
    set state = 'lost', reason = loser.reason, decided_at = instant
    from unnest(losers, loser_reasons) as loser (n, reason)
    where claim.member_id = member_ids[loser.n] and claim.request_id = request_ids[loser.n];

    update coupon_reserve reserve
    set taken = reserve.taken + changed.coupons
    from (
        select winner.reserve as number, count(*)::integer as coupons
        from unnest(winner_reserves) as winner (reserve)
        where winner.reserve is not null
        group by 1
    ) changed
    where reserve.round_id = shuffled_round_id and reserve.number = changed.number;

    update coupon_campaign_venue pickup
    set spoken_for = pickup.spoken_for + changed.coupons
    from unnest(venues, pickups_taken) as changed (venue_id, coupons)
    where pickup.campaign_id = round.campaign_id and pickup.venue_id = changed.venue_id and changed.coupons > 0;

    update coupon_round
    set
        issued = coupon_round.issued + cardinality(winners),
        held = coupon_round.held + cardinality(winners),
        shuffled_at = instant,
        sold_out_at = case
            when coupon_round.sold_out_at is null
                and coupon_round.stock = coupon_round.issued - coupon_round.reissued + cardinality(winners) then instant
            else coupon_round.sold_out_at
        end
    where coupon_round.round_id = shuffled_round_id;

    return query select cardinality(winners), cardinality(losers);
end
$$;
