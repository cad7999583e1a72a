-- What a repeated POST is answered with: written in the transaction of its effect, so there is never one without the other.

create table idempotency_key (
    principal text not null,
    key text not null,
    fingerprint bytea not null,
    answer_sealed bytea,
    created_at timestamptz not null default now(),

    constraint idempotency_key_pkey primary key (principal, key),
    constraint idempotency_key_has_1_to_255_characters check (char_length(key) between 1 and 255),
    constraint idempotency_key_fingerprint_has_32_bytes check (octet_length(fingerprint) = 32)
);

comment on table idempotency_key is 'The first answer to a POST, for everyone who repeats it with the same key. Kept at least 72 hours.';
comment on column idempotency_key.fingerprint is 'SHA-256 of method, path and body: another request under the same key is refused.';
comment on column idempotency_key.answer_sealed is
    'Status, type and body, sealed, because an answer can hold a secret; null only inside the first transaction.';

create index idempotency_key_by_age on idempotency_key (created_at);
