-- Which master keys the key file has had: a file that lacks one of them is an old copy, and a number stands for one key.

create table master_key (
    master_key_id integer not null,
    fingerprint bytea not null,
    created_at timestamptz not null default now(),
    destroyed_at timestamptz,

    constraint master_key_pkey primary key (master_key_id),
    constraint master_key_id_has_two_bytes check (master_key_id between 1 and 65535),
    constraint master_key_fingerprint_has_32_bytes check (octet_length(fingerprint) = 32)
);

comment on table master_key is 'Written by the first who opens the database with a key, and by waystation keys rotate.';
comment on column master_key.fingerprint is 'HMAC-SHA-256 under the key itself: tells one from another and nothing more.';
comment on column master_key.destroyed_at is 'Nothing is sealed under it any more, and the key file was written without it.';
