-- stations_policy_trial: what a policy would have made of the entries that were asked for at its access point.
--
-- Decides    nothing; judges again, by stations_entry_refusals, every entry of the last days, at its own time and with what its member had
--            done there until then. What the policy has no say in is taken from the event as it was: codes, PINs, the station's state,
--            times. Members are taken as they are now, but one who was let in then and has left since counts as active. Each scan is judged
--            against what did happen before it, not against what would have happened had this policy held all along.
-- door       the access point as it would be. capacity: of the station, if that is to be tried too.
-- Reads      the station's events of the time, by (station_id, request_id), and of the 7 days before it, for who was inside already;
--            events whose request id is of no such time, or no UUIDv7, are not seen.
-- Once       its settings keep it from being put into the statement that calls it: there every entry read the door out of JSON anew, for
--            each of its rules (12,700 entries: ten times slower). The memory is for the events of a fortnight.
-- Returns    rows of (change, reason, worker_kind), null where a row is over all of them; request_ids are the newest 20.
--            scanned         all entries asked for
--            admitted        those let in then
--            newly_refused   let in then, and refused now for the reason
--            newly_admitted  refused then for the reason, and let in now
create or replace function stations_policy_trial(door access_point, days integer, capacity integer, clock_offset_us bigint)
returns table (change text, reason text, worker_kind text, scans bigint, members bigint, request_ids uuid[])
language sql
stable
set jit = off
set work_mem = '32MB'
as $$
    with time as (
        select clock_timestamp() + clock_offset_us * interval '1 microsecond' - days * interval '1 day' as begins_at
    ),
    place as materialized (
        select
            station.time_zone, station.organization_id,
            jsonb_populate_record(station, '{"status": "open", "door_state": "normal"}') as place
        from station
        where station.station_id = door.station_id
    ),
    known as (
        select event.*, row_number() over (partition by event.member_id order by event.recorded_at, event.batch_position) as step
        from access_event event
        cross join time
        where event.station_id = door.station_id
            and event.request_id >= (lpad(
                to_hex((date_part('epoch', time.begins_at - interval '7 days') * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
            and event.decided_by <> 'nightly'
    ),
    followed as (
        select
            known.*,
            max(step) filter (where open and direction = 'in') over before_it as entered_step,
            max(step) filter (where open and direction = 'out') over before_it as exited_step,
            max(recorded_at) filter (where open and direction = 'in') over before_it as entered_at
        from known
        -- In the order that steps were counted in, which is not sorted again.
        window before_it as (partition by member_id order by recorded_at, batch_position rows between unbounded preceding and 1 preceding)
    ),
    asked as (
        select
            event.request_id, event.member_id, event.open, event.reasons, event.recorded_at, event.entered_at,
            coalesce(event.entered_step > coalesce(event.exited_step, 0), false) as is_inside,
            event.people_inside - event.inside_change as people_before,
            member as person,
            case
                when member.status in ('suspended', 'left') and 'door.member_not_active' <> all (event.reasons) then 'active'
                else member.status
            end as status,
            event.recorded_at at time zone place.time_zone as here,
            place.place,
            (door.organization_ids is null
                or exists (
                    select from organization_ancestor
                    where organization_ancestor.organization_id = member.organization_id
                        and organization_ancestor.ancestor_id = any (door.organization_ids)))
            and (credential.organization_id is null
                or exists (
                    select from organization_ancestor
                    where organization_ancestor.organization_id = place.organization_id
                        and organization_ancestor.ancestor_id = credential.organization_id)) as is_of_organizations
        from followed event
        cross join time
        cross join place
        left join member on member.member_id = event.member_id
        left join access_credential credential on credential.credential_id = event.credential_id
        where event.access_point_id = door.access_point_id
            and event.direction = 'in'
            and event.recorded_at >= time.begins_at
        -- Columns now, so that the expression below is put in whole.
        offset 0
    ),
    judged as (
        select
            asked.request_id, asked.member_id, asked.open, asked.reasons, asked.recorded_at, (asked.person).worker_kind,
            case when cardinality(asked.reasons) = 0 then '{}' else array(
                select kept from unnest(asked.reasons) kept
                where kept <> all (array[
                        'door.member_not_active', 'door.access_point_closed', 'door.direction_not_served', 'door.outside_hours',
                        'door.organization_not_admitted', 'door.attribute_not_admitted', 'door.reentry_too_soon',
                        'door.interval_too_short', 'door.anti_passback'])
                    and (kept <> 'door.full' or stations_policy_trial.capacity is null)
            ) end
            || stations_entry_refusals(
                door, asked.place, asked.person, asked.status, asked.is_of_organizations, asked.is_inside, asked.entered_at,
                asked.recorded_at, asked.here)
            || case
                when asked.member_id is not null and not asked.is_inside and asked.people_before >= stations_policy_trial.capacity
                then array['door.full'] else '{}' end as reasons_now
        from asked
    ),
    changed as (
        select 'newly_refused' as change, judged.*, reasons_now as why from judged where open and cardinality(reasons_now) > 0
        union all
        select 'newly_admitted', judged.*, reasons from judged where not open and cardinality(reasons_now) = 0
    )
    select 'scanned', null, null, count(*), count(distinct member_id), null::uuid[] from judged
    union all
    select 'admitted', null, null, count(*), count(distinct member_id), null from judged where open
    union all
    select
        change, why.reason, null, count(*), count(distinct member_id), null
    from changed
    cross join lateral unnest(changed.why) as why (reason)
    group by change, why.reason
    union all
    select
        change, null, changed.worker_kind, count(*), count(distinct member_id),
        case when grouping(changed.worker_kind) = 1
            then (array_agg(request_id order by recorded_at desc, request_id))[1:20] end
    from changed
    group by grouping sets ((change), (change, changed.worker_kind))
    having grouping(changed.worker_kind) = 1 or changed.worker_kind is not null
    order by 1, 4 desc, 2, 3
$$;
