-- stations_count_events: what events and annulments of some transactions add to the figures.
--
-- Decides    nothing and writes nothing. An event counts in the window that its own transaction is in, an annulment takes it back in the
--            window of the annulment's: whatever the windows are, their sum is the same.
--            A refusal that has become an open event since counts in the window it was refused in, and is taken back in the window it
--            became open in; when that is the same one it never was.
-- Window     transactions of the named cluster from first_transaction up to, without, end_transaction, which must all have ended, and of
--            former clusters all or none; of events with request ids from first_request up to, without, end_request (null: no end).
-- Returns    rows as station_visit_figure holds them, by day and by month, of each station and (0) of all together.
create or replace function stations_count_events(
    first_transaction xid8,
    end_transaction xid8,
    cluster smallint,
    with_former boolean,
    first_request uuid default '00000000-0000-0000-0000-000000000000',
    end_request uuid default null)
returns setof station_visit_figure
language plpgsql
stable
set plan_cache_mode = force_custom_plan
set jit = off
as $$
#variable_conflict use_column
begin
    return query
    with counted as (
        select
            access_event.station_id, access_event.occurred_at, access_event.member_id, access_event.worker_kind,
            access_event.member_organization_id, access_event.open, access_event.direction, access_event.decided_by,
            access_event.dwell_seconds, 1 as sign
        from access_event
        where access_event.transaction_id >= first_transaction
            and (access_event.transaction_id < end_transaction or with_former and access_event.cluster_number < cluster)
            and (with_former or access_event.cluster_number = cluster)
            and access_event.request_id >= first_request
            and (end_request is null or access_event.request_id < end_request)
        union all
        select
            access_event.station_id, access_event.refused_at, access_event.member_id, access_event.worker_kind,
            access_event.member_organization_id, false, access_event.direction, access_event.decided_by, null,
            -1
        from access_event
        where access_event.transaction_id >= first_transaction
            and access_event.transaction_id < end_transaction
            and access_event.refused_transaction_id < first_transaction
            and access_event.cluster_number = cluster
            and access_event.request_id >= first_request
            and (end_request is null or access_event.request_id < end_request)
        union all
        select
            access_event.station_id, access_event.refused_at, access_event.member_id, access_event.worker_kind,
            access_event.member_organization_id, false, access_event.direction, access_event.decided_by, null,
            1
        from access_event
        where access_event.refused_transaction_id >= first_transaction
            and access_event.refused_transaction_id < end_transaction
            and access_event.transaction_id >= end_transaction
            and access_event.cluster_number = cluster
            and access_event.request_id >= first_request
            and (end_request is null or access_event.request_id < end_request)
        union all
        select
            access_event.station_id, access_event.occurred_at, access_event.member_id, access_event.worker_kind,
            access_event.member_organization_id, access_event.open, access_event.direction, access_event.decided_by,
            access_event.dwell_seconds, -1
        from access_annulment
        join access_event
            on access_event.station_id = access_annulment.station_id
            and access_event.request_id = access_annulment.request_id
        where access_annulment.transaction_id >= first_transaction
            and (access_annulment.transaction_id < end_transaction or with_former and access_annulment.cluster_number < cluster)
            and (with_former or access_annulment.cluster_number = cluster)
            and access_annulment.request_id >= first_request
            and (end_request is null or access_annulment.request_id < end_request)
    ),
    measured as (
        select
            counted.station_id,
            local.occurred_at::date as day,
            to_char(local.occurred_at, 'HH24') as hour,
            coalesce(counted.worker_kind, member.worker_kind, 'unknown') as worker_kind,
            coalesce(counted.member_organization_id, member.organization_id) as organization_id,
            case when open and direction = 'in' then sign else 0 end as entry,
            case when open and direction = 'out' and decided_by <> 'nightly' then sign else 0 end as exit,
            case when open and direction = 'out' and decided_by = 'nightly' then sign else 0 end as automatic_exit,
            case when open then 0 else sign end as refusal,
            case when open and direction = 'out' and decided_by <> 'nightly' and dwell_seconds is not null then sign else 0 end as dwell,
            coalesce(dwell_seconds, 0) as dwell_seconds
        from counted
        join station on station.station_id = counted.station_id
        left join member
            on member.member_id = counted.member_id
            and (counted.worker_kind is null or counted.member_organization_id is null)
        cross join lateral (select counted.occurred_at at time zone station.time_zone as occurred_at) local
    ),
    daily as (
        select
            station_id,
            case
                when grouping(hour) = 0 then 'hour'
                when grouping(worker_kind) = 0 then 'worker_kind'
                when grouping(organization_id) = 0 then 'organization'
                else 'all'
            end as dimension,
            day,
            case
                when grouping(hour) = 0 then hour
                when grouping(worker_kind) = 0 then worker_kind
                when grouping(organization_id) = 0 then coalesce(organization_id::text, 'unknown')
                else ''
            end as key,
            sum(entry) as entries,
            sum(exit) as exits,
            sum(automatic_exit) as automatic_exits,
            sum(refusal) as refused,
            sum(dwell) as dwells,
            sum(dwell * dwell_seconds) as dwell_seconds,
            sum(dwell) filter (where dwell_seconds < 300) as dwells_to_5,
            sum(dwell) filter (where dwell_seconds >= 300 and dwell_seconds < 600) as dwells_to_10,
            sum(dwell) filter (where dwell_seconds >= 600 and dwell_seconds < 1200) as dwells_to_20,
            sum(dwell) filter (where dwell_seconds >= 1200 and dwell_seconds < 1800) as dwells_to_30,
            sum(dwell) filter (where dwell_seconds >= 1800 and dwell_seconds < 2700) as dwells_to_45,
            sum(dwell) filter (where dwell_seconds >= 2700 and dwell_seconds < 3600) as dwells_to_60,
            sum(dwell) filter (where dwell_seconds >= 3600 and dwell_seconds < 5400) as dwells_to_90,
            sum(dwell) filter (where dwell_seconds >= 5400 and dwell_seconds < 7200) as dwells_to_120,
            sum(dwell) filter (where dwell_seconds >= 7200 and dwell_seconds < 14400) as dwells_to_240,
            sum(dwell) filter (where dwell_seconds >= 14400 and dwell_seconds < 28800) as dwells_to_480,
            sum(dwell) filter (where dwell_seconds >= 28800) as dwells_beyond
        from measured
        group by grouping sets (
            (station_id, day), (station_id, day, hour), (station_id, day, worker_kind), (station_id, day, organization_id))
    )
    select
        coalesce(station_id, 0), dimension,
        case when grouping(day) = 0 then 'day' else 'month' end,
        case when grouping(day) = 0 then day else month end,
        key,
        sum(entries)::integer, sum(exits)::integer, sum(automatic_exits)::integer, sum(refused)::integer,
        sum(dwells)::integer, sum(dwell_seconds)::bigint,
        coalesce(sum(dwells_to_5), 0)::integer, coalesce(sum(dwells_to_10), 0)::integer, coalesce(sum(dwells_to_20), 0)::integer,
        coalesce(sum(dwells_to_30), 0)::integer, coalesce(sum(dwells_to_45), 0)::integer, coalesce(sum(dwells_to_60), 0)::integer,
        coalesce(sum(dwells_to_90), 0)::integer, coalesce(sum(dwells_to_120), 0)::integer, coalesce(sum(dwells_to_240), 0)::integer,
        coalesce(sum(dwells_to_480), 0)::integer, coalesce(sum(dwells_beyond), 0)::integer
    from daily
    cross join lateral (select date_trunc('month', day)::date as month) month
    group by grouping sets (
        (station_id, dimension, day, key), (station_id, dimension, month, key), (dimension, day, key), (dimension, month, key));
end
$$;
