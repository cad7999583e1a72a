-- Stations, their access points, and which device serves which access point.

create table station (
    station_id bigint generated always as identity,
    organization_id bigint not null,
    name_zh text not null,
    name_en text,
    address text,
    kind text not null default 'plain',
    capacity integer,
    time_zone text not null default 'Asia/Shanghai',
    created_at timestamptz not null default clock_timestamp(),
    constraint station_pkey primary key (station_id),
    constraint station_organization_exists foreign key (organization_id) references organization (organization_id),
    constraint station_name_has_1_to_100_characters check (length(name_zh) between 1 and 100 and length(name_en) between 1 and 100),
    constraint station_address_has_at_most_200_characters check (length(address) <= 200),
    constraint station_kind_is_known check (kind in ('plain', 'smart', 'day_labour_market')),
    constraint station_capacity_is_positive check (capacity between 1 and 100000),
    -- An unknown zone raises here, where one station is written, and so never in the middle of a batch of scans.
    constraint station_time_zone_is_known check (timezone(time_zone, timestamptz 'epoch') is not null)
);
comment on column station.capacity is 'How many people the room holds; null where nobody counted. Shown, not enforced.';

create index station_by_organization on station (organization_id, station_id);

create table access_point (
    access_point_id bigint generated always as identity,
    station_id bigint not null,
    name text not null,
    directions text not null default 'both',
    is_open boolean not null default true,
    opens_at smallint,
    closes_at smallint,
    reentry_minutes smallint not null default 0,
    relay_milliseconds integer not null default 3000,
    version integer not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint access_point_pkey primary key (access_point_id),
    constraint access_point_station_exists foreign key (station_id) references station (station_id),
    constraint access_point_name_has_1_to_100_characters check (length(name) between 1 and 100),
    constraint access_point_directions_are_known check (directions in ('in', 'out', 'both')),
    constraint access_point_hours_are_both_given_or_none check ((opens_at is null) = (closes_at is null)),
    constraint access_point_hours_are_minutes_of_day check (opens_at between 0 and 1439 and closes_at between 0 and 1439),
    constraint access_point_hours_are_not_empty check (opens_at <> closes_at),
    constraint access_point_reentry_within_a_day check (reentry_minutes between 0 and 1440),
    constraint access_point_relay_within_a_minute check (relay_milliseconds between 100 and 60000)
);
comment on column access_point.opens_at is
    'Minute of the day in the station''s zone; null with closes_at means round the clock. Later than closes_at means over midnight.';
comment on column access_point.reentry_minutes is
    'For so long after an entry a further one needs an exit in between; 0 means no such rule.';
comment on column access_point.relay_milliseconds is 'How long the door''s relay is held on opening.';
comment on column access_point.version is 'Rises with every change of the policy; the ETag.';

create index access_point_by_station on access_point (station_id, access_point_id);

create table device_access_point (
    device_id bigint not null,
    access_point_id bigint not null,
    assigned_at timestamptz not null default clock_timestamp(),
    constraint device_access_point_pkey primary key (device_id, access_point_id),
    constraint device_access_point_device_exists foreign key (device_id) references device (device_id),
    constraint device_access_point_access_point_exists foreign key (access_point_id) references access_point (access_point_id)
);
comment on table device_access_point is 'A device may ask only for the access points it serves.';

create index device_access_point_by_access_point on device_access_point (access_point_id, device_id);
