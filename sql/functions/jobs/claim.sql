-- jobs_claim: the next job of a slot for one worker, of the kinds that it knows.
--
-- Decides    which one: that which is due longest, the older of two. Leases that ran out come free first.
-- Locks      the job's row, passing over those that another worker is looking at.
-- Returns    the job; nothing when none is due.
create or replace function jobs_claim(
    job_slot integer, kinds text[], kinds_attempts_max integer[], holder text, lease_us bigint, clock_offset_us bigint
)
returns table (queued_job_id bigint, kind text, subject text, key text, attempt integer, attempts_max integer, fence bigint)
language plpgsql
as $$
declare
    moment timestamptz := clock_timestamp() + clock_offset_us * interval '1 microsecond';
    chosen bigint;
    chosen_kind text;
begin
    perform jobs_run_out(job_slot);

    select job.queued_job_id, job.kind into chosen, chosen_kind
    from queued_job job
    where job.slot = job_slot and job.state = 'queued' and job.due_at <= moment and job.kind = any(kinds)
    order by job.due_at, job.queued_job_id
    limit 1
    for no key update skip locked;

    if chosen is null then
        return;
    end if;
    return query
    select taken.*
    from jobs_take(job_slot, chosen, kinds_attempts_max[array_position(kinds, chosen_kind)], holder, lease_us) taken;
end
$$;
