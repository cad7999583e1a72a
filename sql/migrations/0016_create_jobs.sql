-- Jobs: what runs by itself, on one server at a time.

create table job (
    name text not null,
    leased_by text,
    leased_until timestamptz,
    due_at timestamptz not null default '-infinity',
    started_at timestamptz,
    finished_at timestamptz,
    failed_at timestamptz,
    failure text,
    runs bigint not null default 0,
    failures bigint not null default 0,

    constraint job_pkey primary key (name),
    constraint job_lease_has_a_holder check ((leased_by is null) = (leased_until is null))
);

comment on table job is 'A job''s lease and how its last run went.';
comment on column job.leased_until is 'A server that dies leaves its lease to run out; the next owner continues.';
