-- Takes an application back.
--
-- Decides    by the rows under lock and by this database's clock plus clock_offset_us, as programs_apply does.
-- Locks      the program, shared; then the application; then the program's count.
-- Returns    withdrawn | already (withdrawn before) | not_applied | program.not_found | program.not_open | program.closed
create or replace function programs_withdraw(of_member bigint, of_program bigint, clock_offset_us bigint)
returns text
language plpgsql
as $$
declare
    instant timestamptz := clock_timestamp() + clock_offset_us * interval '1 microsecond';
    wanted program;
    present text;
begin
    select * into wanted from program where program_id = of_program;
    if wanted.program_id is null or wanted.state = 'draft' then return 'program.not_found'; end if;
    if wanted.state not in ('announced', 'open') or wanted.closes_at <= instant then return 'program.closed'; end if;

    select * into wanted from program where program_id = of_program for share;
    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';
    if wanted.state not in ('announced', 'open') or wanted.closes_at <= instant then return 'program.closed'; end if;
    if wanted.opens_at > instant then return 'program.not_open'; end if;

    select state into present
    from program_application
    where member_id = of_member and program_id = of_program
    for no key update;
    if present is null then return 'not_applied'; end if;
    if present = 'withdrawn' then return 'already'; end if;

    update program_application
    set state = 'withdrawn', changed_at = instant
    where member_id = of_member and program_id = of_program;
    perform programs_count_applicants(array[of_program], -1);
    return 'withdrawn';
end
$$;
