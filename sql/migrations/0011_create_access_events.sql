-- What a scan leaves behind: one event for ever, one row of state per member and station, one count per station.

-- All that an accepted scan changes for a member at a station is one row, so a decision locks one row and writes two: this and the event.
-- No foreign keys: an exit with an authentic code opens even when the register has lost the member; and all first visits of an opening day
-- would lock one station's row. stations_admit, which alone writes here, takes the station from the access point.
create table access_presence (
    station_id bigint not null,
    member_id bigint not null,
    entered_at timestamptz,
    exited_at timestamptz,
    is_inside boolean not null default false,
    code_access_point_ids bigint[] not null default '{}',
    code_sequences bigint[] not null default '{}',
    constraint access_presence_pkey primary key (station_id, member_id),
    constraint access_presence_inside_has_entered check (not is_inside or entered_at is not null),
    constraint access_presence_codes_pair_with_access_points check (cardinality(code_access_point_ids) = cardinality(code_sequences))
) with (fillfactor = 80);
comment on column access_presence.entered_at is 'When the last accepted entry was decided.';
comment on column access_presence.code_sequences is
    'At the same index as its access point: the newest code accepted there. A code opens there only if it is newer, so no table '
    'of used codes is needed.';

-- People inside, in lanes that are summed: servers that write at the same time write different rows. One lane alone may be negative.
create table station_occupancy (
    station_id bigint not null,
    lane smallint not null,
    people integer not null,
    constraint station_occupancy_pkey primary key (station_id, lane)
) with (fillfactor = 50);
comment on table station_occupancy is
    'The sum over a station''s lanes is the number of its access_presence rows with is_inside, and the sum of its events'' '
    'inside_change.';

-- Every scan, accepted or refused. The request id is a UUIDv7 by habit of the devices, so one index serves repeats, order in time and
-- the monthly partitions; ids of other kinds, or from clocks far off, fall into the default partition. No foreign keys: events outlive
-- what they name, and four look-ups for each scan would cost more than the scan.
create table access_event (
    station_id bigint not null,
    access_point_id bigint not null,
    device_id bigint not null,
    member_id bigint,
    code_sequence bigint,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    request_id uuid not null,
    relay_milliseconds integer not null,
    people_inside integer not null,
    inside_change smallint not null,
    batch_position smallint not null,
    open boolean not null,
    direction text not null,
    fingerprint bytea not null,
    reasons text[] not null,
    constraint access_event_pkey primary key (station_id, request_id),
    constraint access_event_open_means_no_reason check (open = (cardinality(reasons) = 0)),
    constraint access_event_direction_is_known check (direction in ('in', 'out')),
    constraint access_event_changes_by_one_person check (inside_change between -1 and 1)
) partition by range (request_id);
comment on column access_event.member_id is 'Null when the code was not authentic.';
comment on column access_event.code_sequence is
    'Second of issue and nonce of the code in one number: a code issued later has a greater one. Null when not authentic.';
comment on column access_event.occurred_at is 'When the device says it happened; recorded_at is when it was decided here.';
comment on column access_event.people_inside is 'People inside after this scan, as far as committed when it was decided.';
comment on column access_event.batch_position is 'Orders the events of one recorded_at.';
comment on column access_event.fingerprint is
    'SHA-256, cut to 16 bytes, of code, access point, direction and occurredAt: tells a repeat from another scan under the same '
    'request id.';

create table access_event_default partition of access_event default;
