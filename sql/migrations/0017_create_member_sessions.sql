-- Sessions of members who signed in with their phone.

create table member_session (
    session_id bigint generated always as identity,
    member_id bigint not null,
    token_sha256 bytea not null,
    device_name text,
    created_at timestamptz not null default now(),
    seen_at timestamptz not null default now(),
    expires_at timestamptz not null,
    ended_at timestamptz,

    constraint member_session_pkey primary key (session_id),
    constraint member_session_member_exists foreign key (member_id) references member (member_id),
    constraint member_session_token_is_unique unique (token_sha256),
    constraint member_session_digest_has_32_bytes check (octet_length(token_sha256) = 32),
    constraint member_session_expires_after_it_began check (expires_at > created_at)
);

comment on table member_session is 'Found by the SHA-256 of its token (wsm_…), as device keys are.';

create index member_session_of_member on member_session (member_id, session_id);
