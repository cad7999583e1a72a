-- Gives places that nobody holds back from a part to the program that it has them from.
--
-- Decides    by the rows as they are under the locks: a place that an award holds stays.
-- Locks      the parent, then the part (a parent is older than its parts), then their sessions by program and number.
-- Returns    the places that went back; null when there is no such part.
create or replace function programs_return_places(part bigint, done_by text, clock_offset_us bigint)
returns integer
language plpgsql
as $$
declare
    parent bigint;
    unused integer;
begin
    select parent_id into parent from program where program_id = part;
    if parent is null then
        return null;
    end if;
    perform from program where program_id in (parent, part) order by program_id for no key update;
    perform from program_session where program_id in (parent, part) order by program_id, number for no key update;

    select quota - taken into unused from program where program_id = part;
    with given as (
        select number, title, capacity - taken as seats from program_session where program_id = part and capacity > taken
    ),
    shrunk as (
        update program_session
        set capacity = taken, walk_in = least(walk_in, taken)
        from given
        where program_session.program_id = part and program_session.number = given.number
    )
    update program_session
    set capacity = capacity + given.seats
    from given
    where program_session.program_id = parent and program_session.title = given.title;
    update program set quota = taken, version = version + 1 where program_id = part;
    update program set quota = quota + unused, version = version + 1 where program_id = parent;
    insert into program_event (program_id, step, state_before, state_after, details, done_by, occurred_at)
    select
        program_id, case program_id when part then 'places_returned' else 'places_received' end, state, state,
        jsonb_build_object('places', unused, 'part', part), done_by, clock_timestamp() + clock_offset_us * interval '1 microsecond'
    from program
    where program_id in (parent, part);
    return unused;
end
$$;
