-- stations_evaluate_alarms: raises the alarms that stations_alarm_causes calls for and closes those whose cause has ended.
--
-- Decides    one open alarm for each kind and place, however long the cause lasts. A forced door is closed by a person only. What a
--            person has closed is raised again only after its cause had ended.
-- Locks      the alarms it changes. Two evaluations at once are kept apart by the unique index of open alarms.
-- Returns    the alarms raised and closed now.
create or replace function stations_evaluate_alarms(clock_offset_us bigint)
returns table (change text, alarm_id bigint, kind text, station_id bigint, access_point_id bigint, organization_id bigint)
language plpgsql
as $$
#variable_conflict use_column
declare
    instant timestamptz := clock_timestamp() + clock_offset_us * interval '1 microsecond';
begin
    return query
    with cause as materialized (
        select * from stations_alarm_causes(instant)
    ),
    watched as (
        select
            alarm.alarm_id,
            exists (
                select from cause
                where cause.kind = alarm.kind
                    and cause.station_id = alarm.station_id
                    and cause.access_point_id is not distinct from alarm.access_point_id
            ) as is_caused
        from alarm
        where alarm.closed_at is null or alarm.cause_lasts
    ),
    changed as (
        update alarm
        set cause_lasts = watched.is_caused,
            closed_at = case when watched.is_caused or alarm.kind = 'door_forced' then alarm.closed_at
                else coalesce(alarm.closed_at, instant) end,
            closed_by = case when watched.is_caused or alarm.kind = 'door_forced' then alarm.closed_by
                else coalesce(alarm.closed_by, 'job:stations.alarms') end
        from watched
        where watched.alarm_id = alarm.alarm_id and alarm.cause_lasts <> watched.is_caused
        returning alarm.*
    ),
    raised as (
        insert into alarm as new (kind, station_id, access_point_id, raised_at, cause)
        select cause.kind, cause.station_id, cause.access_point_id, instant, cause.cause
        from cause
        where not exists (
            select from alarm
            where alarm.kind = cause.kind
                and alarm.station_id = cause.station_id
                and alarm.access_point_id is not distinct from cause.access_point_id
                and (alarm.closed_at is null or alarm.cause_lasts))
        order by cause.kind, cause.station_id, cause.access_point_id
        on conflict do nothing
        returning new.*
    ),
    told as (
        select 'raised' as change, raised.alarm_id, raised.kind, raised.station_id, raised.access_point_id from raised
        union all
        select 'closed', changed.alarm_id, changed.kind, changed.station_id, changed.access_point_id
        from changed
        where changed.closed_at = instant
    )
    select told.change, told.alarm_id, told.kind, told.station_id, told.access_point_id, station.organization_id
    from told
    join station on station.station_id = told.station_id
    order by told.alarm_id;
end
$$;
