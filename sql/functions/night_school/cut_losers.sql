-- night_school_cut_losers: who would lose their seat if a class had only so many?
--
-- Decides    first who has an offer and has not confirmed it, the last offered first; then the last to have been seated, of those seated by
--            one draw the last in its order.
-- Locks      nothing: the caller holds the course.
-- Returns    one row a loser, rank 1 for who loses first; none where nobody would.
create or replace function night_school_cut_losers(class bigint, left_seats integer)
returns table (rank integer, member_id bigint, enrolment_id bigint)
language plpgsql stable
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
begin
    return query
    select
        row_number() over (
            order by enrolment.state = 'seated', enrolment.changed_at desc, enrolment.draw_place desc, enrolment.enrolment_id desc
        )::integer as rank,
        enrolment.member_id, enrolment.enrolment_id
    from enrolment
    where enrolment.class_id = class and enrolment.state in ('seated', 'offered')
    order by rank
    limit greatest(0, (
        select seat.seated + seat.offered - left_seats
        from class_seat_count seat
        where seat.class_id = class));
end
$$;
