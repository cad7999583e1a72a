-- Where a name was signed in from of late: whoever guesses elsewhere does not lock its owner out there.

create table password_origin (
    subject bytea not null,
    name_subject bytea not null,
    succeeded_at timestamptz not null,

    constraint password_origin_pkey primary key (subject),
    constraint password_origin_subjects_have_32_bytes check (octet_length(subject) = 32 and octet_length(name_subject) = 32)
);

comment on table password_origin is
    'At most five of a name, the latest. No foreign key: a name that nobody has is looked up like one that somebody has.';
comment on column password_origin.subject is 'HMAC-SHA-256 of name and address under the key file''s secret, as in attempt_limit.';
comment on column password_origin.name_subject is 'The same of the name alone.';

create index password_origin_of_name on password_origin (name_subject, succeeded_at);
create index password_origin_by_age on password_origin (succeeded_at);
