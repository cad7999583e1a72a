-- Recurring jobs: fences, rests after failures, and what operators ask of them.

alter table job
    add column interval_ms bigint,
    add column fence bigint not null default 0,
    add column heartbeat_at timestamptz,
    add column failures_in_row integer not null default 0,
    add column state text not null default 'active',
    add column asked_at timestamptz,
    add constraint job_state_is_known check (state in ('active', 'stopped')),
    add constraint job_fence_is_not_negative check (fence >= 0),
    add constraint job_failures_are_counted check (failures_in_row between 0 and failures),
    add constraint job_interval_is_positive check (interval_ms > 0);

comment on column job.due_at is 'After failures, not before this time: an hour''s trouble is not met by trying each second.';
comment on column job.fence is 'Rises with every lease: who holds an older one can change nothing any more.';
comment on column job.state is 'stopped: no server runs it until an operator starts it again.';
comment on column job.asked_at is 'An operator wants a run at once; the server that begins it clears this.';
