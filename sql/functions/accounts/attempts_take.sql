-- accounts_attempts_take: one attempt, counted against several limits at once.
--
-- Decides    whether each limit has room: fewer than counts[i] attempts within the last window_seconds[i]. All or none are counted.
-- Locks      the limits' rows in the order of their keys, until the transaction ends: so attempts at one moment are counted one by one.
-- Returns    0 when counted, else the seconds until all have room.
create or replace function accounts_attempts_take(
    kinds text[], subjects bytea[], counts integer[], window_seconds integer[], clock_offset_us bigint
)
returns integer
language plpgsql
as $$
declare
    moment timestamptz;
    wait interval;
begin
    insert into attempt_limit (kind, subject)
    select asked.kind, asked.subject
    from unnest(kinds, subjects) as asked (kind, subject)
    order by asked.kind, asked.subject
    on conflict on constraint attempt_limit_pkey do nothing;

    perform 1
    from attempt_limit
    join unnest(kinds, subjects) as asked (kind, subject) using (kind, subject)
    order by attempt_limit.kind, attempt_limit.subject
    for update of attempt_limit;

    moment := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    select max(recent.moments[cardinality(recent.moments) - asked.allowed + 1] + asked.seconds * interval '1 second' - moment)
    into wait
    from unnest(kinds, subjects, counts, window_seconds) as asked (kind, subject, allowed, seconds)
    join attempt_limit using (kind, subject)
    cross join lateral (
        select array_agg(taken order by taken) as moments
        from unnest(attempt_limit.taken_at) as taken
        where taken > moment - asked.seconds * interval '1 second'
    ) recent
    where cardinality(recent.moments) >= asked.allowed;

    if wait is not null then
        return greatest(1, ceil(extract(epoch from wait)))::integer;
    end if;

    update attempt_limit
    set
        taken_at = array(
            select taken from unnest(attempt_limit.taken_at) as taken
            where taken > moment - asked.seconds * interval '1 second'
            order by taken
        ) || moment,
        forgotten_at = moment + asked.seconds * interval '1 second'
    from unnest(kinds, subjects, window_seconds) as asked (kind, subject, seconds)
    where attempt_limit.kind = asked.kind and attempt_limit.subject = asked.subject;
    return 0;
end
$$;
