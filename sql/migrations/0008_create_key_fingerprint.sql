-- Which key file this database's personal data was sealed with. A server with another one would show nobody and seal new
-- persons so that the others could not read them; it refuses to start instead.

create table key_fingerprint (
    is_only_row boolean not null default true,
    fingerprint bytea not null,
    created_at timestamptz not null default now(),

    constraint key_fingerprint_pkey primary key (is_only_row),
    constraint key_fingerprint_has_one_row check (is_only_row),
    constraint key_fingerprint_has_32_bytes check (octet_length(fingerprint) = 32)
);

comment on table key_fingerprint is 'HMAC-SHA-256 of a fixed text under the key file''s blind-index secret, which never changes.';
