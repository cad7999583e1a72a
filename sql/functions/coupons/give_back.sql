-- coupons_give_back: a person gives a coupon back unused.
--
-- Decides    whether the coupon is the person's and usable.
-- Writes     coupon, coupon_event, the round's counts. While the round is open the coupon becomes stock again one second later, of its
--            group's reserve if it was taken from there; no server may say then that nothing is left (coupons_claim). Once the round is
--            over its worth goes back to the budget. Of goods the place where they are picked up has one more.
-- Locks      coupon_campaign, coupon_round, coupon, then coupon_campaign_venue.
-- Returns    returned | already | unknown | used | expired.
-- Clock      this database's clock plus clock_offset_us, read after the locks.
create or replace function coupons_give_back(
    account_id bigint,
    given_coupon_id bigint,
    subject text,
    clock_offset_us bigint
) returns text
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
    instant timestamptz;
    person bigint := (select coalesce(member.merged_into, member.member_id) from member where member.member_id = account_id);
    mine record;
    round record;
begin
    -- Of an account that was merged into this one the coupons are this person's, too.
    select coupon.campaign_id, coupon.round_id, coupon.member_id
    into mine
    from coupon
    where
        coupon.member_id in (
            select person
            union all
            select merged.member_id from member merged where merged.merged_into = person)
        and coupon.coupon_id = given_coupon_id;
    if not found then
        return 'unknown';
    end if;
    person := mine.member_id;

    perform 1 from coupon_campaign where coupon_campaign.campaign_id = mine.campaign_id for no key update;
    select coupon_round.* into round from coupon_round where coupon_round.round_id = mine.round_id for no key update;
    select coupon.* into mine from coupon where coupon.member_id = person and coupon.coupon_id = given_coupon_id for no key update;
    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    if mine.state not in ('claimed', 'annulled', 'refunded') then
        return case mine.state when 'returned' then 'already' when 'expired' then 'expired' else 'used' end;
    end if;

    update coupon
    set state = 'returned', changed_at = instant
    where coupon.member_id = person and coupon.coupon_id = given_coupon_id;

    insert into coupon_event (
        member_id, coupon_id, round_id, campaign_id, event, amount_fen, done_by, occurred_at, recorded_at)
    values (person, given_coupon_id, mine.round_id, mine.campaign_id, 'returned', mine.face_fen, subject, instant, instant);

    if round.state = 'announced' and round.closes_at > instant then
        update coupon_round
        set held = coupon_round.held - 1, returned = coupon_round.returned + 1, reopens_at = instant + interval '1 second'
        where coupon_round.round_id = mine.round_id;

        update coupon_reserve
        set returned = coupon_reserve.returned + 1
        where coupon_reserve.round_id = mine.round_id and coupon_reserve.number = mine.reserve;
    else
        update coupon_round
        set
            held = coupon_round.held - 1, returned = coupon_round.returned + 1,
            reissued = coupon_round.reissued + case coupon_round.state when 'closed' then 1 else 0 end,
            stock = coupon_round.stock - case coupon_round.state when 'closed' then 1 else 0 end
        where coupon_round.round_id = mine.round_id;

        update coupon_campaign
        set planned_fen = coupon_campaign.planned_fen - mine.face_fen
        where coupon_campaign.campaign_id = mine.campaign_id and round.state = 'closed';
    end if;

    update coupon_campaign_venue
    set spoken_for = coupon_campaign_venue.spoken_for - 1
    where
        coupon_campaign_venue.campaign_id = mine.campaign_id
        and coupon_campaign_venue.venue_id = mine.venue_id
        and coupon_campaign_venue.stock is not null;

    return 'returned';
end
$$;
