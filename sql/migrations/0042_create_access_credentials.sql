-- Ways in beside the rotating code: printed cards, numbers of NFC and ID cards, day codes. And what an event tells of its way in.

create table access_credential (
    credential_id bigint generated always as identity,
    credential_digest bytea not null,
    kind text not null,
    member_id bigint not null,
    organization_id bigint,
    pin_digest bytea,
    pin_failures integer not null default 0,
    valid_from timestamptz not null default clock_timestamp(),
    valid_until timestamptz,
    revoked_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    created_by text not null,
    constraint access_credential_pkey primary key (credential_id),
    constraint access_credential_digest_is_unique unique (credential_digest),
    constraint access_credential_digest_has_32_bytes check (length(credential_digest) = 32 and length(pin_digest) = 32),
    constraint access_credential_kind_is_known check (kind in ('card', 'number', 'day_code')),
    constraint access_credential_member_exists foreign key (member_id) references member (member_id),
    constraint access_credential_organization_exists foreign key (organization_id) references organization (organization_id),
    constraint access_credential_pin_failures_are_counted check (pin_failures >= 0),
    constraint access_credential_ends_after_it_begins check (valid_until > valid_from)
);
comment on column access_credential.credential_digest is 'HMAC-SHA256 of what is read at the door: the table opens none.';
comment on column access_credential.organization_id is 'Good for the stations of this organization and those below; null for all.';
comment on column access_credential.pin_failures is 'Wrong PINs since the last right one; at 5 stations_admit refuses it until set back.';

create index access_credential_by_member on access_credential (member_id);

alter table access_event
    alter column device_id drop not null,
    add column credential_kind text not null default 'member_code',
    add column credential_id bigint,
    add column decided_by text not null default 'server',
    add column dwell_seconds integer,
    add column soft_reasons text[] not null default '{}',
    add column transaction_id xid8 not null default pg_current_xact_id(),
    add constraint access_event_credential_kind_is_known
        check (credential_kind in ('member_code', 'card', 'number', 'day_code', 'door_code')),
    add constraint access_event_decided_by_is_known check (decided_by in ('server', 'controller', 'nightly')),
    add constraint access_event_dwells_no_less_than_nothing check (dwell_seconds >= 0),
    add constraint access_event_soft_reasons_only_when_open check (open or cardinality(soft_reasons) = 0);
comment on column access_event.device_id is 'Null when a member''s own phone asked, or a job decided.';
comment on column access_event.dwell_seconds is 'On an accepted exit of a member who was inside: since the entry.';
comment on column access_event.soft_reasons is
    'What did not keep the door shut but would have: soft anti-passback, and everything while the station is unlocked.';
comment on column access_event.transaction_id is
    'The feed reads in the order of these, up to the oldest transaction still running, and so misses none that commits late.';

-- BRIN has no operators for xid8; in a B-tree new ids come last and the equal ones of a batch share an entry.
create index access_event_by_transaction on access_event (transaction_id);

-- The function of the same name with fewer arguments would stay beside the new one.
drop function if exists stations_admit(
    uuid[], bigint[], bigint[], text[], bigint[], bigint[], text[], timestamptz[], bytea[], bigint);
