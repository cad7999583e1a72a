-- How often something was tried of late: codes asked for, passwords given, personal data read.

create table attempt_limit (
    kind text not null,
    subject bytea not null,
    taken_at timestamptz[] not null default '{}',
    forgotten_at timestamptz not null default '-infinity',

    constraint attempt_limit_pkey primary key (kind, subject),
    constraint attempt_limit_subject_has_32_bytes check (octet_length(subject) = 32)
);

comment on table attempt_limit is 'The moments of the latest attempts of one kind by one subject: at most as many as the limit allows.';
comment on column attempt_limit.subject is 'HMAC-SHA-256 of a phone''s index, an address or a name, under the key file''s secret.';
comment on column attempt_limit.forgotten_at is 'When the latest attempt stops counting.';

create index attempt_limit_by_end on attempt_limit (forgotten_at);
