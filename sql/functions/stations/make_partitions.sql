-- stations_make_partitions: access_event's partitions of this month and the given number of months ahead.
--
-- Decides    nothing; makes what is missing, so that it may run at every start and by several servers at once.
-- Locks      the default partition exclusively while a partition is made, because rows that came too early (a
--            device's clock months ahead) are moved out of it: the only moment at which scans wait.
-- Returns    how many partitions it made. Bounds are the smallest UUIDv7 of a month's first millisecond, UTC.
create or replace function stations_make_partitions(months_ahead integer)
returns integer
language plpgsql
as $$
declare
    month timestamp;
    partition_name text;
    lower_bound uuid;
    upper_bound uuid;
    made integer := 0;
begin
    for step in 0 .. months_ahead loop
        month := date_trunc('month', clock_timestamp() at time zone 'UTC') + step * interval '1 month';
        partition_name := 'access_event_' || to_char(month, 'YYYY_MM');
        continue when to_regclass(partition_name) is not null;
        lock table access_event_default in access exclusive mode;
        continue when to_regclass(partition_name) is not null;
        lower_bound := (lpad(to_hex((extract(epoch from month at time zone 'UTC') * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;
        upper_bound := (lpad(to_hex((extract(epoch from (month + interval '1 month') at time zone 'UTC') * 1000)::bigint), 12, '0')
            || repeat('0', 20))::uuid;
        execute format('create table %I (like access_event including defaults including constraints)', partition_name);
        execute format(
            'with early as (delete from access_event_default where request_id >= %L and request_id < %L returning *)
            insert into %I select * from early',
            lower_bound, upper_bound, partition_name);
        execute format(
            'alter table access_event attach partition %I for values from (%L) to (%L)', partition_name, lower_bound, upper_bound);
        made := made + 1;
    end loop;
    return made;
end
$$;

-- A database is never without the partitions of the coming months, whoever runs it.
do $$ begin perform stations_make_partitions(3); end $$;
