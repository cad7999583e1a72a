-- stations_annul: takes back entries through which nobody went.
--
-- Decides    every request of a batch: an accepted entry of the last 15 minutes, asked by the device that had it opened (one opened by a
--            member's own phone: by a device that serves the access point), and without an exit since.
-- Writes     one access_annulment per entry, once. Where the entry is still the member's latest act at the station, presence and
--            occupancy become what they were before it; the event stays, and its code stays used.
-- Locks      access_presence in order of (station_id, member_id), as stations_admit does, so that an exit is either seen or waits; then
--            station_occupancy by station_id.
-- Restores   entered_at to the entry before, looked for among the requests of the eight days before (their ids are made of the time):
--            further back reaches no rule. One who was inside before and whose entry is not among them entered eight days ago.
-- Returns    one row per request, to be matched by ordinality, in no order:
--            annulled, repeated   with what was answered first
--            foreign              the device does not serve that access point, or another device had it opened
--            unknown              no scan of that access point has this request id
--            not_an_entry         it was refused, or it was an exit
--            too_late             longer ago than 15 minutes
--            exit_since           the member has left since
create or replace function stations_annul(
    request_ids uuid[],
    device_ids bigint[],
    access_point_ids bigint[],
    given_reasons text[],
    clock_offset_us bigint)
returns table (
    ordinality integer,
    outcome text,
    annulled_at timestamptz,
    presence_restored boolean,
    people_inside integer)
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
begin
    perform 1
    from unnest(request_ids, access_point_ids) as request (request_id, access_point_id)
    join access_point on access_point.access_point_id = request.access_point_id
    join access_event
        on access_event.station_id = access_point.station_id
        and access_event.request_id = request.request_id
    join access_presence
        on access_presence.station_id = access_event.station_id
        and access_presence.member_id = access_event.member_id
    order by access_presence.station_id, access_presence.member_id
    for no key update of access_presence;

    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    return query
    with judged as materialized (
        select
            request.ordinality, request.request_id, request.device_id, request.access_point_id, request.reason,
            access_point.station_id, access_event.member_id, access_event.inside_change, access_event.recorded_at,
            earlier.annulled_at, earlier.presence_restored, earlier.people_inside,
            coalesce(access_presence.is_inside and access_presence.entered_at = access_event.recorded_at, false) as is_latest,
            case
                when device_access_point.device_id is null then 'foreign'
                when access_event.request_id is null or access_event.access_point_id <> request.access_point_id then 'unknown'
                when access_event.device_id <> request.device_id then 'foreign'
                when earlier.request_id is not null then 'repeated'
                when not access_event.open or access_event.direction <> 'in' or access_event.member_id is null then 'not_an_entry'
                when access_event.recorded_at < instant - interval '15 minutes' then 'too_late'
                when access_presence.exited_at > access_event.recorded_at then 'exit_since'
                when row_number() over (
                    partition by request.request_id, request.device_id, request.access_point_id order by request.ordinality) > 1
                    then 'repeated'
                else 'annulled'
            end as outcome
        from unnest(request_ids, device_ids, access_point_ids, given_reasons)
            with ordinality as request (request_id, device_id, access_point_id, reason, ordinality)
        left join device_access_point
            on device_access_point.device_id = request.device_id
            and device_access_point.access_point_id = request.access_point_id
        left join access_point on access_point.access_point_id = request.access_point_id
        left join access_event
            on access_event.station_id = access_point.station_id
            and access_event.request_id = request.request_id
        left join access_annulment earlier
            on earlier.station_id = access_point.station_id
            and earlier.request_id = request.request_id
        left join access_presence
            on access_presence.station_id = access_event.station_id
            and access_presence.member_id = access_event.member_id
    ),
    annulled as (
        insert into access_annulment (
            station_id, request_id, access_point_id, member_id, device_id, reason, inside_change, presence_restored, people_inside,
            annulled_at)
        select
            station_id, request_id, access_point_id, member_id, device_id, reason, change, is_latest,
            (select coalesce(sum(people), 0) from station_occupancy where station_occupancy.station_id = judged.station_id)
                + sum(change) over (partition by station_id order by ordinality),
            instant
        from judged
        cross join lateral (select case when is_latest and inside_change = 1 then -1 else 0 end as change) counted
        where outcome = 'annulled'
        order by station_id, request_id
        on conflict do nothing
        returning *
    ),
    restored as (
        update access_presence
        set is_inside = judged.inside_change = 0,
            entered_at = coalesce(before.recorded_at, case when judged.inside_change = 0 then judged.recorded_at - interval '8 days' end)
        from judged
        join annulled on annulled.station_id = judged.station_id and annulled.request_id = judged.request_id
        left join lateral (
            select access_event.recorded_at
            from access_event
            where access_event.station_id = judged.station_id
                and access_event.request_id between stations_request_id_at(judged.recorded_at - interval '8 days')
                    and stations_request_id_at(judged.recorded_at + interval '1 minute')
                and access_event.member_id = judged.member_id
                and access_event.open
                and access_event.direction = 'in'
                and access_event.recorded_at < judged.recorded_at
                and not exists (
                    select from access_annulment
                    where access_annulment.station_id = access_event.station_id
                        and access_annulment.request_id = access_event.request_id)
            order by access_event.request_id desc
            limit 1
        ) before on true
        where judged.outcome = 'annulled'
            and judged.is_latest
            and access_presence.station_id = judged.station_id
            and access_presence.member_id = judged.member_id
    ),
    counted as (
        insert into station_occupancy as occupancy (station_id, lane, people)
        select station_id, pg_backend_pid() & 7, sum(inside_change)
        from annulled
        group by station_id
        having sum(inside_change) <> 0
        order by station_id
        on conflict (station_id, lane) do update set people = occupancy.people + excluded.people
    )
    select
        judged.ordinality::integer,
        judged.outcome,
        coalesce(judged.annulled_at, annulled.annulled_at),
        coalesce(judged.presence_restored, annulled.presence_restored),
        coalesce(judged.people_inside, annulled.people_inside)
    from judged
    left join annulled
        on judged.outcome in ('annulled', 'repeated')
        and annulled.station_id = judged.station_id
        and annulled.request_id = judged.request_id;
end
$$;

-- stations_request_id_at: the least UUIDv7 of a moment; request ids made before it are smaller.
create or replace function stations_request_id_at(moment timestamptz)
returns uuid
language sql
stable
as $$
    select (lpad(to_hex((extract(epoch from moment) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid
$$;
