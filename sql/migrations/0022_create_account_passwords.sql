-- Organizers sign in by name and password; each token is a session that can be listed and ended.

create table account_password (
    account_id bigint not null,
    salt bytea not null,
    derived_key bytea not null,
    cost_n integer not null,
    block_size_r integer not null,
    parallelism_p integer not null,
    changed_at timestamptz not null default now(),

    constraint account_password_pkey primary key (account_id),
    constraint account_password_account_exists foreign key (account_id) references account (account_id),
    constraint account_password_salt_has_16_bytes check (octet_length(salt) = 16),
    constraint account_password_key_has_32_bytes check (octet_length(derived_key) = 32),
    constraint account_password_cost_is_a_power_of_two check (cost_n > 1 and (cost_n & (cost_n - 1)) = 0)
);

comment on table account_password is 'An account without one signs in by an invitation, or has tokens from the command line only.';
comment on column account_password.derived_key is 'scrypt of the password, which is keyed by the key file''s secret before.';

create table account_invitation (
    account_id bigint not null,
    code_digest bytea not null,
    created_by text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,

    constraint account_invitation_pkey primary key (account_id),
    constraint account_invitation_account_exists foreign key (account_id) references account (account_id),
    constraint account_invitation_code_is_unique unique (code_digest),
    constraint account_invitation_digest_has_32_bytes check (octet_length(code_digest) = 32),
    constraint account_invitation_expires_after_it_was_made check (expires_at > created_at)
);

comment on table account_invitation is 'A code by which an organizer sets a password, once; a new one replaces the one before.';

alter table account
    add column disabled_by text,
    add constraint account_end_has_an_author check (disabled_at is not null or disabled_by is null);

alter table account_token
    add column session_id bigint generated always as identity,
    add column made_by text not null default 'command',
    add column device_name text,
    add column seen_at timestamptz,
    add column expires_at timestamptz,
    add constraint account_token_session_is_unique unique (session_id),
    add constraint account_token_maker_is_known check (made_by in ('command', 'password', 'invitation')),
    add constraint account_token_device_name_has_1_to_100_characters check (char_length(device_name) between 1 and 100),
    add constraint account_token_expires_after_it_was_made check (expires_at > created_at);

comment on column account_token.session_id is 'What a list shows and what is ended by: the digest itself is shown nowhere.';
comment on column account_token.expires_at is 'Null for tokens that the command line made.';

alter table member_session
    add constraint member_session_device_name_has_1_to_100_characters check (char_length(device_name) between 1 and 100);
