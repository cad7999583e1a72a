-- stations_rebuild_figures: makes figures and passages anew, from the events that are there and what was kept of those dropped.
--
-- Locks      the one row of access_feed, so that the feed waits. Readers see the old figures until the new ones are committed.
-- Restored   what was not counted in the cluster that a dump was made on is left to the feed, which has receivers to tell of it.
-- Returns    how many events were counted.
create or replace function stations_rebuild_figures()
returns integer
language plpgsql
set jit = off
as $$
declare
    feed access_feed;
    snapshot pg_snapshot;
    asked_at timestamptz;
    window_end xid8;
    counted integer;
begin
    select * into feed from access_feed for update;
    if stations_feed_is_elsewhere(feed) then
        feed := stations_feed_adopt(feed);
    end if;
    asked_at := clock_timestamp();
    snapshot := pg_current_snapshot();
    window_end := greatest(feed.horizon, registry_settled_before(snapshot));

    delete from station_visit_figure;
    insert into station_visit_figure
    select
        station_id, dimension, span, starts_on, key, sum(entries), sum(exits), sum(automatic_exits), sum(refused), sum(dwells),
        sum(dwell_seconds), sum(dwells_to_5), sum(dwells_to_10), sum(dwells_to_20), sum(dwells_to_30), sum(dwells_to_45),
        sum(dwells_to_60), sum(dwells_to_90), sum(dwells_to_120), sum(dwells_to_240), sum(dwells_to_480), sum(dwells_beyond)
    from (
        select * from stations_count_events('0', window_end, feed.cluster_number, true)
        union all
        select
            station_id, dimension, span, starts_on, key, entries, exits, automatic_exits, refused, dwells, dwell_seconds, dwells_to_5,
            dwells_to_10, dwells_to_20, dwells_to_30, dwells_to_45, dwells_to_60, dwells_to_90, dwells_to_120, dwells_to_240,
            dwells_to_480, dwells_beyond
        from station_visit_figure_kept
        where month in (select month from access_event_export where dropped_at is not null)
    ) figure
    group by station_id, dimension, span, starts_on, key
    order by station_id, dimension, span, starts_on, key;

    delete from member_passage;
    insert into member_passage (member_id, occurred_at, station_id, request_id, access_point_id, direction, is_automatic)
    select member_id, occurred_at, station_id, request_id, access_point_id, direction, decided_by = 'nightly'
    from access_event
    where open
        and member_id is not null
        and (transaction_id < window_end or cluster_number < feed.cluster_number)
        and not exists (
            select from access_annulment
            where access_annulment.station_id = access_event.station_id
                and access_annulment.request_id = access_event.request_id
                and (access_annulment.transaction_id < window_end or access_annulment.cluster_number < feed.cluster_number));

    select count(*) into counted
    from access_event
    where transaction_id < window_end or cluster_number < feed.cluster_number;
    update access_feed
    set horizon = window_end,
        next_horizon = pg_snapshot_xmax(snapshot),
        next_as_of = asked_at,
        as_of = case when window_end >= pg_snapshot_xmax(snapshot) then asked_at else 'epoch' end;
    return counted;
end
$$;
