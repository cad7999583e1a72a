-- Accounts of organizers and their bearer tokens.

create table account (
    account_id bigint generated always as identity,
    role text not null,
    name text not null,
    created_at timestamptz not null default now(),
    disabled_at timestamptz,

    constraint account_pkey primary key (account_id),
    constraint account_role_is_known check (role in ('owner')),
    constraint account_name_has_1_to_100_characters check (char_length(name) between 1 and 100),
    constraint account_name_is_unique unique (name)
);

comment on table account is 'A person who shares out. The owner may everything; further roles come with the organizers.';

create table account_token (
    token_sha256 bytea not null,
    account_id bigint not null,
    created_at timestamptz not null default now(),
    revoked_at timestamptz,

    constraint account_token_pkey primary key (token_sha256),
    constraint account_token_account_exists foreign key (account_id) references account (account_id),
    constraint account_token_digest_has_32_bytes check (octet_length(token_sha256) = 32)
);

comment on table account_token is 'Bearer tokens, of which only the SHA-256 is kept: 32 random bytes need no salt and no slow hash.';

create index account_token_of_account on account_token (account_id);
