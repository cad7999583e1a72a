-- coupons_open_rounds: which rounds take claims now, and what is left of them?
--
-- Decides    by the rows under lock and by this database's clock plus clock_offset_us, read after the locks. What was given back becomes
--            stock here, once its time has come, of the reserve that it was taken from.
-- Locks      coupon_campaign, then coupon_round by campaign and round, of rounds that are open. A round that is not open is not locked,
--            so that a crowd that comes early or late keeps nobody waiting.
-- Returns    the rounds that are open, in the order of their ids: what is left for everybody, and of the eight groups' reserves each.
create or replace function coupons_open_rounds(round_ids bigint[], clock_offset_us bigint)
returns table (
    round_id bigint,
    campaign_id bigint,
    face_fen bigint,
    free integer,
    reserved integer[],
    issued integer,
    arrivals bigint)
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
    instant timestamptz := clock_timestamp() + clock_offset_us * interval '1 microsecond';
    campaigns bigint[];
    opened bigint[];
begin
    select array_agg(locked.campaign_id)
    into campaigns
    from (
        select campaign.campaign_id
        from coupon_campaign campaign
        where
            campaign.campaign_id = any (array(
                select round.campaign_id
                from coupon_round round
                where
                    round.round_id = any (round_ids)
                    and round.state = 'announced'
                    and round.opens_at <= instant
                    and round.closes_at > instant
                    and round.paused_at is null))
            and campaign.paused_at is null
        order by campaign.campaign_id
        for no key update
    ) locked;

    select array_agg(locked.round_id)
    into opened
    from (
        select round.round_id
        from coupon_round round
        where
            round.round_id = any (round_ids)
            and round.campaign_id = any (campaigns)
            and round.state = 'announced'
            and round.opens_at <= instant
            and round.closes_at > instant
            and round.paused_at is null
        order by round.campaign_id, round.round_id
        for no key update
    ) locked;

    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    if exists (
        select from coupon_round round
        where round.round_id = any (opened) and round.reopens_at <= instant and round.closes_at > instant) then
        update coupon_reserve reserve
        set taken = reserve.taken - reserve.returned, returned = 0
        from coupon_round round
        where
            reserve.round_id = any (opened) and reserve.returned > 0
            and round.round_id = reserve.round_id and round.reopens_at <= instant;

        update coupon_round round
        set reissued = round.returned, reopens_at = null
        where round.round_id = any (opened) and round.reopens_at <= instant and round.closes_at > instant;
    end if;

    return query
    select
        round.round_id, round.campaign_id, round.face_fen,
        round.stock - round.issued + round.reissued - (select sum(part.size) from unnest(kept.reserved) as part (size))::integer,
        kept.reserved, round.issued, round.arrivals
    from coupon_round round
    cross join lateral (
        select
            array(
                select
                    case
                        when round.reserves_end_at <= instant then 0
                        else coalesce((
                            select reserve.size - reserve.taken
                            from coupon_reserve reserve
                            where reserve.round_id = round.round_id and reserve.number = group_bit.number), 0)
                    end
                from generate_series(0, 7) as group_bit (number)
                order by group_bit.number) as reserved
        offset 0
    ) kept
    where round.round_id = any (opened) and round.closes_at > instant
    order by round.round_id;
end
$$;
