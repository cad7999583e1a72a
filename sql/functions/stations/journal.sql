-- stations_journal: takes up what a controller decided while it was alone.
--
-- Decides    nothing about doors: that was done. Every decision is recorded once, with its true time, whatever is uploaded again, in
--            whatever order and in whatever pieces. What a controller did is a fact; whose code it was is believed only of an authentic
--            one (code_reasons are the server's own findings): a forged code with which the controller says it opened is recorded as
--            refused, with controller_open beside it, and counts nobody.
-- Lost reply The server may have decided the same request, and its answer may not have arrived in time: then the controller decided alone
--            under the same request id, and what the controller did holds. Four cases, the same whatever comes first:
--            both opened, or both stayed shut: the event stands as it is                                               repeated
--            refused here, opened there: the event becomes an open one, its reasons become soft_reasons                opened
--            opened here, shut there: an access_annulment with reason reply_lost takes it back                         annulled
--            the journal arrives before the request itself: recorded from the journal; stations_admit then finds the request id taken
--            and writes nothing                                                                                        recorded
-- Presence   follows the true times: an event earlier than the member's last act at the station is recorded and counts nobody, and so is
--            one in a batch that lies behind a later one of the same batch in time, for they are taken in the order of their times.
--            The newest code accepted there rises in any case, so no code used alone is accepted again.
-- Locks      access_presence in order of (station_id, member_id), as stations_admit does; then access_event by (station_id, request_id),
--            then station_occupancy in the lane of this backend. Requests are looked up after the locks: the same request in
--            stations_admit waits for the same presence, so it is found here or finds what is written here.
-- Plan       pinned to keys: whatever is looked up has a key, in a lateral part that stays one (offset 0). Left to itself, with the
--            statistics of tables that have just grown from nothing, PostgreSQL went through all entries for each presence of the station.
-- Returns    one row per entry, in their order: recorded, repeated, opened, annulled; refused with a reason; or foreign for all of them
--            when the device is revoked or does not serve the access point, and then nothing was written.
-- Raises     serialization_failure when a request without a member was decided at the same moment: nothing was written, to be repeated.
create or replace function stations_journal(
    given_device bigint,
    given_access_point bigint,
    request_ids uuid[],
    directions text[],
    occurred_ats timestamptz[],
    member_ids bigint[],
    code_sequences bigint[],
    code_reasons text[],
    fingerprints bytea[],
    credential_kinds text[],
    credential_ids bigint[],
    opens boolean[],
    given_reasons text[],
    relays integer[],
    clock_offset_us bigint)
returns table (ordinality integer, outcome text, reason text)
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
    given_station bigint;
    instant timestamptz;
    outcomes text[];
    refusals text[];
    expected bigint;
    written bigint;
    entry record;
    said_member_ids bigint[] := member_ids;
begin
    select access_point.station_id into given_station
    from device_access_point
    join device on device.device_id = device_access_point.device_id and device.revoked_at is null
    join access_point on access_point.access_point_id = device_access_point.access_point_id
    where device_access_point.device_id = given_device and device_access_point.access_point_id = given_access_point;
    if not found then
        return query select n::integer, 'foreign', null::text from generate_subscripts(request_ids, 1) n order by n;
        return;
    end if;

    -- Who was merged into another is that one: a code or card in hand goes on opening doors.
    if exists (select from member_merge where member_merge.merged_member_id = any (member_ids)) then
        select array_agg(coalesce(member.merged_into, request.member_id) order by request.ordinality)
        into member_ids
        from unnest(member_ids) with ordinality as request (member_id, ordinality)
        left join member on member.member_id = request.member_id;
    end if;

    insert into access_presence (station_id, member_id)
    select distinct given_station, member_id
    from unnest(member_ids) as request (member_id)
    left join lateral (
        select true as is_known
        from access_presence
        where access_presence.station_id = given_station and access_presence.member_id = request.member_id
        offset 0
    ) presence on true
    where member_id is not null and presence.is_known is null
    order by member_id
    on conflict do nothing;

    perform 1
    from access_presence
    where access_presence.station_id = given_station and access_presence.member_id = any (member_ids || said_member_ids)
    order by access_presence.station_id, access_presence.member_id
    for no key update;

    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    select
        array_agg(
            case
                when refusal is not null then 'refused'
                when place > 1 then 'repeated'
                when access_event.request_id is null then 'recorded'
                when access_event.device_id is distinct from given_device
                    or access_event.access_point_id <> given_access_point
                    or access_event.direction <> given.direction
                    or access_event.member_id <> given.member_id and access_event.member_id <> given.said_member_id
                    or access_event.code_sequence <> given.code_sequence
                    then 'refused'
                when access_event.decided_by <> 'server' or access_event.open = given.opens then 'repeated'
                when given.opens and given.code_reason is not null then 'repeated'
                when given.opens then 'opened'
                when access_event.member_id is null
                    or exists (
                        select from access_annulment
                        where access_annulment.station_id = given_station and access_annulment.request_id = given.request_id)
                    then 'repeated'
                else 'annulled'
            end
            order by given.ordinality),
        array_agg(
            case
                when refusal is not null then refusal
                when place = 1
                    and (access_event.device_id <> given_device
                        or access_event.request_id is not null and access_event.device_id is null
                        or access_event.access_point_id <> given_access_point
                        or access_event.direction <> given.direction
                        or access_event.member_id <> given.member_id and access_event.member_id <> given.said_member_id
                        or access_event.code_sequence <> given.code_sequence)
                    then 'access.request_id_reused'
            end
            order by given.ordinality),
        count(*) filter (where refusal is null and place = 1 and access_event.request_id is null)
    into outcomes, refusals, expected
    from (
        select
            *,
            case
                when occurred_at > instant + interval '5 minutes' then 'access.journal_in_future'
                when occurred_at < instant - interval '90 days' then 'access.journal_too_old'
            end as refusal,
            row_number() over (partition by request_id order by ordinality) as place
        from unnest(request_ids, directions, occurred_ats, member_ids, said_member_ids, code_sequences, code_reasons, opens)
            with ordinality as entry (
                request_id, direction, occurred_at, member_id, said_member_id, code_sequence, code_reason, opens, ordinality)
    ) given
    left join lateral (
        select access_event.*
        from access_event
        where access_event.station_id = given_station and access_event.request_id = given.request_id
        offset 0
    ) access_event on true;

    with fresh as (
        select
            given.*,
            string_to_array(nullif(given.reasons, ''), ' ') as said,
            given.opens and (given.code_reason is null or unlocked.was_ever) as open
        from unnest(
            request_ids, directions, occurred_ats, member_ids, code_sequences, code_reasons, fingerprints, credential_kinds,
            credential_ids, opens, given_reasons, relays, outcomes)
            with ordinality as given (
                request_id, direction, occurred_at, member_id, code_sequence, code_reason, fingerprint, credential_kind,
                credential_id, opens, reasons, relay_milliseconds, outcome, ordinality)
        cross join lateral (
            -- An unlocked door opens for everybody; its controller may hear of the end of it much later.
            select given.code_reason is not null and exists (
                select from station_state_change
                where station_state_change.station_id = given_station
                    and station_state_change.door_state = 'unlocked'
                    and station_state_change.changed_at <= given.occurred_at + interval '1 minute') as was_ever
        ) unlocked
        where given.outcome = 'recorded'
    ),
    -- Whose act moves somebody: those later than the member's last one, in the order of their times. A window, no join of the batch with
    -- itself: the function's plan knows nested loops only, and 5,000 times 5,000 rows took seconds.
    known as (
        select
            fresh.*, access_presence.is_inside, access_presence.entered_at, access_presence.exited_at,
            access_presence.member_id is not null
                and fresh.open
                and fresh.occurred_at > coalesce(greatest(access_presence.entered_at, access_presence.exited_at), '-infinity') as moves,
            access_presence.code_sequences[
                array_position(access_presence.code_access_point_ids, given_access_point)] as last_code_sequence
        from fresh
        left join lateral (
            select access_presence.*
            from access_presence
            where access_presence.station_id = given_station and access_presence.member_id = fresh.member_id
            offset 0
        ) access_presence on true
    ),
    act as (
        select
            known.*,
            coalesce(lag(known.direction) over taken = 'in', known.is_inside) as was_inside,
            coalesce(lag(known.occurred_at) over taken, known.entered_at) as entered_before
        from known
        window taken as (partition by known.member_id, known.moves order by known.occurred_at, known.ordinality)
    ),
    weighed as (
        select
            act.*,
            case
                when act.moves and act.direction = 'in' and not act.was_inside then 1
                when act.moves and act.direction = 'out' and act.was_inside then -1
                else 0
            end as inside_change,
            coalesce(act.moves and act.code_sequence <= act.last_code_sequence, false) as is_replay
        from act
    ),
    recorded as (
        insert into access_event (
            station_id, access_point_id, device_id, member_id, code_sequence, occurred_at, recorded_at, request_id,
            relay_milliseconds, people_inside, inside_change, batch_position, open, direction, fingerprint, reasons,
            credential_kind, credential_id, decided_by, dwell_seconds, soft_reasons, controller_open, worker_kind,
            member_organization_id)
        select
            given_station, given_access_point, given_device, weighed.member_id, code_sequence, occurred_at, instant, request_id,
            case when open then relay_milliseconds else 0 end,
            (select coalesce(sum(people), 0) from station_occupancy where station_occupancy.station_id = given_station)
                + sum(inside_change) over (order by ordinality),
            inside_change, ordinality, open, direction, fingerprint,
            case when open then '{}' when opens then array[code_reason] else said end,
            credential_kind, credential_id, 'controller',
            case when inside_change = -1 then greatest(0, date_part('epoch', occurred_at - entered_before)) end,
            case when open then array_remove(array[code_reason, case when is_replay then 'door.code_replayed' end], null) else '{}' end,
            opens, member.worker_kind, member.organization_id
        from weighed
        left join lateral (
            select member.worker_kind, member.organization_id
            from member
            where member.member_id = weighed.member_id
            offset 0
        ) member on true
        order by request_id
        on conflict do nothing
        returning *
    ),
    present as (
        update access_presence
        set is_inside = coalesce(moved.direction = 'in', access_presence.is_inside),
            entered_at = greatest(access_presence.entered_at, moved.entered_at),
            exited_at = greatest(access_presence.exited_at, moved.exited_at),
            code_access_point_ids[moved.place] = given_access_point,
            code_sequences[moved.place] = greatest(access_presence.code_sequences[moved.place], moved.code_sequence)
        from (
            select
                before.stands_at,
                (array_agg(recorded.direction order by recorded.occurred_at desc, recorded.batch_position desc)
                    filter (where is_later))[1] as direction,
                max(recorded.occurred_at) filter (where is_later and recorded.direction = 'in') as entered_at,
                max(recorded.occurred_at) filter (where is_later and recorded.direction = 'out') as exited_at,
                max(recorded.code_sequence) as code_sequence,
                coalesce(
                    array_position(before.code_access_point_ids, given_access_point),
                    cardinality(before.code_access_point_ids) + 1) as place
            from recorded
            cross join lateral (
                select access_presence.*, access_presence.ctid as stands_at
                from access_presence
                where access_presence.station_id = given_station and access_presence.member_id = recorded.member_id
                offset 0
            ) before
            cross join lateral (
                select recorded.occurred_at > coalesce(greatest(before.entered_at, before.exited_at), '-infinity') as is_later
            ) time
            where recorded.open
            group by before.stands_at, before.code_access_point_ids
        ) moved
        where access_presence.ctid = moved.stands_at
    ),
    counted as (
        insert into station_occupancy as occupancy (station_id, lane, people)
        select given_station, pg_backend_pid() & 7, sum(inside_change)
        from recorded
        having sum(inside_change) <> 0
        on conflict (station_id, lane) do update set people = occupancy.people + excluded.people
    )
    select count(*) into written from recorded;
    if written <> expected then
        raise exception 'a request was decided at the same moment' using errcode = 'serialization_failure';
    end if;

    for entry in
        select given.*
        from unnest(request_ids, occurred_ats, opens, relays, outcomes)
            with ordinality as given (request_id, occurred_at, opens, relay_milliseconds, outcome, ordinality)
        where given.outcome in ('opened', 'annulled')
        order by given.occurred_at, given.ordinality
    loop
        if entry.outcome = 'opened' then
            perform stations_journal_open(given_station, entry.request_id, entry.occurred_at, entry.relay_milliseconds);
        else
            perform stations_journal_annul(given_station, given_device, entry.request_id, instant);
        end if;
    end loop;

    return query
    select given.ordinality::integer, given.outcome, given.refusal
    from unnest(outcomes, refusals) with ordinality as given (outcome, refusal, ordinality)
    order by given.ordinality;
end
$$;
