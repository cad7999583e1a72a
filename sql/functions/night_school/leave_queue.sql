-- Takes one place out of the queues of these classes, whose seats are held. Those that are over have it no longer.
create or replace function night_school_leave_queue(class_ids bigint[], number bigint) returns void
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
begin
    with gone as (
        delete from class_queue
        where class_queue.class_id = any (class_ids) and class_queue.queue_number = number
        returning class_queue.class_id
    )
    update class_seat_count
    set waiting = class_seat_count.waiting - 1
    from gone
    where class_seat_count.class_id = gone.class_id;
end
$$;
