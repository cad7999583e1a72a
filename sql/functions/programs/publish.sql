-- programs_publish: gives the winners of a run their places.
--
-- Decides    by programs_hold, session by session: a run gives no more than there is, so the order takes nothing from anybody, and each
--            session's row is written a few times only.
-- Locks      those of programs_hold; the caller holds the program, which is published by now.
-- Returns    how many places are held, and how many winners could not have theirs any more.
-- Batches    256 winners at a time, for programs_hold joins by nested loops.
create or replace function programs_publish(of_program bigint, of_run integer, publisher text, clock_offset_us bigint)
returns table (
    held bigint,
    dropped bigint)
language plpgsql
set plan_cache_mode = force_generic_plan
set jit = off
as $$
#variable_conflict use_column
declare
    members bigint[];
    numbers integer[];
    batch_members bigint[];
    batch_numbers integer[];
    given bigint := 0;
    part bigint;
begin
    select
        array_agg(program_result.member_id order by program_result.number, program_result.place),
        array_agg(program_result.number order by program_result.number, program_result.place)
    into members, numbers
    from program_result
    where program_result.program_id = of_program and program_result.run_number = of_run and program_result.number is not null;

    for start in 1..coalesce(cardinality(members), 0) by 256 loop
        batch_members := members[start:start + 255];
        batch_numbers := numbers[start:start + 255];
        select count(*) filter (where outcome in ('held', 'unchanged'))
        into part
        from programs_hold(
            batch_members,
            array_fill(of_program, array[cardinality(batch_members)]),
            batch_numbers,
            array_fill('offered'::text, array[cardinality(batch_members)]),
            array_fill('run'::text, array[cardinality(batch_members)]),
            array_fill(of_run, array[cardinality(batch_members)]),
            array_fill(null::text, array[cardinality(batch_members)]),
            array_fill(publisher, array[cardinality(batch_members)]),
            clock_offset_us);
        given := given + part;
    end loop;
    return query select given, coalesce(cardinality(members), 0) - given;
end
$$;
