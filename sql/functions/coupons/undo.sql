-- coupons_undo: takes back what was redeemed: by its device within 15 minutes (annulled), or later by an organizer (refunded).
--
-- Decides    whether the redemption stands. A device may annul whatever it has asked for, in doubt too: what was refused took nothing, and
--            what has not come yet is never taken, whenever it comes.
-- Writes     the redemption's state, coupon, coupon_event and the round's counts: the coupon is usable again. Of a request that has not
--            come a coupon_redemption that refuses it.
-- Locks      of a device venue_device, so that its own request is waited for; then coupon_round, coupon, coupon_redemption.
-- Returns    one row: annulled | refunded, now or before (repeated); never_taken, of a device; not_standing: it was refused, taken twice,
--            or is undone the other way; too_late; foreign: another device's; unknown; unbound: the device redeems at no venue.
-- Clock      this database's clock plus clock_offset_us, read after the locks.
create or replace function coupons_undo(
    given_device bigint,
    given_venue bigint,
    given_request uuid,
    given_reason text,
    given_by text,
    clock_offset_us bigint)
returns table (outcome text, is_repeat boolean, venue_id bigint, coupon_id bigint, amount_fen bigint, undone_at timestamptz)
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
    undone text := case when given_device is null then 'refunded' else 'annulled' end;
    kept coupon_redemption;
    instant timestamptz;
begin
    if given_device is not null then
        select venue_device.venue_id into given_venue
        from venue_device
        where
            venue_device.device_id = given_device
            and exists (select from device where device.device_id = given_device and device.revoked_at is null)
        for no key update;
        if not found then
            return query select 'unbound', false, null::bigint, null::bigint, null::bigint, null::timestamptz;
            return;
        end if;
    end if;

    select * into kept
    from coupon_redemption
    where coupon_redemption.venue_id = given_venue and coupon_redemption.request_id = given_request;

    perform 1 from coupon_round where coupon_round.round_id = kept.round_id and kept.outcome = 'redeemed' for no key update;
    perform 1 from coupon
    where coupon.member_id = kept.member_id and coupon.coupon_id = kept.coupon_id and kept.outcome = 'redeemed'
    for no key update;

    select * into kept
    from coupon_redemption
    where coupon_redemption.venue_id = given_venue and coupon_redemption.request_id = given_request
    for no key update;

    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    if kept.venue_id is null and given_device is not null then
        insert into coupon_redemption (
            venue_id, request_id, fingerprint, device_id, outcome, reasons, spend_fen, is_offline, done_by, occurred_at, recorded_at)
        values (
            given_venue, given_request, decode(repeat('00', 16), 'hex'), given_device, 'refused', array['coupon.annulled_before'], 0, false,
            given_by, instant, instant);
        return query select 'never_taken', false, given_venue, null::bigint, null::bigint, instant;
        return;
    end if;

    outcome := case
        when kept.venue_id is null then 'unknown'
        when kept.device_id <> given_device then 'foreign'
        when kept.outcome = 'refused' and given_device is not null then 'never_taken'
        when kept.state = undone and kept.outcome = 'redeemed' then undone
        when kept.outcome <> 'redeemed' or kept.state <> 'standing' then 'not_standing'
        when given_device is not null and kept.recorded_at < instant - interval '15 minutes' then 'too_late'
        else undone
    end;
    is_repeat := outcome in ('annulled', 'refunded') and kept.state = undone or outcome = 'never_taken';

    if outcome = undone and not is_repeat then
        update coupon_redemption
        set state = undone, annulled_at = case when undone = 'annulled' then instant end,
            refunded_at = case when undone = 'refunded' then instant end
        where coupon_redemption.venue_id = given_venue and coupon_redemption.request_id = given_request;

        update coupon
        set state = undone, changed_at = instant
        where coupon.member_id = kept.member_id and coupon.coupon_id = kept.coupon_id and coupon.state = 'redeemed';
        if not found then
            raise exception 'a redemption that stands is of a coupon that is redeemed';
        end if;

        update coupon_round
        set held = coupon_round.held + 1, redeemed = coupon_round.redeemed - 1
        where coupon_round.round_id = kept.round_id;

        insert into coupon_event (
            member_id, coupon_id, round_id, campaign_id, event, venue_id, device_id, amount_fen, spend_fen, reason, charged_to, done_by,
            occurred_at, recorded_at)
        values (
            kept.member_id, kept.coupon_id, kept.round_id, kept.campaign_id, undone, kept.venue_id, given_device, kept.amount_fen,
            kept.spend_fen, given_reason, kept.charged_to, given_by, instant, instant);
    end if;

    return query
    select outcome, is_repeat, given_venue, kept.coupon_id, kept.amount_fen,
        coalesce(kept.annulled_at, kept.refunded_at, case when outcome = 'never_taken' then kept.recorded_at else instant end);
end
$$;
