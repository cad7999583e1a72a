-- stations_admit: may these scans open their doors?
--
-- Decides    every scan of a batch: by the member's status, the access point's policy, the member's presence at the station and the
--            newest code accepted there. Whether a code is authentic and within its time was decided before (code_reasons; member_ids
--            is null when the code is not authentic). An entry is refused for every condition that fails; an exit only for its code:
--            nobody is kept inside.
-- Writes     one access_event per request, accepted or refused; access_presence and station_occupancy of those accepted.
-- Locks      access_presence in order of (station_id, member_id): first the missing rows are inserted in that order, then all are
--            locked in it; a transaction in the second step waits for no row that another has inserted, so the two steps form no cycle.
--            Then the events by (station_id, request_id), then station_occupancy by station_id in the lane of this backend.
-- Rounds     Scans of one member in one batch are decided one after another, in their order; the first ones of all members together.
-- Repeats    The insert of the event is the arbiter: where (station_id, request_id) is taken, nothing is written and the first answer
--            is read. Probing beforehand would open every partition in every batch.
-- Returns    one row per request, to be matched by ordinality, in no order:
--            decided   decided now
--            repeated  the same request was decided before; its answer
--            conflict  the request id was used for another scan; no answer, nothing written
--            foreign   the device does not serve that access point, or there is none; nothing written
-- Plan       pinned to keys by the settings below, for it is made while tables are empty and kept while they grow: without them
--            PostgreSQL materialized a then tiny index whole, and 100,000 presences later a scan took 800 us instead of 30.
-- Clock      this database's clock plus clock_offset_us, read after the locks.
create or replace function stations_admit(
    request_ids uuid[],
    device_ids bigint[],
    access_point_ids bigint[],
    directions text[],
    member_ids bigint[],
    code_sequences bigint[],
    code_reasons text[],
    occurred_ats timestamptz[],
    fingerprints bytea[],
    clock_offset_us bigint)
returns table (
    ordinality integer,
    outcome text,
    open boolean,
    relay_milliseconds integer,
    reasons text[],
    people_inside integer,
    decided_at timestamptz)
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
    rounds bigint[];
    last_round bigint;
    answered bigint := 0;
    returned bigint;
    instant timestamptz;
begin
    select
        array_agg(access_point.station_id order by request.ordinality),
        array_agg(request.round order by request.ordinality),
        max(request.round)
    into station_ids, rounds, last_round
    from (
        select
            ordinality, device_id, access_point_id,
            case when member_id is null then 1 else row_number() over (partition by member_id order by ordinality) end as round
        from unnest(device_ids, access_point_ids, member_ids) with ordinality as request (device_id, access_point_id, member_id, ordinality)
    ) request
    left join device_access_point
        on device_access_point.device_id = request.device_id
        and device_access_point.access_point_id = request.access_point_id
    left join access_point on access_point.access_point_id = device_access_point.access_point_id;

    insert into access_presence (station_id, member_id)
    select request.station_id, request.member_id
    from unnest(station_ids, member_ids) as request (station_id, member_id)
    where request.station_id is not null
        and request.member_id is not null
        and not exists (
            select from access_presence
            where access_presence.station_id = request.station_id and access_presence.member_id = request.member_id)
    order by request.station_id, request.member_id
    on conflict do nothing;

    perform 1
    from unnest(station_ids, member_ids) as request (station_id, member_id)
    join access_presence
        on access_presence.station_id = request.station_id
        and access_presence.member_id = request.member_id
    order by access_presence.station_id, access_presence.member_id
    for no key update of access_presence;

    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    for this_round in 1 .. coalesce(last_round, 0) loop
        return query
        with judged as (
            select
                request.*,
                access_point.relay_milliseconds,
                coalesce(access_presence.is_inside, false) as was_inside,
                row_number() over (partition by request.station_id order by request.ordinality) = 1 as is_first_of_station,
                array_remove(
                    case when request.direction = 'out' then array[
                        refusal_of_code.reason,
                        case when request.code_sequence <= last_code.code_sequence then 'door.code_replayed' end]
                    else array[
                        refusal_of_code.reason,
                        case when request.code_sequence <= last_code.code_sequence then 'door.code_replayed' end,
                        case when request.member_id is not null and member.member_id is null then 'door.member_unknown' end,
                        case when member.status <> 'active' then 'door.member_not_active' end,
                        case when not access_point.is_open then 'door.access_point_closed' end,
                        case when access_point.directions = 'out' then 'door.direction_not_served' end,
                        case when not (case
                            when access_point.opens_at is null then true
                            when access_point.opens_at < access_point.closes_at
                                then local.minute >= access_point.opens_at and local.minute < access_point.closes_at
                            else local.minute >= access_point.opens_at or local.minute < access_point.closes_at
                        end) then 'door.outside_hours' end,
                        case when access_presence.is_inside
                            and access_presence.entered_at + access_point.reentry_minutes * interval '1 minute' > instant
                            then 'door.reentry_too_soon' end,
                        case when request.occurred_at > instant + interval '5 seconds' then 'door.occurred_in_future' end,
                        case when request.occurred_at < instant - interval '72 hours' then 'door.occurred_too_long_ago' end]
                    end,
                    null) as reasons
            from unnest(
                request_ids, device_ids, access_point_ids, station_ids, directions, member_ids,
                code_sequences, code_reasons, occurred_ats, fingerprints, rounds)
                with ordinality as request (
                    request_id, device_id, access_point_id, station_id, direction, member_id,
                    code_sequence, code_reason, occurred_at, fingerprint, round, ordinality)
            join access_point on access_point.access_point_id = request.access_point_id
            join station on station.station_id = access_point.station_id
            left join access_presence
                on access_presence.station_id = request.station_id
                and access_presence.member_id = request.member_id
            left join member on member.member_id = request.member_id
            cross join lateral (
                -- No code without a member opens anything, whatever the caller says of it.
                select coalesce(request.code_reason, case when request.member_id is null then 'door.code_forged' end) as reason
            ) refusal_of_code
            cross join lateral (
                select access_presence.code_sequences[
                    array_position(access_presence.code_access_point_ids, request.access_point_id)] as code_sequence
            ) last_code
            cross join lateral (
                select extract(hour from instant at time zone station.time_zone) * 60
                    + extract(minute from instant at time zone station.time_zone) as minute
            ) local
            where request.round = this_round and request.station_id is not null
        ),
        decided as (
            select
                judged.*,
                cardinality(reasons) = 0 as open,
                case
                    when cardinality(reasons) > 0 then 0
                    when direction = 'in' and not was_inside then 1
                    when direction = 'out' and was_inside then -1
                    else 0
                end as inside_change
            from judged
        ),
        recorded as (
            insert into access_event (
                station_id, access_point_id, device_id, member_id, code_sequence, occurred_at, recorded_at, request_id,
                relay_milliseconds, people_inside, inside_change, batch_position, open, direction, fingerprint, reasons)
            select
                station_id, access_point_id, device_id, member_id, code_sequence, occurred_at, instant, request_id,
                case when open then relay_milliseconds else 0 end,
                sum(inside_change + case when is_first_of_station then
                    (select coalesce(sum(people), 0) from station_occupancy where station_occupancy.station_id = decided.station_id)
                    else 0 end) over (partition by station_id order by ordinality),
                inside_change, ordinality, open, direction, fingerprint, reasons
            from decided
            order by station_id, request_id, ordinality
            on conflict do nothing
            returning *
        ),
        present as (
            update access_presence
            set is_inside = recorded.direction = 'in',
                entered_at = case when recorded.direction = 'in' then instant else access_presence.entered_at end,
                exited_at = case when recorded.direction = 'out' then instant else access_presence.exited_at end,
                code_access_point_ids[coalesce(
                    array_position(access_presence.code_access_point_ids, recorded.access_point_id),
                    cardinality(access_presence.code_access_point_ids) + 1)] = recorded.access_point_id,
                code_sequences[coalesce(
                    array_position(access_presence.code_access_point_ids, recorded.access_point_id),
                    cardinality(access_presence.code_access_point_ids) + 1)] = recorded.code_sequence
            from recorded
            where recorded.open
                and access_presence.station_id = recorded.station_id
                and access_presence.member_id = recorded.member_id
        ),
        counted as (
            insert into station_occupancy as occupancy (station_id, lane, people)
            select station_id, pg_backend_pid() & 7, sum(inside_change)
            from recorded
            group by station_id
            having sum(inside_change) <> 0
            order by station_id
            on conflict (station_id, lane) do update set people = occupancy.people + excluded.people
        )
        select
            recorded.batch_position::integer, 'decided', recorded.open, recorded.relay_milliseconds, recorded.reasons,
            recorded.people_inside, recorded.recorded_at
        from recorded;
        get diagnostics returned = row_count;
        answered := answered + returned;
    end loop;

    if answered < cardinality(request_ids) then
        return query
        select
            request.ordinality::integer,
            case
                when request.station_id is null then 'foreign'
                when access_event.fingerprint = request.fingerprint then 'repeated'
                else 'conflict'
            end,
            access_event.open, access_event.relay_milliseconds, access_event.reasons, access_event.people_inside, access_event.recorded_at
        from unnest(request_ids, station_ids, fingerprints)
            with ordinality as request (request_id, station_id, fingerprint, ordinality)
        left join access_event
            on access_event.station_id = request.station_id
            and access_event.request_id = request.request_id
        where request.station_id is null
            or access_event.recorded_at <> instant
            or access_event.batch_position <> request.ordinality;
    end if;
end
$$;
