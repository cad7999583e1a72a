-- stations_feed_is_elsewhere: whether the feed counted last in another cluster, of which a dump was read into this one.
--
-- A database that knows no cluster yet is taken to be where it was, unless its horizon lies in the future. A cluster keeps its name and
-- its numbers in a copy of its files, and the events and the horizon in it are of one moment.
create or replace function stations_feed_is_elsewhere(feed access_feed)
returns boolean
language sql
as $$
    select coalesce(feed.system_identifier <> cluster.system_identifier, false)
        or feed.horizon > pg_snapshot_xmax(pg_current_snapshot())
    from pg_control_system() cluster
$$;

-- stations_feed_adopt: goes on after a dump was read into another cluster, where transactions are numbered anew.
--
-- Decides    what has not been counted yet: what the former cluster wrote from its horizon on, and what was recorded after its last run,
--            which is what this cluster wrote until now (it takes it that the clocks of the two go alike; `figures rebuild` does not ask
--            them). These become events of this transaction and cluster, for the next run. All others stay of the former cluster, and are
--            never counted again, whatever their numbers. Partitions verified by such a number must be verified again.
-- Locks      the row of access_feed is the caller's; all of access_event and access_annulment alone, because their default changes: once
--            after a restore, for as long as one reading of the events takes, doors wait or decide alone.
create or replace function stations_feed_adopt(feed access_feed)
returns access_feed
language plpgsql
set lock_timeout = '3s'
as $$
declare
    number smallint := feed.cluster_number + 1;
begin
    lock table access_event, access_annulment in access exclusive mode;
    update access_event
    set transaction_id = pg_current_xact_id(),
        cluster_number = number,
        -- Counted there, or never.
        refused_transaction_id = case when refused_transaction_id < feed.horizon then xid8 '0' end
    where transaction_id >= feed.horizon and cluster_number = feed.cluster_number or recorded_at > feed.fed_at;
    update access_annulment
    set transaction_id = pg_current_xact_id(), cluster_number = number
    where transaction_id >= feed.horizon and cluster_number = feed.cluster_number or annulled_at > feed.fed_at;
    execute format('alter table access_event alter column cluster_number set default %s', number);
    execute format('alter table access_annulment alter column cluster_number set default %s', number);
    update access_event_export set verified_before = null where dropped_at is null;
    update access_feed
    -- Whoever waits for the tables has a number already that is less than ours.
    set horizon = registry_settled_before(pg_current_snapshot()),
        next_horizon = pg_snapshot_xmax(pg_current_snapshot()),
        next_as_of = feed.as_of,
        cluster_number = number,
        system_identifier = (select cluster.system_identifier from pg_control_system() cluster)
    returning * into feed;
    return feed;
end
$$;
