-- stations_try_day_codes: which day codes of a batch of scans are not looked at, because too many wrong ones were typed there.
--
-- Decides    Day codes that nobody was given are counted for an hour. After 5 of them at an access point or 10 at its station no day code
--            is looked at there on entry, and the answer is the same for all of them. Exits, and every other way in, go on. While the
--            station is unlocked nothing is counted, for nothing can be learned. A code with a wrong check digit comes with its refusal
--            and is no try: who mistypes locks nobody out, and who guesses knows the check digit. A request that was decided before,
--            or comes twice in the batch, is one try.
-- Writes     day_code_try, of which at most as many tries are kept as a station allows.
-- Locks      day_code_try in order of station_id: guesses at one moment are counted one by one. stations_admit calls it between its locks
--            on credentials and on presences, only for batches with a day code.
-- Returns    the places of those that are not looked at.
create or replace function stations_try_day_codes(
    request_ids uuid[],
    device_ids bigint[],
    access_point_ids bigint[],
    directions text[],
    code_reasons text[],
    credential_kinds text[],
    credential_ids bigint[],
    clock_offset_us bigint)
returns integer[]
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set enable_material = off
set enable_memoize = off
set jit = off
as $$
#variable_conflict use_column
declare
    station_ids bigint[];
    refused integer[] := '{}';
    instant timestamptz;
    one record;
    at_station bigint;
    at_access_point bigint;
begin
    select array_agg(case when station.door_state <> 'unlocked' then station.station_id end order by request.ordinality)
    into station_ids
    from unnest(device_ids, access_point_ids, credential_kinds)
        with ordinality as request (device_id, access_point_id, kind, ordinality)
    left join device_access_point
        on device_access_point.device_id = request.device_id
        and device_access_point.access_point_id = request.access_point_id
    left join access_point
        on request.kind = 'day_code'
        and access_point.access_point_id
            = case when request.device_id is null then request.access_point_id else device_access_point.access_point_id end
    left join station on station.station_id = access_point.station_id;

    insert into day_code_try (station_id)
    select distinct request.station_id
    from unnest(station_ids) as request (station_id)
    where request.station_id is not null
        and not exists (select from day_code_try where day_code_try.station_id = request.station_id)
    order by request.station_id
    on conflict do nothing;

    perform 1
    from day_code_try
    where day_code_try.station_id = any (station_ids)
    order by day_code_try.station_id
    for no key update;

    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    for one in
        select request.*
        from unnest(request_ids, access_point_ids, station_ids, directions, code_reasons, credential_ids)
            with ordinality as request (request_id, access_point_id, station_id, direction, code_reason, credential_id, ordinality)
        where request.station_id is not null and request.code_reason is null
        order by request.ordinality
    loop
        select
            count(*) filter (where try.tried_at > instant - interval '1 hour'),
            count(*) filter (where try.tried_at > instant - interval '1 hour' and try.access_point_id = one.access_point_id)
        into at_station, at_access_point
        from day_code_try
        cross join lateral unnest(day_code_try.access_point_ids, day_code_try.tried_at) as try (access_point_id, tried_at)
        where day_code_try.station_id = one.station_id;

        if at_station >= 10 or at_access_point >= 5 then
            if one.direction = 'in' then
                refused := refused || one.ordinality::integer;
            end if;
        elsif one.credential_id is null
            and not exists (
                select from access_event
                where access_event.station_id = one.station_id and access_event.request_id = one.request_id)
            and not exists (
                select from unnest(request_ids, station_ids) with ordinality as earlier (request_id, station_id, ordinality)
                where earlier.request_id = one.request_id
                    and earlier.station_id = one.station_id
                    and earlier.ordinality < one.ordinality)
        then
            update day_code_try
            set access_point_ids = recent.access_point_ids || one.access_point_id,
                tried_at = recent.tried_at || instant
            from (
                select
                    coalesce(array_agg(try.access_point_id order by try.tried_at), '{}') as access_point_ids,
                    coalesce(array_agg(try.tried_at order by try.tried_at), '{}') as tried_at
                from day_code_try kept
                cross join lateral unnest(kept.access_point_ids, kept.tried_at) as try (access_point_id, tried_at)
                where kept.station_id = one.station_id and try.tried_at > instant - interval '1 hour'
            ) recent
            where day_code_try.station_id = one.station_id;
        end if;
    end loop;
    return refused;
end
$$;
