-- Policies as data, stations as they are found on the way, and what an event must tell those who read it later.
--
-- A policy stands twice in its row: `policy` is what was asked for, word for word, and is read back; the columns beside it are the same
-- said so that a scan compares them by key, without reading JSON. One statement of AccessPointStore writes both.

alter table station
    add column latitude double precision,
    add column longitude double precision,
    add column capacity_enforced boolean not null default false,
    add column promised_open boolean not null default false,
    add column amenities text[] not null default '{}',
    add column opening jsonb not null default '{}',
    add column hours int4multirange[],
    add column exception_days date[],
    add column exception_hours int4multirange[],
    add column status text not null default 'open',
    add column status_reason text,
    add column closed_until timestamptz,
    add column door_state text not null default 'normal',
    add column version integer not null default 1,
    add column updated_at timestamptz not null default clock_timestamp(),
    add constraint station_place_is_whole_and_on_earth check (
        (latitude is null) = (longitude is null) and latitude between -90 and 90 and longitude between -180 and 180),
    add constraint station_enforces_only_a_capacity_it_has check (capacity is not null or not capacity_enforced),
    add constraint station_amenities_are_known check (
        amenities <@ array['water', 'microwave', 'charging', 'heating', 'cooling', 'first_aid', 'toilet', 'reading_corner',
            'cold_locker', 'mothers_room', 'wifi', 'rest_seats', 'umbrella', 'medicine', 'television', 'printing']),
    add constraint station_hours_are_by_weekday check (cardinality(hours) = 7),
    add constraint station_exceptions_pair_with_days check (
        (exception_days is null) = (exception_hours is null) and cardinality(exception_days) = cardinality(exception_hours)),
    add constraint station_status_is_known check (status in ('open', 'closed_temporarily', 'decommissioned')),
    add constraint station_status_reason_has_1_to_200_characters check (length(status_reason) between 1 and 200),
    add constraint station_closed_until_only_when_closed check (closed_until is null or status = 'closed_temporarily'),
    add constraint station_door_state_is_known check (door_state in ('normal', 'locked_down', 'unlocked'));
comment on column station.capacity is 'How many people the room holds; null where nobody counted. Kept to when capacity_enforced.';
comment on column station.promised_open is 'It promises to be open round the clock: silence of its doors raises an alarm.';
comment on column station.hours is
    'By weekday, Monday first: the minutes from that day''s midnight, on the station''s clock, at which it is open; up to 2880, for '
    'hours that go over midnight. Null means round the clock.';
comment on column station.exception_hours is 'At the same index as its day: the hours of that date in place of its weekday''s.';
comment on column station.door_state is 'locked_down refuses every entry; unlocked opens for everybody.';

create table station_state_change (
    station_id bigint not null,
    version integer not null,
    door_state text not null,
    reason text not null,
    changed_by text not null,
    changed_at timestamptz not null default clock_timestamp(),
    constraint station_state_change_pkey primary key (station_id, version),
    constraint station_state_change_station_exists foreign key (station_id) references station (station_id),
    constraint station_state_change_reason_has_1_to_200_characters check (length(reason) between 1 and 200)
);
comment on table station_state_change is 'Who locked a station down, unlocked it or brought it back to normal; version is the station''s.';

alter table access_point
    add column policy jsonb,
    add column hours int4multirange[],
    add column exception_days date[],
    add column exception_hours int4multirange[],
    add column organization_ids bigint[],
    add column sexes text[],
    add column worker_kinds text[],
    add column employment_forms text[],
    add column hardship_post boolean,
    add column admits_provisional boolean not null default true,
    add column entry_interval_minutes smallint not null default 0,
    add column anti_passback text not null default 'none',
    add column reset_hours smallint not null default 12,
    add column offline_limit_hours smallint not null default 72,
    add column when_offline_too_long text not null default 'stay_shut',
    add column exit_after_hours smallint not null default 24;

update access_point
set policy = jsonb_build_object(
        'isOpen', is_open, 'directions', directions, 'reentryMinutes', reentry_minutes, 'relayMilliseconds', relay_milliseconds)
        || case when opens_at is null then '{}' else jsonb_build_object('hours', (
            select jsonb_agg(jsonb_build_object(
                'weekday', weekday,
                'opensAt', to_char(make_time(opens_at / 60, opens_at % 60, 0), 'HH24:MI'),
                'closesAt', to_char(make_time(closes_at / 60, closes_at % 60, 0), 'HH24:MI')) order by weekday)
            from generate_series(1, 7) weekday)) end,
    hours = case when opens_at is not null then array_fill(
        int4multirange(int4range(opens_at, closes_at + case when closes_at > opens_at then 0 else 1440 end)), array[7]) end;

alter table access_point
    alter column policy set not null,
    drop column opens_at,
    drop column closes_at,
    add constraint access_point_hours_are_by_weekday check (cardinality(hours) = 7),
    add constraint access_point_exceptions_pair_with_days check (
        (exception_days is null) = (exception_hours is null) and cardinality(exception_days) = cardinality(exception_hours)),
    add constraint access_point_entry_interval_within_a_week check (entry_interval_minutes between 0 and 10080),
    add constraint access_point_anti_passback_is_known check (anti_passback in ('none', 'soft', 'hard')),
    add constraint access_point_anti_passback_ends_within_a_week check (reset_hours between 1 and 168),
    add constraint access_point_offline_limit_within_a_month check (offline_limit_hours between 1 and 720),
    add constraint access_point_knows_what_then check (when_offline_too_long in ('stay_shut', 'open_for_valid_codes')),
    add constraint access_point_exit_comes_within_a_week check (exit_after_hours between 1 and 168);
comment on column access_point.policy is 'AccessPolicy as it was asked for; the columns beside it say the same to stations_admit.';
comment on column access_point.hours is 'As station.hours; both must be open.';
comment on column access_point.organization_ids is 'Members of these and all below them are let in; null lets in those of all.';
comment on column access_point.sexes is 'Null lets in all; so do worker_kinds, employment_forms and hardship_post.';
comment on column access_point.entry_interval_minutes is 'So long after an entry there is no other one, exit or not; 0 means no such rule.';
comment on column access_point.anti_passback is
    'Who is inside does not go in again: soft lets them and marks the event, hard refuses, both until reset_hours after the entry.';
comment on column access_point.exit_after_hours is 'Whoever shows no exit for so long counts as gone.';

create table access_policy_version (
    access_point_id bigint not null,
    version integer not null,
    policy jsonb not null,
    changed_by text not null,
    changed_at timestamptz not null default clock_timestamp(),
    constraint access_policy_version_pkey primary key (access_point_id, version),
    constraint access_policy_version_access_point_exists foreign key (access_point_id) references access_point (access_point_id)
);
comment on table access_policy_version is 'Every policy an access point ever had, and who gave it.';

insert into access_policy_version (access_point_id, version, policy, changed_by, changed_at)
select access_point_id, version, policy, 'migration', updated_at
from access_point;
