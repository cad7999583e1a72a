-- programs_publish: gives the winners of a run their places.
--
-- Decides    by programs_hold, session by session: a run gives no more than there is, so the order takes nothing from anybody, and each
--            session's row is written a few times only. Who was merged into another member since the run has the place under the number
--            that goes on.
-- Locks      publications of the program's family and period, to the end of the transaction; then those of programs_hold. The caller
--            holds the program, which is published by now. Winners come session by session, so two publications would enter the benefits
--            of those who won in both in different orders, and each could wait for the other.
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
    perform pg_advisory_xact_lock(hashtextextended('programs_publish ' || program.family || '/' || program.period, 0))
    from program
    where program.program_id = of_program and program.family is not null;

    select
        array_agg(coalesce(member.merged_into, member.member_id) order by program_result.number, program_result.place),
        array_agg(program_result.number order by program_result.number, program_result.place)
    into members, numbers
    from program_result
    join member on member.member_id = program_result.member_id
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
