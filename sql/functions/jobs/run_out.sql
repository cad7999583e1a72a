-- jobs_run_out: takes leases that ran out from whoever died or froze with them.
--
-- Decides    what becomes of such a job: it waits again, at once; it is cancelled when that was asked; it is dead after its last attempt,
--            so that a job which kills its server does not kill one after the other.
-- Locks      the jobs, passing over those that a transaction holds: one that is just completing keeps its job until it ends.
-- Returns    how many.
create or replace function jobs_run_out(job_slot integer)
returns integer
language plpgsql
as $$
declare
    moment timestamptz := clock_timestamp();
    counted integer;
begin
    with ran_out as materialized (
        select job.queued_job_id
        from queued_job job
        where job.slot = job_slot and job.state = 'running' and job.leased_until < moment
        order by job.leased_until, job.queued_job_id
        limit 100
        for no key update skip locked
    )
    update queued_job job
    set
        state = case when job.cancel_asked then 'cancelled' when job.attempts >= job.attempts_max then 'dead' else 'queued' end,
        finished_at = case when job.cancel_asked or job.attempts >= job.attempts_max then moment end,
        failure = 'lease_ran_out',
        leased_by = null,
        leased_until = null
    from ran_out
    where job.slot = job_slot and job.queued_job_id = ran_out.queued_job_id;
    get diagnostics counted = row_count;
    return counted;
end
$$;
