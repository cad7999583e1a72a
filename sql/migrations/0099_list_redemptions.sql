-- What was redeemed at a venue, listed; and a person's redemptions, for the person.

create index coupon_redemption_of_venue on coupon_redemption (venue_id, recorded_at, request_id) where outcome <> 'refused';

-- What is looked for among many others: the few that were undone or taken twice.
create index coupon_redemption_unlike_others on coupon_redemption (venue_id, recorded_at, request_id)
where outcome = 'redeemed_twice' or state in ('annulled', 'refunded');

-- Of a person, those without a coupon too.
create index coupon_redemption_of_member on coupon_redemption (member_id, coupon_id) where member_id is not null;
drop index coupon_redemption_of_coupon;

-- The venue comes from venue_device, which refers to it, and venues stay for ever. Each redemption would lock it once more.
alter table coupon_redemption drop constraint coupon_redemption_venue_exists;
