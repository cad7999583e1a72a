-- coupons_issue_draw: the winners of a draw get their coupons.
--
-- Decides    once the program that shares out is published: whoever holds a place of it, and has fewer coupons of the campaign than one
--            person may have.
-- Writes     coupon, the counts of the round, and that it was drawn. A program that was cancelled gives nobody anything.
-- Locks      coupon_campaign, coupon_round, then program, shared: awards do not change meanwhile.
-- Returns    how many coupons were given; null when the program is not published yet.
-- Clock      this database's clock plus clock_offset_us, read after the locks.
create or replace function coupons_issue_draw(drawn_id bigint, clock_offset_us bigint) returns integer
language plpgsql
set jit = off
as $$
#variable_conflict use_column
declare
    instant timestamptz;
    round record;
    progress text;
    given integer := 0;
begin
    perform 1
    from coupon_campaign
    where coupon_campaign.campaign_id = (select coupon_round.campaign_id from coupon_round where coupon_round.round_id = drawn_id)
    for no key update;

    select coupon_round.*, campaign.cap as campaign_cap
    into round
    from coupon_round
    join coupon_campaign campaign on campaign.campaign_id = coupon_round.campaign_id
    where coupon_round.round_id = drawn_id
    for no key update of coupon_round;

    select program.state into progress from program where program.program_id = round.program_id for share;
    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';
    if round.state <> 'announced' or round.mode <> 'draw' or round.shuffled_at is not null
        or progress not in ('published', 'ended', 'cancelled') then
        return null;
    end if;

    if progress <> 'cancelled' then
        with winner as (
            insert into coupon (
                member_id, round_id, campaign_id, slot, state, face_fen, organization_id, groups, claimed_at, changed_at)
            select
                award.member_id, drawn_id, round.campaign_id, 1, 'claimed', round.face_fen, application.organization_id,
                application.groups, instant, instant
            from program_award award
            join program_application application
                on application.member_id = award.member_id and application.program_id = award.program_id
            where
                award.program_id = round.program_id
                and programs_holds_place(award.state)
                and (
                    select count(*)
                    from coupon
                    where
                        coupon.member_id = award.member_id and coupon.campaign_id = round.campaign_id and coupon.state <> 'returned')
                < round.campaign_cap
            order by award.member_id
            returning 1
        )
        select count(*) into given from winner;
    end if;

    update coupon_round
    set
        issued = coupon_round.issued + given,
        held = coupon_round.held + given,
        shuffled_at = instant,
        sold_out_at = case when coupon_round.stock = coupon_round.issued - coupon_round.reissued + given then instant end
    where coupon_round.round_id = drawn_id;
    return given;
end
$$;
