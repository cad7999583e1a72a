-- stations_alarm_causes: what calls for an alarm at this moment.
--
-- Decides    no_heartbeat   an access point whose controller once reported and then was silent for over 2 minutes
--            door_forced, door_held   what its last heartbeat says of the door
--            clock_off      its clock is more than 90 seconds off
--            many_refusals  more than 20 refusals within 10 minutes at an access point
--            no_entry       a station that promises to be open has let nobody in for 24 hours, although it did on at least 7 of the 14
--                           days before. Not judged while figures are more than 15 minutes behind.
--            Devices that were revoked or serve the access point no longer say nothing; a station that is not open has no alarm but
--            those of its doors being forced or held.
-- Locks      nothing and writes nothing.
-- Returns    a row for each cause, with the numbers that a person wants to see.
create or replace function stations_alarm_causes(instant timestamptz)
returns table (kind text, station_id bigint, access_point_id bigint, cause jsonb)
language sql
stable
as $$
    with heard as (
        select distinct on (device_heartbeat.access_point_id)
            access_point.station_id, device_heartbeat.*, station.status = 'open' as is_open
        from device_heartbeat
        join device_access_point
            on device_access_point.device_id = device_heartbeat.device_id
            and device_access_point.access_point_id = device_heartbeat.access_point_id
        join device on device.device_id = device_heartbeat.device_id and device.revoked_at is null
        join access_point on access_point.access_point_id = device_heartbeat.access_point_id
        join station on station.station_id = access_point.station_id
        order by device_heartbeat.access_point_id, device_heartbeat.received_at desc, device_heartbeat.device_id
    )
    select
        'no_heartbeat', station_id, access_point_id,
        jsonb_build_object('silentSeconds', floor(extract(epoch from instant - received_at)))
    from heard
    where is_open and received_at < instant - interval '2 minutes'
    union all
    select
        'door_' || door_state, station_id, access_point_id,
        jsonb_build_object('since', to_char(door_state_since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
    from heard
    where door_state in ('forced', 'held')
    union all
    select
        'clock_off', station_id, access_point_id,
        jsonb_build_object('aheadSeconds', round(extract(epoch from occurred_at - received_at)))
    from heard
    where is_open and abs(extract(epoch from occurred_at - received_at)) > 90
    union all
    select 'many_refusals', min(refusal.station_id), refusal.access_point_id, jsonb_build_object('refused', sum(refusal.refused))
    from access_point_refusal refusal
    join station on station.station_id = refusal.station_id and station.status = 'open'
    where refusal.minute > instant - interval '10 minutes' and refusal.minute <= instant
    group by refusal.access_point_id
    having sum(refusal.refused) > 20
    union all
    select 'no_entry', station.station_id, null, jsonb_build_object('hours', 24, 'daysWithEntriesBefore', before.days)
    from station
    cross join lateral (select instant at time zone station.time_zone as now) local
    cross join lateral (
        select count(distinct figure.starts_on) as days
        from station_visit_figure figure
        where figure.station_id = station.station_id
            and figure.dimension = 'all'
            and figure.span = 'day'
            and figure.starts_on >= (local.now - interval '15 days')::date
            and figure.starts_on < (local.now - interval '1 day')::date
            and figure.entries > 0
    ) before
    where station.status = 'open'
        and station.promised_open
        and before.days >= 7
        and (select as_of from access_feed) > clock_timestamp() - interval '15 minutes'
        and not exists (
            select from station_visit_figure figure
            where figure.station_id = station.station_id
                and figure.dimension = 'hour'
                and figure.span = 'day'
                and figure.starts_on >= (local.now - interval '1 day')::date
                and figure.starts_on + figure.key::integer * interval '1 hour' > local.now - interval '24 hours'
                and figure.entries > 0)
$$;
