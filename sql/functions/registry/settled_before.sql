-- registry_settled_before: the first transaction that may still write here, as a snapshot knows it.
--
-- What a reader that goes by transaction ids waits for: all before it have ended, or run in another database of the cluster, where a
-- dump being read or a long report would otherwise hold up seals, webhooks and figures here. A transaction of this database that has an
-- id may write until it ends, so it is waited for, however long (registry_oldest_writer says which).
--
-- Decides    nothing. A transaction is another database's when its lock on itself is held by a process that is connected there: process
--            numbers do not come again within the moment between the two views, as places in the table of processes may. One that is about
--            to end may not be known any more, so what is given may be less than what was given before.
-- snapshot   pg_current_snapshot() of the statement that reads: what commits later it does not see, and what is given here does not
--            allow for.
create or replace function registry_settled_before(snapshot pg_snapshot)
returns xid8
language plpgsql
stable
as $$
begin
    if pg_snapshot_xmin(snapshot) = pg_snapshot_xmax(snapshot) then
        return pg_snapshot_xmax(snapshot);
    end if;
    -- Locks are looked at only when there is something to find.
    if not exists (
        select from pg_stat_activity where datname <> current_database() and backend_xid is not null)
        and not exists (select from pg_prepared_xacts where database <> current_database())
    then
        return pg_snapshot_xmin(snapshot);
    end if;
    return (
        with elsewhere as materialized (
            select pg_locks.transactionid
            from pg_locks
            join pg_stat_activity on pg_stat_activity.pid = pg_locks.pid
            where pg_locks.locktype = 'transactionid'
                and pg_locks.mode = 'ExclusiveLock'
                and pg_locks.granted
                and pg_stat_activity.datname <> current_database()
            union all
            select transaction from pg_prepared_xacts where database <> current_database()
        )
        -- A snapshot does not name the caller's own.
        select coalesce(
            least(min(running::text::bigint)::text::xid8, pg_current_xact_id_if_assigned()), pg_snapshot_xmax(snapshot))
        from pg_snapshot_xip(snapshot) running
        where not exists (select from elsewhere where elsewhere.transactionid = running::xid));
end
$$;

-- registry_oldest_writer: the transaction of this database that has an id for the longest time, if any has.
--
-- Seals, webhooks and figures wait for it. process is null of a prepared one, seconds where its owner's times are not ours to see.
create or replace function registry_oldest_writer()
returns table (transaction_id bigint, process integer, seconds double precision)
language sql
as $$
    select writer.id::text::bigint, writer.process, greatest(0, extract(epoch from clock_timestamp() - writer.began_at))
    from (
        select backend_xid as id, pid as process, xact_start as began_at
        from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()
        union all
        select transaction, null, prepared
        from pg_prepared_xacts
        where database = current_database()
    ) writer
    where writer.id is not null
    order by age(writer.id) desc
    limit 1
$$;
