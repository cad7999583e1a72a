-- stations_feed: takes events and annulments that are new into the figures, the members' passages, the counts by minute and, for those
-- who receive webhooks, the outbox; once each.
--
-- Decides    which are new: those of transactions from the horizon on that have ended (before the oldest one that may still write), up to
--            the transaction of the events_max-th in one call. An event's time plays no part: what a door uploads days late is counted too.
-- Locks      the one row of access_feed, from before the window is chosen until its effects and the new horizon are committed together.
-- Restored   in another cluster transactions have other numbers: stations_feed_adopt goes on from where the dump was made.
-- Returns    the events counted, and whether there is more to count now.
create or replace function stations_feed(events_max integer)
returns table (fed integer, has_more boolean)
language plpgsql
set jit = off
as $$
declare
    feed access_feed;
    snapshot pg_snapshot;
    asked_at timestamptz;
    settled xid8;
    window_end xid8;
begin
    select * into feed from access_feed for update;
    if stations_feed_is_elsewhere(feed) then
        perform stations_feed_adopt(feed);
        return query select 0, true;
        return;
    end if;
    asked_at := clock_timestamp();
    snapshot := pg_current_snapshot();
    -- What was known to run elsewhere may be on its way out and known no more: the horizon stays.
    settled := greatest(feed.horizon, registry_settled_before(snapshot));
    select case when count(*) = events_max then (max(transaction_id)::text::bigint + 1)::text::xid8 else settled end
    into window_end
    from (
        select transaction_id
        from access_event
        where transaction_id >= feed.horizon and transaction_id < settled and cluster_number = feed.cluster_number
        order by transaction_id
        limit events_max
    ) first;

    insert into station_visit_figure as figure
    select * from stations_count_events(feed.horizon, window_end, feed.cluster_number, false)
    order by station_id, dimension, span, starts_on, key
    on conflict (station_id, dimension, span, starts_on, key) do update set
        entries = figure.entries + excluded.entries,
        exits = figure.exits + excluded.exits,
        automatic_exits = figure.automatic_exits + excluded.automatic_exits,
        refused = figure.refused + excluded.refused,
        dwells = figure.dwells + excluded.dwells,
        dwell_seconds = figure.dwell_seconds + excluded.dwell_seconds,
        dwells_to_5 = figure.dwells_to_5 + excluded.dwells_to_5,
        dwells_to_10 = figure.dwells_to_10 + excluded.dwells_to_10,
        dwells_to_20 = figure.dwells_to_20 + excluded.dwells_to_20,
        dwells_to_30 = figure.dwells_to_30 + excluded.dwells_to_30,
        dwells_to_45 = figure.dwells_to_45 + excluded.dwells_to_45,
        dwells_to_60 = figure.dwells_to_60 + excluded.dwells_to_60,
        dwells_to_90 = figure.dwells_to_90 + excluded.dwells_to_90,
        dwells_to_120 = figure.dwells_to_120 + excluded.dwells_to_120,
        dwells_to_240 = figure.dwells_to_240 + excluded.dwells_to_240,
        dwells_to_480 = figure.dwells_to_480 + excluded.dwells_to_480,
        dwells_beyond = figure.dwells_beyond + excluded.dwells_beyond;

    with new_event as materialized (
        select * from access_event
        where transaction_id >= feed.horizon and transaction_id < window_end and cluster_number = feed.cluster_number
    ),
    stands as materialized (
        select new_event.*, station.organization_id
        from new_event
        join station on station.station_id = new_event.station_id
        where new_event.open
            and not exists (
                select from access_annulment
                where access_annulment.station_id = new_event.station_id
                    and access_annulment.request_id = new_event.request_id
                    and (access_annulment.transaction_id < window_end or access_annulment.cluster_number < feed.cluster_number))
    ),
    passed as (
        insert into member_passage (member_id, occurred_at, station_id, request_id, access_point_id, direction, is_automatic)
        select member_id, occurred_at, station_id, request_id, access_point_id, direction, decided_by = 'nightly'
        from stands
        where member_id is not null
    ),
    -- Nobody is told what nobody asked for.
    told as (
        insert into outbox_event (type, subject, organization_id, data, occurred_at)
        select
            happening.type, coalesce('member:' || stands.member_id, 'station:' || stands.station_id), stands.organization_id,
            json_strip_nulls(json_build_object(
                'stationId', stands.station_id, 'accessPointId', stands.access_point_id, 'memberId', stands.member_id,
                'requestId', stands.request_id, 'decidedBy', stands.decided_by, 'dwellSeconds', stands.dwell_seconds,
                'occurredAt', to_char(stands.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))::text,
            stands.occurred_at
        from stands
        cross join lateral (
            select case direction when 'in' then 'station.entered' else 'station.exited' end as type
        ) happening
        where exists (
            select from webhook_endpoint
            where webhook_endpoint.deleted_at is null
                and webhook_endpoint.state <> 'disabled'
                and (cardinality(webhook_endpoint.event_types) = 0 or happening.type = any (webhook_endpoint.event_types))
                and (webhook_endpoint.organization_id is null
                    or exists (
                        select from organization_ancestor
                        where organization_ancestor.organization_id = stands.organization_id
                            and organization_ancestor.ancestor_id = webhook_endpoint.organization_id)))
        order by stands.occurred_at, stands.recorded_at, stands.batch_position
    ),
    taken_back as (
        delete from member_passage
        using access_annulment
        join access_event
            on access_event.station_id = access_annulment.station_id
            and access_event.request_id = access_annulment.request_id
        where access_annulment.transaction_id >= feed.horizon
            and access_annulment.transaction_id < window_end
            and access_annulment.cluster_number = feed.cluster_number
            and member_passage.member_id = access_event.member_id
            and member_passage.occurred_at = access_event.occurred_at
            and member_passage.station_id = access_event.station_id
            and member_passage.request_id = access_event.request_id
    ),
    refused as (
        insert into access_point_refusal as refusal (access_point_id, station_id, minute, refused)
        select access_point_id, min(station_id), date_trunc('minute', occurred_at) as minute, count(*)
        from new_event
        where not open and occurred_at > asked_at - interval '1 hour' and occurred_at < asked_at + interval '1 hour'
        group by access_point_id, minute
        order by access_point_id, minute
        on conflict (access_point_id, minute) do update set refused = refusal.refused + excluded.refused
    ),
    -- What is uploaded late is nothing of the last hour.
    of_minute as (
        insert into station_minute as counted (station_id, minute, entered, refused)
        select station_id, date_trunc('minute', occurred_at) as minute, sum(entered), sum(refused)
        from (
            select station_id, occurred_at, recorded_at, 1 as entered, 0 as refused from stands where direction = 'in'
            union all
            select station_id, occurred_at, recorded_at, 0, 1 from new_event where not open
            union all
            select access_event.station_id, access_event.occurred_at, access_event.recorded_at, -1, 0
            from access_annulment
            join access_event
                on access_event.station_id = access_annulment.station_id
                and access_event.request_id = access_annulment.request_id
            where access_annulment.transaction_id >= feed.horizon
                and access_annulment.transaction_id < window_end
                and access_annulment.cluster_number = feed.cluster_number
                and access_event.open
                and access_event.direction = 'in'
                -- One of this window was not counted.
                and (access_event.transaction_id < feed.horizon or access_event.cluster_number < feed.cluster_number)
        ) happened
        where occurred_at > recorded_at - interval '1 hour' and occurred_at < recorded_at + interval '5 minutes'
        group by station_id, minute
        order by station_id, minute
        on conflict (station_id, minute) do update set
            entered = counted.entered + excluded.entered, refused = counted.refused + excluded.refused
    ),
    entered_last as (
        insert into station_last_entry as known (station_id, entered_at)
        select station_id, max(occurred_at) from stands where direction = 'in' group by station_id order by station_id
        on conflict (station_id) do update set entered_at = greatest(known.entered_at, excluded.entered_at)
    )
    select count(*) into fed from new_event;

    if window_end >= feed.next_horizon then
        feed.as_of := greatest(feed.as_of, feed.next_as_of);
        feed.next_horizon := pg_snapshot_xmax(snapshot);
        feed.next_as_of := asked_at;
        -- Nothing is under way: what we have is all there is.
        if window_end >= feed.next_horizon then feed.as_of := asked_at; end if;
    end if;
    update access_feed
    set horizon = window_end,
        next_horizon = feed.next_horizon,
        next_as_of = feed.next_as_of,
        as_of = feed.as_of,
        fed_at = asked_at,
        system_identifier = coalesce(
            feed.system_identifier, (select cluster.system_identifier from pg_control_system() cluster));
    has_more := window_end < settled;
    return next;
end
$$;
