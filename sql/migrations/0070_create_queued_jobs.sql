-- Queued jobs: one piece of work each, done once, by whichever server takes it.

create table queued_job (
    queued_job_id bigint generated always as identity,
    slot smallint not null,
    kind text not null,
    subject text not null,
    key text not null,
    state text not null default 'queued',
    due_at timestamptz not null,
    attempts integer not null default 0,
    attempts_max integer not null default 1,
    fence bigint not null default 0,
    leased_by text,
    leased_until timestamptz,
    heartbeat_at timestamptz,
    progress_done bigint,
    progress_total bigint,
    progress_phase text,
    failure text,
    cancel_asked boolean not null default false,
    requested_by text not null,
    created_at timestamptz not null default clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,

    constraint queued_job_pkey primary key (slot, queued_job_id),
    constraint queued_job_is_queued_once unique (slot, subject, kind, key),
    constraint queued_job_slot_is_one_of_sixteen check (slot between 0 and 15),
    constraint queued_job_names_are_short check (
        length(kind) between 1 and 100 and length(subject) between 1 and 200 and length(key) between 1 and 200
    ),
    constraint queued_job_state_is_known check (state in ('queued', 'running', 'done', 'dead', 'cancelled')),
    constraint queued_job_lease_has_a_holder_and_an_end check ((leased_by is null) = (leased_until is null)),
    constraint queued_job_runs_under_a_lease check ((state = 'running') = (leased_by is not null)),
    constraint queued_job_that_ended_says_when check ((state in ('done', 'dead', 'cancelled')) = (finished_at is not null)),
    constraint queued_job_that_is_dead_says_why check (state <> 'dead' or failure is not null),
    constraint queued_job_attempts_are_counted check (attempts >= 0 and attempts_max >= 1),
    constraint queued_job_fence_is_not_negative check (fence >= 0),
    constraint queued_job_progress_is_part_of_a_whole check (
        (progress_done is null) = (progress_total is null)
        and (progress_done is null) = (progress_phase is null)
        and progress_done between 0 and progress_total
    ),
    constraint queued_job_failure_is_a_kind_of_error check (length(failure) between 1 and 200),
    constraint queued_job_due_at_is_finite check (isfinite(due_at))
);

comment on table queued_job is 'Work that was asked for. Its effect and its end are one transaction.';
comment on column queued_job.slot is 'The first byte of the subject''s SHA-256, modulo 16: what every claim carries as an equality.';
comment on column queued_job.subject is 'What the work is about: program:12. Never personal data.';
comment on column queued_job.key is 'Names the work among those of its kind and subject: the same work is queued once, for ever.';
comment on column queued_job.due_at is 'Not before this time of the service''s clock, which --clock-offset moves.';
comment on column queued_job.attempts_max is 'Of the handler that had it last.';
comment on column queued_job.fence is 'Rises with every lease: who holds an older one can no longer end the job.';
comment on column queued_job.leased_until is 'By the database''s own clock. A server that dies leaves its lease to run out.';
comment on column queued_job.failure is 'The kind of the last error, or the code of a refusal; never a text with data.';

create index queued_job_due on queued_job (slot, due_at, queued_job_id) where state = 'queued';
create index queued_job_leased on queued_job (slot, leased_until, queued_job_id) where state = 'running';
create index queued_job_dead on queued_job (slot, queued_job_id) where state = 'dead';
create index queued_job_by_id on queued_job (queued_job_id);
create index queued_job_by_requester on queued_job (requested_by, queued_job_id);
