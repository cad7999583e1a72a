-- stations_keep_figures: keeps what the events of a month add to the figures, for the time when they are gone.
--
-- Decides    only events that the feed has counted can be kept so; false while it has not come so far, and nothing is kept. Nor before the
--            feed has taken over a dump of another cluster.
-- Locks      the row of access_feed, so that no rebuild runs beside it.
create or replace function stations_keep_figures(kept_month date)
returns boolean
language plpgsql
set jit = off
as $$
#variable_conflict use_variable
declare
    first_request uuid := stations_first_request_of(kept_month);
    end_request uuid := stations_first_request_of((kept_month + interval '1 month')::date);
    feed access_feed;
begin
    select * into feed from access_feed for update;
    if stations_feed_is_elsewhere(feed)
        or exists (
            select from access_event
            where request_id >= first_request and request_id < end_request
                and transaction_id >= feed.horizon and cluster_number = feed.cluster_number)
        or exists (
            select from access_annulment
            where request_id >= first_request and request_id < end_request
                and transaction_id >= feed.horizon and cluster_number = feed.cluster_number)
    then
        return false;
    end if;
    delete from station_visit_figure_kept where month = kept_month;
    insert into station_visit_figure_kept
    select kept_month, * from stations_count_events('0', feed.horizon, feed.cluster_number, true, first_request, end_request);
    return true;
end
$$;

-- stations_drop_partition: drops a month's events once they stand in a file.
--
-- Decides    whether the partition still is what was verified: nothing of a later transaction is in it. Otherwise it must be exported
--            again, and false is returned.
-- Locks      the whole of access_event, alone, for the moment of detaching: scans wait. It gives up after 200 ms of waiting for the
--            lock (lock_not_available), for behind it every scan waits too.
-- Crash      all of it is one transaction: the partition is there with its events, or gone with its figures kept.
create or replace function stations_drop_partition(dropped_month date, clock_offset_us bigint)
returns boolean
language plpgsql
set lock_timeout = '200ms'
as $$
declare
    partition_name text := 'access_event_' || to_char(dropped_month, 'YYYY_MM');
    is_changed boolean;
    export access_event_export;
    feed access_feed;
begin
    select * into feed from access_feed;
    select * into export from access_event_export where month = dropped_month for update;
    if export.dropped_at is not null or to_regclass(partition_name) is null then
        return true;
    end if;
    if export.verified_before is null or stations_feed_is_elsewhere(feed) then
        return false;
    end if;
    lock table access_event in access exclusive mode;
    execute format('select exists (select from %I where transaction_id >= $1 and cluster_number = $2)', partition_name)
    into is_changed
    using export.verified_before, feed.cluster_number;
    if is_changed then
        update access_event_export set verified_before = null where month = dropped_month;
        return false;
    end if;
    execute format('alter table access_event detach partition %I', partition_name);
    execute format('drop table %I', partition_name);
    delete from access_annulment
    where request_id >= stations_first_request_of(dropped_month)
        and request_id < stations_first_request_of((dropped_month + interval '1 month')::date);
    update access_event_export
    set dropped_at = clock_timestamp() + clock_offset_us * interval '1 microsecond'
    where month = dropped_month;
    return true;
end
$$;

-- stations_first_request_of: the smallest UUIDv7 of a month's first millisecond, UTC, where its partition begins.
create or replace function stations_first_request_of(first_day date)
returns uuid
language sql
immutable
as $$
    select (lpad(to_hex((extract(epoch from first_day) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;
