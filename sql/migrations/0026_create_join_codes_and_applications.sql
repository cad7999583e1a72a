-- The code by which people join an organization (一会一码), and what becomes of who scans it.

create table organization_join_code (
    code text not null,
    organization_id bigint not null,
    state text not null default 'open',
    created_by text not null,
    created_at timestamptz not null default now(),
    ended_by text,
    ended_at timestamptz,

    constraint organization_join_code_pkey primary key (code),
    constraint organization_join_code_organization_exists foreign key (organization_id) references organization (organization_id),
    constraint organization_join_code_state_is_known check (state in ('open', 'rotated', 'disabled')),
    constraint organization_join_code_end_has_a_time check ((state = 'open') = (ended_at is null)),
    constraint organization_join_code_has_8_characters check (code ~ '^[2-9A-HJ-NP-TV-Y]{8}$')
);

comment on table organization_join_code is 'Short codes that stand on posters: no secret. An ended one is never given out again.';

create unique index organization_join_code_is_one_at_a_time on organization_join_code (organization_id) where state = 'open';

create table member_application (
    application_id bigint generated always as identity,
    organization_id bigint not null,
    member_id bigint not null,
    source text not null,
    state text not null,
    consents text[] not null,
    secret_digest bytea,
    request_digest bytea,
    fingerprint bytea,
    submissions integer not null default 1,
    submitted_at timestamptz not null,
    decided_by text,
    decided_at timestamptz,
    reject_reason text,
    version integer not null default 1,

    constraint member_application_pkey primary key (application_id),
    constraint member_application_organization_exists foreign key (organization_id) references organization (organization_id),
    constraint member_application_member_exists foreign key (member_id) references member (member_id),
    constraint member_application_source_is_known check (source in ('join_code', 'return', 'filing')),
    constraint member_application_state_is_known check (state in ('pending', 'approved', 'rejected', 'withdrawn')),
    constraint member_application_decision_has_a_time
        check ((state = 'pending') = (decided_at is null) and (state = 'pending') = (decided_by is null)),
    constraint member_application_rejection_has_a_reason check ((state = 'rejected') = (reject_reason is not null)),
    constraint member_application_secret_is_unique unique (secret_digest),
    constraint member_application_request_is_unique unique (request_digest),
    constraint member_application_secret_digest_has_32_bytes check (octet_length(secret_digest) = 32),
    constraint member_application_request_digest_has_32_bytes check (octet_length(request_digest) = 32),
    constraint member_application_request_has_a_fingerprint check ((request_digest is null) = (fingerprint is null)),
    constraint member_application_fingerprint_has_32_bytes check (octet_length(fingerprint) = 32)
);

comment on table member_application is 'Who asked to become a member, and what was decided. Personal data stands with the member.';
comment on column member_application.member_id is
    'Provisional while pending. Of a rejected newcomer nothing is kept but this number; who submits again gets another.';
comment on column member_application.source is
    'join_code: somebody new scanned a code; return: somebody who had left scanned one; filing: an enterprise filed its people.';
comment on column member_application.secret_digest is 'SHA-256 of what the applicant shows to learn the state; 32 bytes need no salt.';
comment on column member_application.request_digest is
    'HMAC of the Idempotency-Key: whoever repeats the request gets the same application, for ever.';

create unique index member_application_is_one_at_a_time on member_application (member_id) where state = 'pending';
create index member_application_of_organization on member_application (organization_id, application_id);
create index member_application_pending on member_application (application_id) where state = 'pending';
create index member_application_of_member on member_application (member_id);
