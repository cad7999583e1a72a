-- stations_board: how every station stands at this moment, for the live board.
--
-- Decides    nothing. Stations that were given up are left out.
-- Scope      those whose organization lies below one of roots, or, with everything, all. reached names the roots it lies below, so that
--            one call serves callers of many scopes.
-- Counts     entries and refusals of the 60 minutes before this one and of this one, by the feed, a second or two late.
-- Alarms     open ones, acknowledged or not, and the gravest of their kinds: a forced door, a station that nobody can enter, a silent
--            controller, a door held open, many refusals, a clock that is off.
-- Doors      by the last heartbeat of each access point's controllers, as stations_alarm_causes hears them: silent after 2 minutes.
-- Locks      nothing.
-- Returns    a row for each station, in order of their ids.
-- Plan       pinned to keys: four short look-ups a station, 500 stations in some 10 ms, whatever lies behind.
create or replace function stations_board(roots bigint[], with_everything boolean, clock_offset_us bigint)
returns table (
    station_id bigint,
    organization_id bigint,
    name_zh text,
    name_en text,
    kind text,
    status text,
    door_state text,
    capacity integer,
    people_inside integer,
    is_open boolean,
    entries integer,
    refusals integer,
    last_entry_at timestamptz,
    alarms integer,
    worst_alarm text,
    controllers integer,
    controllers_silent integer,
    heard_at timestamptz,
    reached bigint[])
language plpgsql
stable
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
    instant timestamptz := clock_timestamp() + clock_offset_us * interval '1 microsecond';
begin
    return query
    select
        station.station_id, station.organization_id, station.name_zh, station.name_en, station.kind, station.status, station.door_state,
        station.capacity, greatest(people.inside, 0)::integer,
        not (station.status <> 'open' and (station.closed_until is null or station.closed_until > instant))
            and station.door_state <> 'locked_down'
            and stations_is_within_hours(
                station.hours, station.exception_days, station.exception_hours, instant at time zone station.time_zone),
        greatest(counted.entered, 0)::integer, greatest(counted.refused, 0)::integer, station_last_entry.entered_at,
        alarmed.open::integer, alarmed.worst, heard.controllers::integer, heard.silent::integer, heard.oldest, scope.reached
    from station
    cross join lateral (
        select array(
            select organization_ancestor.ancestor_id
            from organization_ancestor
            where organization_ancestor.organization_id = station.organization_id and organization_ancestor.ancestor_id = any (roots)
            order by organization_ancestor.ancestor_id
        ) as reached
    ) scope
    cross join lateral (
        select coalesce(sum(station_occupancy.people), 0) as inside
        from station_occupancy
        where station_occupancy.station_id = station.station_id
    ) people
    cross join lateral (
        select coalesce(sum(station_minute.entered), 0) as entered, coalesce(sum(station_minute.refused), 0) as refused
        from station_minute
        where station_minute.station_id = station.station_id
            and station_minute.minute >= date_trunc('minute', instant) - interval '60 minutes'
            and station_minute.minute <= instant
    ) counted
    left join station_last_entry on station_last_entry.station_id = station.station_id
    cross join lateral (
        select
            count(*) as open,
            (array['door_forced', 'no_entry', 'no_heartbeat', 'door_held', 'many_refusals', 'clock_off'])[min(
                array_position(
                    array['door_forced', 'no_entry', 'no_heartbeat', 'door_held', 'many_refusals', 'clock_off'], alarm.kind))] as worst
        from unnest(array['door_forced', 'no_entry', 'no_heartbeat', 'door_held', 'many_refusals', 'clock_off']) known
        join alarm on alarm.kind = known and alarm.station_id = station.station_id and alarm.closed_at is null
    ) alarmed
    cross join lateral (
        select
            count(*) as controllers, count(*) filter (where last.received_at < instant - interval '2 minutes') as silent,
            min(last.received_at) as oldest
        from access_point
        cross join lateral (
            select max(device_heartbeat.received_at) as received_at
            from device_heartbeat
            join device_access_point
                on device_access_point.device_id = device_heartbeat.device_id
                and device_access_point.access_point_id = device_heartbeat.access_point_id
            join device on device.device_id = device_heartbeat.device_id and device.revoked_at is null
            where device_heartbeat.access_point_id = access_point.access_point_id
        ) last
        where access_point.station_id = station.station_id and last.received_at is not null
    ) heard
    where station.status <> 'decommissioned' and (with_everything or cardinality(scope.reached) > 0)
    order by station.station_id;
end
$$;
