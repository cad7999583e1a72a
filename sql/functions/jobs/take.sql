-- jobs_take: a certain job for one worker.
--
-- Decides    whether the job waits: then it is the worker's, for so long, under a fence that nobody had before.
-- Locks      the job's row, until the transaction ends.
-- Returns    the job; nothing when it does not wait (any more).
create or replace function jobs_take(
    job_slot integer, job_id bigint, job_attempts_max integer, holder text, lease_us bigint
)
returns table (queued_job_id bigint, kind text, subject text, key text, attempt integer, attempts_max integer, fence bigint)
language sql
as $$
    update queued_job job
    set
        state = 'running',
        attempts = job.attempts + 1,
        attempts_max = greatest(job_attempts_max, job.attempts + 1),
        fence = job.fence + 1,
        leased_by = holder,
        leased_until = clock_timestamp() + lease_us * interval '1 microsecond',
        heartbeat_at = clock_timestamp(),
        started_at = clock_timestamp(),
        progress_done = null,
        progress_total = null,
        progress_phase = null
    where job.slot = job_slot and job.queued_job_id = job_id and job.state = 'queued'
    returning job.queued_job_id, job.kind, job.subject, job.key, job.attempts, job.attempts_max, job.fence
$$;
