-- Who came, when and for how long. All of it can be made again from the events, and what was counted of events that are gone is kept.

alter table access_event
    add column worker_kind text,
    add column member_organization_id bigint;
comment on column access_event.worker_kind is
    'Of the member when it happened, so that figures made again later are the same; null when the member was not known.';
comment on column access_event.member_organization_id is 'Of the member when it happened.';

-- Existing annulments are taken for new ones, as all events are: nothing has been counted yet.
alter table access_annulment add column transaction_id xid8 not null default pg_current_xact_id();
comment on column access_annulment.transaction_id is 'The feed counts it once its transaction has ended, as access_event''s.';
create index access_annulment_by_transaction on access_annulment (transaction_id);

-- One row for each day, or month, of a station and each value of one dimension. Reports over long times add whole months and the
-- days at both ends: some ten thousand rows for a year of a hundred stations, where an hourly cube had as many rows as there are events.
create table station_visit_figure (
    station_id bigint not null,
    dimension text not null,
    span text not null,
    starts_on date not null,
    key text collate "C" not null,
    entries integer not null default 0,
    exits integer not null default 0,
    automatic_exits integer not null default 0,
    refused integer not null default 0,
    dwells integer not null default 0,
    dwell_seconds bigint not null default 0,
    dwells_to_5 integer not null default 0,
    dwells_to_10 integer not null default 0,
    dwells_to_20 integer not null default 0,
    dwells_to_30 integer not null default 0,
    dwells_to_45 integer not null default 0,
    dwells_to_60 integer not null default 0,
    dwells_to_90 integer not null default 0,
    dwells_to_120 integer not null default 0,
    dwells_to_240 integer not null default 0,
    dwells_to_480 integer not null default 0,
    dwells_beyond integer not null default 0,
    constraint station_visit_figure_pkey primary key (station_id, dimension, span, starts_on, key),
    constraint station_visit_figure_dimension_is_known check (dimension in ('all', 'hour', 'worker_kind', 'organization')),
    constraint station_visit_figure_span_is_known check (span in ('day', 'month'))
) with (fillfactor = 80);
comment on table station_visit_figure is
    'Sums over access_event without what was annulled, by days of the station''s zone. A single row may be negative for a moment.';
comment on column station_visit_figure.key is
    'all: empty; hour: 00 to 23 on the station''s clock; worker_kind; organization: its id. unknown where the event names no member.';
comment on column station_visit_figure.dwells is 'Exits by members whose entry is known, counted when they went out.';
comment on column station_visit_figure.dwells_to_5 is 'Those of less than so many minutes, and not less than the column before.';

-- What was counted of partitions that were dropped: the figures are this plus what the events give.
create table station_visit_figure_kept (
    month date not null,
    like station_visit_figure including defaults including constraints,
    constraint station_visit_figure_kept_pkey primary key (month, station_id, dimension, span, starts_on, key)
);
comment on column station_visit_figure_kept.month is 'Of the partition.';

-- The way of each member through the doors, in their order, for the member's own eyes and those who may.
create table member_passage (
    member_id bigint not null,
    occurred_at timestamptz not null,
    station_id bigint not null,
    request_id uuid not null,
    access_point_id bigint not null,
    direction text not null,
    is_automatic boolean not null,
    constraint member_passage_pkey primary key (member_id, occurred_at, station_id, request_id),
    constraint member_passage_direction_is_known check (direction in ('in', 'out'))
);
create index member_passage_by_age on member_passage using brin (occurred_at) with (autosummarize = on);

-- Refusals of the last hours by minute, for the alarm that looks at ten minutes of them.
create table access_point_refusal (
    access_point_id bigint not null,
    station_id bigint not null,
    minute timestamptz not null,
    refused integer not null,
    constraint access_point_refusal_pkey primary key (access_point_id, minute)
) with (fillfactor = 50);
create index access_point_refusal_by_minute on access_point_refusal (minute);

create table access_feed (
    feed_id smallint not null default 1,
    horizon xid8 not null default '0',
    next_horizon xid8 not null default '0',
    next_as_of timestamptz not null default 'epoch',
    as_of timestamptz not null default 'epoch',
    constraint access_feed_pkey primary key (feed_id),
    constraint access_feed_is_one check (feed_id = 1)
);
comment on column access_feed.horizon is 'Events and annulments of all transactions before this one have been counted.';
comment on column access_feed.next_horizon is 'Once the horizon has reached this, everything committed before next_as_of is counted.';
comment on column access_feed.as_of is 'Everything committed before this moment is counted.';
insert into access_feed default values;
