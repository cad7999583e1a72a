-- What the controllers say of themselves, and the alarms that people must see.

create table device_heartbeat (
    access_point_id bigint not null,
    device_id bigint not null,
    received_at timestamptz not null,
    occurred_at timestamptz not null,
    software_version text not null,
    journal_length integer not null,
    refusal_list_age_seconds bigint,
    door_state text not null,
    door_state_since timestamptz not null,
    constraint device_heartbeat_pkey primary key (access_point_id, device_id),
    constraint device_heartbeat_access_point_exists foreign key (access_point_id) references access_point (access_point_id),
    constraint device_heartbeat_device_exists foreign key (device_id) references device (device_id),
    constraint device_heartbeat_version_has_1_to_64_characters check (length(software_version) between 1 and 64),
    constraint device_heartbeat_door_state_is_known check (door_state in ('closed', 'open', 'forced', 'held'))
) with (fillfactor = 50);
comment on table device_heartbeat is 'The last one of each device at each access point.';
comment on column device_heartbeat.occurred_at is 'By the device''s clock: its distance from received_at is how far that is off.';
comment on column device_heartbeat.refusal_list_age_seconds is 'Null when it has no list yet.';

create table alarm (
    alarm_id bigint generated always as identity,
    kind text not null,
    station_id bigint not null,
    access_point_id bigint,
    raised_at timestamptz not null,
    cause jsonb not null,
    cause_lasts boolean not null default true,
    acknowledged_at timestamptz,
    acknowledged_by text,
    acknowledge_note text,
    closed_at timestamptz,
    closed_by text,
    close_note text,
    constraint alarm_pkey primary key (alarm_id),
    constraint alarm_station_exists foreign key (station_id) references station (station_id),
    constraint alarm_access_point_exists foreign key (access_point_id) references access_point (access_point_id),
    constraint alarm_kind_is_known check (
        kind in ('no_heartbeat', 'no_entry', 'door_forced', 'door_held', 'many_refusals', 'clock_off')),
    constraint alarm_acknowledgement_has_an_author check ((acknowledged_at is null) = (acknowledged_by is null)),
    constraint alarm_end_has_an_author check ((closed_at is null) = (closed_by is null)),
    constraint alarm_notes_have_at_most_500_characters check (length(acknowledge_note) <= 500 and length(close_note) <= 500)
);
comment on column alarm.access_point_id is 'Null when the whole station is meant.';
comment on column alarm.cause is 'The numbers it was raised for.';
comment on column alarm.cause_lasts is
    'False once the cause was seen to have ended. An alarm closed by a person is not raised again for the same lasting cause.';
create unique index alarm_at_most_one_open on alarm (kind, station_id, access_point_id) nulls not distinct where closed_at is null;
create index alarm_watched on alarm (kind, station_id, access_point_id) where closed_at is null or cause_lasts;
create index alarm_by_station on alarm (station_id, alarm_id);
