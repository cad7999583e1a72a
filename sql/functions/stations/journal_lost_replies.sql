-- stations_journal_open: an event that was refused here becomes open, because the door was.
--
-- Decides    whether it still moves the member: only when it is later than the member's last act at the station.
-- Locks      nothing more: stations_journal holds the presence.
create or replace function stations_journal_open(
    given_station bigint, given_request uuid, happened_at timestamptz, relay integer)
returns void
language plpgsql
as $$
declare
    event record;
    presence record;
    moves boolean := false;
    change smallint := 0;
    place integer;
begin
    select * into strict event from access_event where station_id = given_station and request_id = given_request;
    select * into presence from access_presence where station_id = given_station and member_id = event.member_id;
    if found then
        moves := happened_at > coalesce(greatest(presence.entered_at, presence.exited_at), '-infinity');
        change := case
            when not moves then 0
            when event.direction = 'in' and not presence.is_inside then 1
            when event.direction = 'out' and presence.is_inside then -1
            else 0
        end;
        place := coalesce(
            array_position(presence.code_access_point_ids, event.access_point_id), cardinality(presence.code_access_point_ids) + 1);
        update access_presence
        set is_inside = case when moves then event.direction = 'in' else is_inside end,
            entered_at = case when moves and event.direction = 'in' then happened_at else entered_at end,
            exited_at = case when moves and event.direction = 'out' then happened_at else exited_at end,
            code_access_point_ids[place] = event.access_point_id,
            code_sequences[place] = greatest(code_sequences[place], event.code_sequence)
        where station_id = given_station and member_id = event.member_id;
    end if;
    update access_event
    set open = true,
        soft_reasons = event.reasons,
        reasons = '{}',
        relay_milliseconds = relay,
        inside_change = change,
        dwell_seconds = case when change = -1 then greatest(0, date_part('epoch', happened_at - presence.entered_at)) end,
        decided_by = 'controller',
        controller_open = true,
        occurred_at = happened_at,
        -- So that the feed, which may have counted the refusal, counts what it has become, and takes back what it was.
        transaction_id = pg_current_xact_id(),
        cluster_number = default,
        refused_transaction_id = case
            when cluster_number = (select feed.cluster_number from access_feed feed) then transaction_id else '0' end,
        refused_at = occurred_at
    where station_id = given_station and request_id = given_request;
    if change <> 0 then
        insert into station_occupancy as occupancy (station_id, lane, people)
        values (given_station, pg_backend_pid() & 7, change)
        on conflict (station_id, lane) do update set people = occupancy.people + excluded.people;
    end if;
end
$$;

-- stations_journal_annul: an event that was accepted here is taken back, because the door stayed shut.
--
-- Decides    whether it was the member's latest act at the station: then presence and occupancy become what they were before it.
-- Locks      nothing more: stations_journal holds the presence. The code stays used.
create or replace function stations_journal_annul(
    given_station bigint, given_device bigint, given_request uuid, instant timestamptz)
returns void
language plpgsql
as $$
declare
    event record;
    presence record;
    is_latest boolean;
    change smallint := 0;
    entered_before timestamptz;
begin
    select * into strict event from access_event where station_id = given_station and request_id = given_request;
    select * into presence from access_presence where station_id = given_station and member_id = event.member_id;
    is_latest := coalesce(
        case event.direction
            when 'in' then presence.is_inside and presence.entered_at = event.recorded_at
            else not presence.is_inside and presence.exited_at = event.recorded_at
        end,
        false);
    if is_latest then
        change := -event.inside_change;
        if event.direction = 'in' then
            select max(earlier.recorded_at) into entered_before
            from access_event earlier
            where earlier.station_id = given_station
                and earlier.request_id between
                    (lpad(to_hex((extract(epoch from event.recorded_at - interval '8 days') * 1000)::bigint), 12, '0')
                        || '70008000000000000000')::uuid
                    and (lpad(to_hex((extract(epoch from event.recorded_at + interval '1 minute') * 1000)::bigint), 12, '0')
                        || '70008000000000000000')::uuid
                and earlier.member_id = event.member_id
                and earlier.open
                and earlier.direction = 'in'
                and earlier.recorded_at < event.recorded_at
                and not exists (
                    select from access_annulment
                    where access_annulment.station_id = given_station and access_annulment.request_id = earlier.request_id);
            update access_presence
            set is_inside = event.inside_change = 0,
                entered_at = coalesce(
                    entered_before, case when event.inside_change = 0 then event.recorded_at - interval '8 days' end)
            where station_id = given_station and member_id = event.member_id;
        else
            update access_presence
            set is_inside = event.inside_change = -1,
                exited_at = null
            where station_id = given_station and member_id = event.member_id;
        end if;
        if change <> 0 then
            insert into station_occupancy as occupancy (station_id, lane, people)
            values (given_station, pg_backend_pid() & 7, change)
            on conflict (station_id, lane) do update set people = occupancy.people + excluded.people;
        end if;
    end if;
    insert into access_annulment (
        station_id, request_id, access_point_id, member_id, device_id, reason, inside_change, presence_restored, people_inside,
        annulled_at)
    values (
        given_station, given_request, event.access_point_id, event.member_id, given_device, 'reply_lost', change, is_latest,
        (select coalesce(sum(people), 0) from station_occupancy where station_id = given_station), instant);
end
$$;
