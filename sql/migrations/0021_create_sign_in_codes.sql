-- One-time codes by which members sign in with their phone.
--
-- A row says that somebody asked for a code for a number; whether anybody has the number is not looked at before a job draws the code.
-- So asking takes the same work, and the same time, for numbers that are known and numbers that are not. The code itself stands nowhere.

create table sign_in_code (
    code_id bigint generated always as identity,
    phone_index bytea not null,
    language text not null,
    requested_at timestamptz not null,
    drawn_at timestamptz,
    code_digest bytea,
    expires_at timestamptz not null,
    tries integer not null default 0,
    used_at timestamptz,

    constraint sign_in_code_pkey primary key (code_id),
    constraint sign_in_code_index_has_32_bytes check (octet_length(phone_index) = 32),
    constraint sign_in_code_digest_has_32_bytes check (octet_length(code_digest) = 32),
    constraint sign_in_code_language_is_known check (language in ('zh', 'en')),
    constraint sign_in_code_is_drawn_with_its_digest check ((drawn_at is null) = (code_digest is null)),
    constraint sign_in_code_expires_after_it_was_asked_for check (expires_at > requested_at),
    constraint sign_in_code_has_at_most_5_tries check (tries between 0 and 5)
);

comment on table sign_in_code is 'Asked for by anybody; of a number only the newest one holds.';
comment on column sign_in_code.code_digest is
    'HMAC-SHA-256 of the phone''s index and the code under the key file''s secret; random bytes where nobody has the number.';
comment on column sign_in_code.tries is 'Codes given, right or wrong. After the fifth none is right.';

create index sign_in_code_of_number on sign_in_code (phone_index, code_id desc);
create index sign_in_code_to_draw on sign_in_code (code_id) where drawn_at is null;
create index sign_in_code_by_end on sign_in_code (expires_at);
