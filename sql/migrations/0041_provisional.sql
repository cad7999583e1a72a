alter table access_event
    add column credential_kind text not null default 'member_code',
    add column decided_by text not null default 'server',
    add column dwell_seconds integer,
    add column transaction_id xid8 not null default pg_current_xact_id();
alter table access_event alter column device_id drop not null;
create index access_event_by_transaction on access_event (transaction_id);
create table access_annulment (
    station_id bigint not null,
    request_id uuid not null,
    annulled_at timestamptz not null default clock_timestamp(),
    transaction_id xid8 not null default pg_current_xact_id(),
    primary key (station_id, request_id)
);
create index access_annulment_by_transaction on access_annulment (transaction_id);
alter table access_point add column exit_after_hours smallint not null default 12;
alter table station add column status text not null default 'open', add column promised_open boolean not null default false;
