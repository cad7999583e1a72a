-- Devices at the doors: paired by a one-time code, then known by a key.

create table device_pairing (
    pairing_id bigint generated always as identity,
    name text not null,
    profile text not null,
    code_digest bytea not null,
    created_by text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz,

    constraint device_pairing_pkey primary key (pairing_id),
    constraint device_pairing_code_is_unique unique (code_digest),
    constraint device_pairing_name_has_1_to_100_characters check (char_length(name) between 1 and 100),
    constraint device_pairing_profile_is_known check (profile in ('door', 'guard')),
    constraint device_pairing_code_digest_has_32_bytes check (octet_length(code_digest) = 32),
    constraint device_pairing_expires_after_it_was_made check (expires_at > created_at)
);

comment on table device_pairing is 'A code shown once to the owner, typed once into a device.';
comment on column device_pairing.code_digest is
    'HMAC-SHA-256 of the code under the key file''s secret: the code is too short for a plain hash.';

create table device (
    device_id bigint generated always as identity,
    pairing_id bigint not null,
    name text not null,
    profile text not null,
    key_sha256 bytea not null,
    created_at timestamptz not null default now(),
    key_issued_at timestamptz not null default now(),
    revoked_at timestamptz,

    constraint device_pkey primary key (device_id),
    constraint device_pairing_exists foreign key (pairing_id) references device_pairing (pairing_id),
    constraint device_pairing_is_used_once unique (pairing_id),
    constraint device_key_is_unique unique (key_sha256),
    constraint device_key_digest_has_32_bytes check (octet_length(key_sha256) = 32),
    constraint device_name_has_1_to_100_characters check (char_length(name) between 1 and 100),
    constraint device_profile_is_known check (profile in ('door', 'guard'))
);

comment on table device is 'A controller, gate or counter with a key of its own; the profile names the calls it may make.';
comment on column device.key_sha256 is 'SHA-256 of the key in force: rolling replaces it and the old key ends at once.';
