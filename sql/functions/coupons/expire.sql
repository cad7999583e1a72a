-- coupons_expire: coupons that can be used no more.
--
-- Decides    by the campaign's last day and last minute, in its time zone.
-- Writes     coupon, coupon_event, the counts of the rounds; of one campaign, at most limit_count coupons a call.
-- Locks      coupon_campaign, coupon_round by id, then coupon.
-- Returns    how many have expired; 0 when none is due.
-- Clock      this database's clock plus clock_offset_us, read after the locks.
create or replace function coupons_expire(limit_count integer, clock_offset_us bigint) returns integer
language plpgsql
set plan_cache_mode = force_generic_plan
set jit = off
as $$
#variable_conflict use_column
declare
    instant timestamptz := clock_timestamp() + clock_offset_us * interval '1 microsecond';
    due bigint;
    expired integer;
begin
    select campaign.campaign_id
    into due
    from coupon_campaign campaign
    where
        (campaign.last_on + campaign.to_minute * interval '1 minute') at time zone campaign.time_zone <= instant
        and exists (
            select from coupon
            where coupon.campaign_id = campaign.campaign_id and coupon.state in ('claimed', 'annulled', 'refunded'))
    order by campaign.campaign_id
    limit 1;
    if due is null then
        return 0;
    end if;

    perform 1 from coupon_campaign where coupon_campaign.campaign_id = due for no key update;
    perform 1 from coupon_round where coupon_round.campaign_id = due order by coupon_round.round_id for no key update;
    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    with over as (
        update coupon
        set state = 'expired', changed_at = instant
        from (
            select coupon.member_id, coupon.coupon_id
            from coupon
            where coupon.campaign_id = due and coupon.state in ('claimed', 'annulled', 'refunded')
            order by coupon.coupon_id
            limit limit_count
        ) late
        where coupon.member_id = late.member_id and coupon.coupon_id = late.coupon_id
        returning coupon.member_id, coupon.coupon_id, coupon.round_id, coupon.face_fen
    ),
    told as (
        insert into coupon_event (
            member_id, coupon_id, round_id, campaign_id, event, amount_fen, done_by, occurred_at, recorded_at)
        select over.member_id, over.coupon_id, over.round_id, due, 'expired', over.face_fen, 'job', instant, instant
        from over
    ),
    counted as (
        update coupon_round round
        set held = round.held - gone.coupons, expired = round.expired + gone.coupons
        from (select over.round_id, count(*)::integer as coupons from over group by over.round_id) gone
        where round.round_id = gone.round_id
        returning gone.coupons
    )
    select coalesce(sum(counted.coupons), 0) into expired from counted;
    return expired;
end
$$;
