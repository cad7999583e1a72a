-- coupons_close_round: what a round that is over leaves.
--
-- Decides    where its leftover goes: to the next round of the campaign that has not opened and will not within two seconds, if the round
--            says carry and there is one; else back to the budget.
-- Writes     coupon_round of both, coupon_campaign.planned_fen. Coupons that were given back and became no stock again are leftover, too.
-- Locks      coupon_campaign, then coupon_round by id.
-- Returns    the leftover and the round it went to (null: the budget); nothing when the round is not over, or still has to be shuffled or
--            drawn.
-- Clock      this database's clock plus clock_offset_us, read after the locks.
create or replace function coupons_close_round(closing_id bigint, clock_offset_us bigint)
returns table (leftover integer, next_round_id bigint)
language plpgsql
set plan_cache_mode = force_generic_plan
set jit = off
as $$
#variable_conflict use_column
declare
    instant timestamptz;
    round record;
    following bigint;
    remaining integer;
begin
    perform 1
    from coupon_campaign
    where coupon_campaign.campaign_id = (select coupon_round.campaign_id from coupon_round where coupon_round.round_id = closing_id)
    for no key update;

    perform 1
    from coupon_round
    where coupon_round.campaign_id = (select coupon_round.campaign_id from coupon_round where coupon_round.round_id = closing_id)
    order by coupon_round.round_id
    for no key update;

    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';
    select coupon_round.* into round from coupon_round where coupon_round.round_id = closing_id;
    if round.state <> 'announced' or round.closes_at > instant or (round.mode <> 'race' and round.shuffled_at is null) then
        return;
    end if;

    remaining := round.stock - round.issued + round.returned;
    select coupon_round.round_id
    into following
    from coupon_round
    where
        round.leftover = 'carry'
        and coupon_round.campaign_id = round.campaign_id
        and coupon_round.number > round.number
        and coupon_round.state in ('draft', 'announced')
        and coupon_round.mode <> 'draw'
        and coupon_round.face_fen = round.face_fen
        and coupon_round.opens_at > instant + interval '2 seconds'
    order by coupon_round.number
    limit 1;

    update coupon_round
    set
        state = 'closed', closed_at = instant, version = coupon_round.version + 1, reissued = coupon_round.returned, reopens_at = null,
        stock = coupon_round.stock - remaining
    where coupon_round.round_id = closing_id;

    if following is not null then
        update coupon_round
        set stock = coupon_round.stock + remaining, version = coupon_round.version + 1
        where coupon_round.round_id = following;
    else
        update coupon_campaign
        set planned_fen = coupon_campaign.planned_fen - remaining * round.face_fen
        where coupon_campaign.campaign_id = round.campaign_id;
    end if;
    return query select remaining, following;
end
$$;
