-- Ends an enrolment of somebody who takes part no more, whose course is held: what came free is offered to who waits.
-- Returns how many ended: an application whose draw is at hand is left to the draw, which passes over who has left.
create or replace function night_school_leave(gone enrolment, why text, done_by text, clock_offset_us bigint) returns integer
language plpgsql
set plan_cache_mode = force_generic_plan
as $$
begin
    return (
        select count(*)
        from night_school_move_enrolments(
            array[gone.member_id], array[gone.enrolment_id],
            array[case when gone.state = 'offered' then 'declined' else 'withdrawn' end], array[why], done_by, clock_offset_us) moved
        where moved.outcome = 'moved');
end
$$;
