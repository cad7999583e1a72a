-- stations_entry_refusals: what an access point's policy and its station's state have against an entry, in the order of AccessReason.
--
-- One expression without tables, so that PostgreSQL puts it into the statement that calls it: stations_admit decides by it and
-- stations_policy_trial tries by it, and neither can drift from the other. Whatever is used more than once must be handed in as a
-- column (PostgreSQL does not inline a function that would repeat a costly argument).
create or replace function stations_hours_of(
    hours int4multirange[], exception_days date[], exception_hours int4multirange[], day date)
returns int4multirange
language sql
immutable
as $$
    select coalesce(
        exception_hours[array_position(exception_days, day)],
        hours[date_part('isodow', day)::integer],
        '{[0,1440)}'::int4multirange)
$$;

-- Hours of yesterday that go over midnight reach into today.
create or replace function stations_is_within_hours(
    hours int4multirange[], exception_days date[], exception_hours int4multirange[], here timestamp)
returns boolean
language sql
immutable
as $$
    select case
        when hours is null and exception_days is null then true
        else stations_hours_of(hours, exception_days, exception_hours, here::date)
                @> (date_part('hour', here) * 60 + date_part('minute', here))::integer
            or stations_hours_of(hours, exception_days, exception_hours, here::date - 1)
                @> (date_part('hour', here) * 60 + date_part('minute', here) + 1440)::integer
    end
$$;

-- here: the instant on the station's clock. A person whom the register does not know is a row of nulls, and status is null.
create or replace function stations_entry_refusals(
    door access_point, place station, person member, status text, is_of_organizations boolean, is_inside boolean,
    entered_at timestamptz, instant timestamptz, here timestamp)
returns text[]
language sql
stable
as $$
    select array_remove(array[
        case when status <> 'active' and not (status = 'provisional' and door.admits_provisional)
            then 'door.member_not_active' end,
        case when place.status <> 'open' and (place.closed_until is null or place.closed_until > instant)
            then 'door.station_closed' end,
        case when place.door_state = 'locked_down' then 'door.locked_down' end,
        case when not door.is_open then 'door.access_point_closed' end,
        case when door.directions = 'out' then 'door.direction_not_served' end,
        case when not stations_is_within_hours(place.hours, place.exception_days, place.exception_hours, here)
            or not stations_is_within_hours(door.hours, door.exception_days, door.exception_hours, here)
            then 'door.outside_hours' end,
        case when person.member_id is not null and not is_of_organizations then 'door.organization_not_admitted' end,
        case when not person.sex = any (door.sexes)
            or not person.worker_kind = any (door.worker_kinds)
            or not person.employment_form = any (door.employment_forms)
            or person.hardship_post <> door.hardship_post
            then 'door.attribute_not_admitted' end,
        case when is_inside and entered_at + door.reentry_minutes * interval '1 minute' > instant
            then 'door.reentry_too_soon' end,
        case when entered_at + door.entry_interval_minutes * interval '1 minute' > instant
            then 'door.interval_too_short' end,
        case when door.anti_passback = 'hard' and is_inside
            and entered_at + door.reset_hours * interval '1 hour' > instant
            then 'door.anti_passback' end],
        null)
$$;
