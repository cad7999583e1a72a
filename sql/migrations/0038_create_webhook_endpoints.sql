-- Receivers of webhooks, and what each was or is to be sent.

create table webhook_endpoint (
    endpoint_id bigint generated always as identity,
    organization_id bigint,
    url text not null,
    description text not null,
    event_types text[] not null,
    state text not null,
    disabled_reason text,
    secret_sealed bytea not null,
    previous_secret_sealed bytea,
    previous_secret_until timestamptz,
    failures integer not null default 0,
    resume_at timestamptz not null default '-infinity',
    created_by text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,

    constraint webhook_endpoint_pkey primary key (endpoint_id),
    constraint webhook_endpoint_organization_exists foreign key (organization_id) references organization (organization_id),
    constraint webhook_endpoint_state_is_known check (state in ('active', 'paused', 'disabled')),
    constraint webhook_endpoint_disabled_has_a_reason check ((state = 'disabled') = (disabled_reason is not null)),
    constraint webhook_endpoint_url_has_1_to_2048_characters check (char_length(url) between 1 and 2048),
    constraint webhook_endpoint_description_has_at_most_200_characters check (char_length(description) <= 200),
    constraint webhook_endpoint_previous_secret_has_an_end check ((previous_secret_sealed is null) = (previous_secret_until is null))
);

comment on column webhook_endpoint.organization_id is 'Gets the events of this subtree; null gets all.';
comment on column webhook_endpoint.event_types is 'Only these; empty is all but the sealed messages, which must be named.';
comment on column webhook_endpoint.previous_secret_sealed is 'Signs too until it ends, so that a receiver can change over.';
comment on column webhook_endpoint.resume_at is 'Nobody was there lately: no try before this. Grows with the failures in a row.';
comment on column webhook_endpoint.disabled_reason is 'gone: the receiver answered 410.';

create table webhook_delivery (
    delivery_id bigint generated always as identity,
    endpoint_id bigint not null,
    event_id bigint not null,
    subject text not null,
    state text not null default 'waiting',
    attempts integer not null default 0,
    due_at timestamptz not null default clock_timestamp(),
    leased_until timestamptz,
    last_status integer,
    last_error text,
    last_answer text,
    last_attempt_at timestamptz,
    ended_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),

    constraint webhook_delivery_pkey primary key (delivery_id),
    constraint webhook_delivery_endpoint_exists foreign key (endpoint_id) references webhook_endpoint (endpoint_id),
    constraint webhook_delivery_state_is_known check (state in ('waiting', 'delivered', 'dead', 'dropped')),
    constraint webhook_delivery_ended_has_a_time check ((state = 'waiting') = (ended_at is null)),
    constraint webhook_delivery_answer_has_at_most_4096_bytes check (octet_length(last_answer) <= 4096)
) with (fillfactor = 80);

comment on table webhook_delivery is 'One event for one receiver. A later one of the same subject waits for the earlier one''s end.';
comment on column webhook_delivery.state is
    'dead: the last try failed too, it can be sent again by hand. dropped: nobody wants it any more (expired, receiver deleted).';
comment on column webhook_delivery.event_id is 'No foreign key: events are swept after some days, the log of deliveries stays longer.';

create index webhook_delivery_waiting_of_subject on webhook_delivery (endpoint_id, subject, delivery_id) where state = 'waiting';
create index webhook_delivery_waiting on webhook_delivery (endpoint_id, delivery_id) where state = 'waiting';
create index webhook_delivery_of_endpoint on webhook_delivery (endpoint_id, delivery_id);
create index webhook_delivery_of_event on webhook_delivery (event_id, endpoint_id);
