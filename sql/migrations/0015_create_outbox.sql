-- Events for the world outside, written in the transaction of what they tell: none for work that was rolled back, none lost.

create table outbox_event (
    event_id bigint generated always as identity,
    event_uuid uuid not null default gen_random_uuid(),
    transaction_id xid8 not null default pg_current_xact_id(),
    type text not null,
    subject text not null,
    organization_id bigint,
    data text,
    data_sealed bytea,
    expires_at timestamptz,
    occurred_at timestamptz not null default clock_timestamp(),

    constraint outbox_event_pkey primary key (event_id),
    constraint outbox_event_is_open_or_sealed check (data is null or data_sealed is null)
);

comment on table outbox_event is 'What happened, for the receivers of webhooks. Numbers only; who may read more asks the API.';
comment on column outbox_event.transaction_id is
    'Readers take events of ended transactions only, in the order of (transaction_id, event_id).';
comment on column outbox_event.data_sealed is
    'A message that holds personal data, sealed by the key file; wiped once delivered or expired.';
comment on column outbox_event.expires_at is 'After this nobody wants it any more: a one-time code.';

create index outbox_event_feed on outbox_event (transaction_id, event_id);
