-- coupons_out_of_window: why a coupon is not good at a moment, by its campaign's days, weekdays and hours.
--
-- Decides    nothing by itself: moment is the wall clock's of the campaign's time zone.
-- Returns    every reason that applies: coupon.not_yet_valid | coupon.expired | coupon.other_weekday | coupon.other_hour.
create or replace function coupons_out_of_window(
    first_on date, last_on date, weekdays smallint, from_minute smallint, to_minute smallint, moment timestamp)
returns text[]
language sql
immutable
as $$
    select array_remove(
        array[
            case when moment < first_on then 'coupon.not_yet_valid' end,
            case when moment >= last_on + 1 then 'coupon.expired' end,
            case when (weekdays::integer >> (extract(isodow from moment)::integer - 1)) & 1 = 0 then 'coupon.other_weekday' end,
            case
                when extract(hour from moment) * 60 + extract(minute from moment) not between from_minute and to_minute - 1
                    then 'coupon.other_hour'
            end
        ],
        null)
$$;
