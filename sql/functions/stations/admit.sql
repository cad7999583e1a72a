-- stations_admit: may these scans open their doors?
--
-- Decides    every scan of a batch: by the credential, the member's status, the policy of the access point, the state of the station, the
--            member's presence there and the newest code accepted there. Whether a member code is authentic and within its time was
--            decided before (code_reasons; member_ids is null when it is not authentic); cards, numbers and day codes are looked up
--            here by their digest. An entry is refused for every condition that fails; an exit only for its code: nobody is kept
--            inside. (A telephone that asks to go out for somebody who is not inside is judged like an entry.) While the station is
--            unlocked all open, and what failed is kept as soft_reasons.
-- Writes     one access_event per request, accepted or refused; access_presence and station_occupancy of those accepted; wrong PINs;
--            day codes that nobody has.
-- Locks      access_credential with a PIN in order of credential_id; day_code_try in order of station_id, where a day code is asked
--            with; access_presence in order of (station_id, member_id): first the
--            missing rows are inserted in that order, then all are locked in it; a transaction in the second step waits for no row that
--            another has inserted, so the two steps form no cycle. Then the stations that enforce their capacity by station_id, the
--            events by (station_id, request_id), and station_occupancy by station_id in the lane of this backend.
-- Rounds     Scans of one member in one batch are decided one after another, in their order; the first ones of all members together.
-- Capacity   Under the station's lock the people inside are counted anew in each round, and its entries are let in in their order until
--            there is no room. Exits of the same round make room for the next one: so a repeat among them, which counts for nothing,
--            can never let one too many in. At other stations the lanes are counted without a lock.
-- PINs       asked for on entry, of a card that stands; wrong ones are counted with the event, and at 5 no PIN is looked at any more.
-- Day codes  that nobody was given are counted by stations_try_day_codes; after too many none is looked at, and nothing tells right from
--            wrong.
-- Repeats    The insert of the event is the arbiter: where (station_id, request_id) is taken, nothing is written and the first answer
--            is read. Probing beforehand would open every partition in every batch.
-- Returns    one row per request, to be matched by ordinality, in no order:
--            decided   decided now
--            repeated  the same request was decided before; its answer
--            conflict  the request id was used for another scan; no answer, nothing written
--            foreign   the device does not serve that access point, or there is none; nothing written
--            A device_id of null is a member's own phone, which may ask for every access point.
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
    credential_kinds text[],
    credential_digests bytea[],
    pin_digests bytea[],
    clock_offset_us bigint)
returns table (
    ordinality integer,
    outcome text,
    open boolean,
    relay_milliseconds integer,
    reasons text[],
    people_inside integer,
    decided_at timestamptz,
    member_id bigint)
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
    credential_ids bigint[];
    station_ids bigint[];
    rounds bigint[];
    last_round bigint;
    answered bigint := 0;
    returned bigint;
    instant timestamptz;
    refused integer;
begin
    if array_remove(credential_digests, null) <> '{}' then
        select
            array_agg(coalesce(access_credential.member_id, request.member_id) order by request.ordinality),
            array_agg(access_credential.credential_id order by request.ordinality)
        into member_ids, credential_ids
        from unnest(member_ids, credential_kinds, credential_digests)
            with ordinality as request (member_id, kind, digest, ordinality)
        left join access_credential
            on access_credential.credential_digest = request.digest
            and access_credential.kind = request.kind;

        perform 1
        from access_credential
        where access_credential.credential_id = any (credential_ids) and access_credential.pin_digest is not null
        order by access_credential.credential_id
        for no key update;
    end if;

    if 'day_code' = any (credential_kinds) then
        foreach refused in array stations_try_day_codes(
            request_ids, device_ids, access_point_ids, directions, code_reasons, credential_kinds, credential_ids, clock_offset_us)
        loop
            code_reasons[refused] := 'door.too_many_tries';
            member_ids[refused] := null;
            credential_ids[refused] := null;
        end loop;
    end if;

    -- Who was merged into another is that one: a code or card in hand goes on opening doors.
    if exists (select from member_merge where member_merge.merged_member_id = any (member_ids)) then
        select array_agg(coalesce(member.merged_into, request.member_id) order by request.ordinality)
        into member_ids
        from unnest(member_ids) with ordinality as request (member_id, ordinality)
        left join member on member.member_id = request.member_id;
    end if;

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
    left join access_point
        on access_point.access_point_id
            = case when request.device_id is null then request.access_point_id else device_access_point.access_point_id end;

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

    perform 1
    from station
    where station.station_id = any (station_ids) and station.capacity_enforced
    order by station.station_id
    for no key update;

    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    for this_round in 1 .. coalesce(last_round, 0) loop
        return query
        with judged as (
            select
                request.*,
                access_point.relay_milliseconds,
                member.worker_kind,
                member.organization_id as member_organization_id,
                coalesce(access_presence.is_inside, false) as was_inside,
                access_presence.entered_at as entered_before,
                station.door_state = 'unlocked' as is_unlocked,
                case when station.capacity_enforced then station.capacity end as capacity,
                case when row_number() over (partition by request.station_id order by request.ordinality) = 1 then
                    (select coalesce(sum(people), 0) from station_occupancy where station_occupancy.station_id = request.station_id)
                    else 0 end as people_before,
                array_remove(
                    array[
                        refusal_of_code.reason,
                        case when request.code_sequence <= last_code.code_sequence then 'door.code_replayed' end,
                        case when request.direction = 'in' and refusal_of_code.reason is null and credential.pin_digest is not null
                            then case
                                when credential.pin_failures >= 5 then 'door.pin_locked'
                                when request.pin_digest is null then 'door.pin_missing'
                                when request.pin_digest <> credential.pin_digest then 'door.pin_wrong'
                            end end,
                        case when way.is_judged and request.member_id is not null and member.member_id is null
                            then 'door.member_unknown' end],
                    null)
                || case when way.is_judged then
                    stations_entry_refusals(
                        access_point, station, member, member.status, of_organization.is_admitted, access_presence.is_inside,
                        access_presence.entered_at, instant, local.here)
                    || array_remove(
                        array[
                            case when request.occurred_at > instant + interval '5 seconds' then 'door.occurred_in_future' end,
                            case when request.occurred_at < instant - interval '72 hours' then 'door.occurred_too_long_ago' end],
                        null)
                    else '{}' end as failing,
                case when request.direction = 'in' and access_point.anti_passback = 'soft' and access_presence.is_inside
                    and access_presence.entered_at + access_point.reset_hours * interval '1 hour' > instant
                    then array['door.anti_passback'] else '{}' end as softly_failing
            from unnest(
                request_ids, device_ids, access_point_ids, station_ids, directions, member_ids, code_sequences, code_reasons,
                occurred_ats, fingerprints, credential_kinds, credential_digests, credential_ids, pin_digests, rounds)
                with ordinality as request (
                    request_id, device_id, access_point_id, station_id, direction, member_id, code_sequence, code_reason,
                    occurred_at, fingerprint, credential_kind, credential_digest, credential_id, pin_digest, round, ordinality)
            join access_point on access_point.access_point_id = request.access_point_id
            join station on station.station_id = access_point.station_id
            left join access_presence
                on access_presence.station_id = request.station_id
                and access_presence.member_id = request.member_id
            left join member on member.member_id = request.member_id
            left join lateral (
                -- Apart, or a table that was small when this was planned would be read whole.
                select * from access_credential where access_credential.credential_id = request.credential_id
                offset 0
            ) credential on true
            cross join lateral (
                -- No code without a member opens anything, whatever the caller says of it.
                select coalesce(
                    request.code_reason,
                    case when request.credential_kind in ('card', 'number', 'day_code') then case
                        when credential.credential_id is null then 'door.' || request.credential_kind || '_unknown'
                        when credential.revoked_at is not null
                            or credential.valid_from > instant
                            or credential.valid_until <= instant
                            then case
                                when request.credential_kind = 'number' then 'door.number_unknown'
                                when request.credential_kind = 'card' and credential.revoked_at is not null then 'door.card_revoked'
                                else 'door.' || request.credential_kind || '_expired'
                            end
                        end
                    end,
                    case when request.member_id is null then 'door.code_forged' end) as reason
                offset 0
            ) refusal_of_code
            cross join lateral (
                select access_presence.code_sequences[
                    array_position(access_presence.code_access_point_ids, request.access_point_id)] as code_sequence
            ) last_code
            cross join lateral (
                select
                    (access_point.organization_ids is null
                        or exists (
                            select from organization_ancestor
                            where organization_ancestor.organization_id = member.organization_id
                                and organization_ancestor.ancestor_id = any (access_point.organization_ids)))
                    and (credential.organization_id is null
                        or exists (
                            select from organization_ancestor
                            where organization_ancestor.organization_id = station.organization_id
                                and organization_ancestor.ancestor_id = credential.organization_id))
                    as is_admitted
            ) of_organization
            cross join lateral (
                -- A phone says by itself which way its owner goes: out, only who is inside.
                select request.direction = 'in'
                    or request.credential_kind = 'door_code' and access_presence.is_inside is not true as is_judged
                offset 0
            ) way
            cross join lateral (
                select instant at time zone station.time_zone as here
                offset 0
            ) local
            where request.round = this_round and request.station_id is not null
        ),
        weighed as (
            select
                judged.*,
                seeks_room,
                sum(people_before + (seeks_room and cardinality(failing) = 0)::integer)
                    over (partition by station_id order by ordinality) + (cardinality(failing) > 0)::integer as people_with_this
            from judged
            cross join lateral (select direction = 'in' and not was_inside and member_id is not null as seeks_room) room
        ),
        decided as (
            select
                weighed.*,
                is_unlocked or cardinality(verdict.reasons) = 0 as open,
                case when is_unlocked then '{}' else verdict.reasons end as reasons,
                case when is_unlocked then verdict.reasons || softly_failing when cardinality(verdict.reasons) = 0 then softly_failing
                    else '{}' end as soft_reasons,
                case
                    when not is_unlocked and cardinality(verdict.reasons) > 0 then 0
                    when seeks_room then 1
                    when direction = 'out' and was_inside then -1
                    else 0
                end as inside_change
            from weighed
            cross join lateral (
                select case when seeks_room and people_with_this > capacity then failing || array['door.full'] else failing end as reasons
                offset 0
            ) verdict
        ),
        recorded as (
            insert into access_event (
                station_id, access_point_id, device_id, member_id, code_sequence, occurred_at, recorded_at, request_id,
                relay_milliseconds, people_inside, inside_change, batch_position, open, direction, fingerprint, reasons,
                credential_kind, credential_id, dwell_seconds, soft_reasons, worker_kind, member_organization_id)
            select
                station_id, access_point_id, device_id, member_id, code_sequence, occurred_at, instant, request_id,
                case when open then relay_milliseconds else 0 end,
                sum(inside_change + people_before) over (partition by station_id order by ordinality),
                inside_change, ordinality, open, direction, fingerprint, reasons,
                credential_kind, credential_id,
                case when inside_change = -1 then greatest(0, date_part('epoch', instant - entered_before)) end,
                soft_reasons, worker_kind, member_organization_id
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
                -- The greatest: an unlocked door opens for older codes too, and credentials have none.
                code_sequences[coalesce(
                    array_position(access_presence.code_access_point_ids, recorded.access_point_id),
                    cardinality(access_presence.code_access_point_ids) + 1)] = greatest(
                        recorded.code_sequence,
                        access_presence.code_sequences[
                            array_position(access_presence.code_access_point_ids, recorded.access_point_id)])
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
        ),
        tried as (
            update access_credential
            set pin_failures = case when 'door.pin_wrong' = any (recorded.reasons || recorded.soft_reasons)
                then access_credential.pin_failures + 1 else 0 end
            from recorded
            where recorded.direction = 'in'
                and access_credential.credential_id = any (credential_ids)
                and access_credential.credential_id = recorded.credential_id
                and access_credential.pin_digest is not null
                and not (recorded.reasons || recorded.soft_reasons) && array[
                    'door.pin_locked', 'door.pin_missing', 'door.card_revoked', 'door.card_expired', 'door.number_unknown',
                    'door.day_code_expired']
                and (access_credential.pin_failures > 0 or 'door.pin_wrong' = any (recorded.reasons || recorded.soft_reasons))
        )
        select
            recorded.batch_position::integer, 'decided', recorded.open, recorded.relay_milliseconds, recorded.reasons,
            recorded.people_inside, recorded.recorded_at, recorded.member_id
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
            access_event.open, access_event.relay_milliseconds, access_event.reasons, access_event.people_inside,
            access_event.recorded_at, access_event.member_id
        from unnest(request_ids, station_ids, fingerprints)
            with ordinality as request (request_id, station_id, fingerprint, ordinality)
        left join access_event
            on access_event.station_id = request.station_id
            and access_event.request_id = request.request_id
        where request.station_id is null
            or access_event.transaction_id <> pg_current_xact_id()
            or access_event.batch_position <> request.ordinality;
    end if;
end
$$;
