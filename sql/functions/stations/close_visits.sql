-- stations_close_visits: ends the visits of those who show no exit.
--
-- Decides    a visit is over when it has lasted as long as the access points' policies let it (the longest of the station's), or at the
--            first 04:00 on the station's clock that is at least an hour after the entry. That moment is when the exit occurred.
-- Writes     what an exit writes: an access_event (decided_by nightly, no device, no dwell: nobody knows it), the presence, the count.
-- Locks      access_presence in order of (station_id, member_id), passing over rows that a scan holds: it may be their exit, and if not,
--            the next run finds them. Then the events and station_occupancy, as stations_admit does.
-- Once       the request id follows from station, member and entry; and whoever is no longer inside when the lock is had is left alone.
-- Returns    how many visits it ended; at most visits_max.
create or replace function stations_close_visits(visits_max integer, clock_offset_us bigint)
returns integer
language plpgsql
set jit = off
as $$
#variable_conflict use_column
declare
    instant timestamptz := clock_timestamp() + clock_offset_us * interval '1 microsecond';
    closed integer;
begin
    with over as materialized (
        select access_presence.station_id, access_presence.member_id, access_presence.entered_at, visit.ends_at, door.access_point_id
        from access_presence
        join station on station.station_id = access_presence.station_id
        cross join lateral (
            select min(access_point_id) as access_point_id, max(exit_after_hours) as exit_after_hours
            from access_point
            where access_point.station_id = access_presence.station_id
        ) door
        cross join lateral (
            select date_trunc('day', (access_presence.entered_at + interval '1 hour') at time zone station.time_zone - interval '4 hours')
                + interval '1 day 4 hours' as four
        ) night
        cross join lateral (
            select least(
                night.four at time zone station.time_zone,
                access_presence.entered_at + door.exit_after_hours * interval '1 hour') as ends_at
        ) visit
        where access_presence.is_inside and visit.ends_at <= instant
        order by access_presence.station_id, access_presence.member_id
        limit visits_max
        for no key update of access_presence skip locked
    ),
    recorded as (
        insert into access_event (
            station_id, access_point_id, device_id, member_id, occurred_at, recorded_at, request_id, relay_milliseconds, people_inside,
            inside_change, batch_position, open, direction, fingerprint, reasons, decided_by, worker_kind, member_organization_id)
        select
            over.station_id, over.access_point_id, null, over.member_id, over.ends_at, instant,
            (lpad(to_hex(floor(extract(epoch from over.ends_at) * 1000)::bigint), 12, '0')
                || '7' || substr(digest.hex, 1, 3) || '8' || substr(digest.hex, 4, 15))::uuid as request_id,
            0,
            (select coalesce(sum(people), 0) from station_occupancy where station_occupancy.station_id = over.station_id)
                - row_number() over (partition by over.station_id order by over.member_id),
            -1, row_number() over (order by over.station_id, over.member_id), true, 'out', decode('', 'hex'), '{}', 'nightly',
            member.worker_kind, member.organization_id
        from over
        left join member on member.member_id = over.member_id
        cross join lateral (
            select encode(sha256(convert_to(
                concat_ws(' ', over.station_id, over.member_id, extract(epoch from over.entered_at)), 'UTF8')), 'hex') as hex
        ) digest
        order by over.station_id, request_id
        on conflict do nothing
        returning station_id, member_id
    ),
    present as (
        update access_presence
        set is_inside = false, exited_at = instant
        from recorded
        where access_presence.station_id = recorded.station_id and access_presence.member_id = recorded.member_id
    ),
    counted as (
        insert into station_occupancy as occupancy (station_id, lane, people)
        select station_id, pg_backend_pid() & 7, -count(*)
        from recorded
        group by station_id
        order by station_id
        on conflict (station_id, lane) do update set people = occupancy.people + excluded.people
    )
    select count(*) into closed from recorded;
    return closed;
end
$$;
