/// What a scan costs PostgreSQL without Waystation: one lean statement written for one scan, for pgbench with 32 clients.
///
/// The same reads (device, access point, station, member, presence, people inside), the same decision and the same rows written (event,
/// presence, lane of the count) as `stations_admit`, but neither rounds nor batches, and without the look-up of a repeat's first answer:
/// in this work nothing repeats. No HTTP, no JSON, no code to check.
///
/// To be run as `pgbench -n -M prepared -c 32 -j 2 -f FILE` with `-D` for:
/// - `stations`: stations 1…n, each with the access points 2n-1 and 2n, each served by the device of the same id; so on a fresh database
/// - `members`: members 1…n, each at home at station 1 + id % stations
/// - `scan=0`: counts the scans of a client
/// - `first_sequence`: greater than any code's sequence so far, say the second now times 2^31
/// - `request_head`: the first 16 hexadecimal digits of a UUIDv7 of now: 12 of its millisecond, then `7000`
enum ScanPeer {
    /// What every script begins with: which scan it is.
    private static let scan = #"""
        \set member random(1, :members)
        \set station 1 + :member % :stations
        \set point (:station - 1) * 2 + random(1, 2)
        \set inward random(0, 1)
        \set scan :scan + 1
        \set sequence :first_sequence + :scan
        \set tail 1000000000000000 + :client_id * 1000000000000 + :scan

        """#

    static let script =
        scan + #"""
            with place as (
                select
                    access_point.access_point_id, access_point.station_id, directions, is_open, access_point.hours,
                    reentry_minutes, relay_milliseconds,
                    (date_part('hour', clock_timestamp() at time zone time_zone) * 60
                        + date_part('minute', clock_timestamp() at time zone time_zone))::integer as minute,
                    date_part('isodow', clock_timestamp() at time zone time_zone)::integer as weekday
                from device_access_point
                join access_point on access_point.access_point_id = device_access_point.access_point_id
                join station on station.station_id = access_point.station_id
                where device_access_point.device_id = :point::bigint and device_access_point.access_point_id = :point::bigint
            ),
            presence as (
                select station_id, member_id, is_inside, entered_at,
                    array_position(code_access_point_ids, :point::bigint) as slot,
                    cardinality(code_access_point_ids) as slots, code_sequences
                from access_presence
                where station_id = :station::bigint and member_id = :member::bigint
                for no key update
            ),
            decision as (
                select
                    place.*, clock_timestamp() as now, coalesce(presence.is_inside, false) as was_inside, presence.slot, presence.slots,
                    array_remove(array[
                        case when :sequence::bigint <= presence.code_sequences[presence.slot] then 'door.code_replayed' end,
                        case when :inward::integer = 1 and member.member_id is null then 'door.member_unknown' end,
                        case when :inward::integer = 1 and member.status <> 'active' then 'door.member_not_active' end,
                        case when :inward::integer = 1 and not place.is_open then 'door.access_point_closed' end,
                        case when :inward::integer = 1 and place.directions = 'out' then 'door.direction_not_served' end,
                        case when :inward::integer = 1 and not (place.hours is null or place.hours[place.weekday] @> place.minute)
                            then 'door.outside_hours' end,
                        case when :inward::integer = 1 and presence.is_inside
                            and presence.entered_at + place.reentry_minutes * interval '1 minute' > clock_timestamp()
                            then 'door.reentry_too_soon' end
                    ], null) as reasons,
                    (select coalesce(sum(people), 0) from station_occupancy where station_occupancy.station_id = :station::bigint) as people
                from place
                left join presence on true
                left join member on member.member_id = :member::bigint
            ),
            recorded as (
                insert into access_event (
                    station_id, access_point_id, device_id, member_id, code_sequence, occurred_at, recorded_at, request_id,
                    relay_milliseconds, people_inside, inside_change, batch_position, open, direction, fingerprint, reasons)
                select
                    station_id, access_point_id, :point::bigint, :member::bigint, :sequence::bigint, now, now,
                    (:request_head::text || :tail::text)::uuid,
                    case when cardinality(reasons) = 0 then relay_milliseconds else 0 end, people + change, change, 1,
                    cardinality(reasons) = 0, case when :inward::integer = 1 then 'in' else 'out' end,
                    '\x00112233445566778899aabbccddeeff', reasons
                from decision
                cross join lateral (select case
                    when cardinality(reasons) > 0 then 0
                    when :inward::integer = 1 and not was_inside then 1
                    when :inward::integer = 0 and was_inside then -1
                    else 0 end as change) change
                on conflict do nothing
                returning *
            ),
            present as (
                insert into access_presence as mine (
                    station_id, member_id, is_inside, entered_at, exited_at, code_access_point_ids, code_sequences)
                select station_id, member_id, direction = 'in', case when direction = 'in' then recorded_at end,
                    case when direction = 'out' then recorded_at end, array[access_point_id], array[code_sequence]
                from recorded
                where open
                on conflict (station_id, member_id) do update set
                    is_inside = excluded.is_inside,
                    entered_at = coalesce(excluded.entered_at, mine.entered_at),
                    exited_at = coalesce(excluded.exited_at, mine.exited_at),
                    code_access_point_ids[(select coalesce(slot, coalesce(slots, 0) + 1) from decision)] = :point::bigint,
                    code_sequences[(select coalesce(slot, coalesce(slots, 0) + 1) from decision)] = :sequence::bigint
            ),
            counted as (
                insert into station_occupancy as occupancy (station_id, lane, people)
                select station_id, pg_backend_pid() & 7, inside_change
                from recorded
                where inside_change <> 0
                on conflict (station_id, lane) do update set people = occupancy.people + excluded.people
            )
            select open, relay_milliseconds, reasons, people_inside, recorded_at from recorded;
            """#

    /// The set function called with one scan, for comparison: the same variables.
    static let setFunctionScript =
        scan + #"""
            select *
            from stations_admit(
                array[(:request_head::text || :tail::text)::uuid], array[:point::bigint], array[:point::bigint],
                array[case when :inward::integer = 1 then 'in' else 'out' end], array[:member::bigint], array[:sequence::bigint],
                array[null::text], array[clock_timestamp()], array['\x00112233445566778899aabbccddeeff'::bytea],
                array['member_code'], array[null::bytea], array[null::bytea], 0);
            """#
}
