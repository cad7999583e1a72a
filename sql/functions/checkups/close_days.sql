-- checkups_close_days: who had a place, and nobody ever said that they came.
--
-- Decides    of the confirmed places in sessions that ended longer than `patience` ago, the oldest `wanted`: they were not taken up. Until
--            then a list on paper may still be entered; after it, too, for who was missing may still be noted as having come.
-- Writes     the awards (through programs_move) and checkup_attendance.
-- Locks      program by id, then as programs_move does. Who is due is found first, and looked at again under the lock: meanwhile they may
--            have come, or have been given another time.
-- Returns    how many.
create or replace function checkups_close_days(patience interval, wanted integer, clock_offset_us bigint)
returns integer
language plpgsql
as $$
#variable_conflict use_column
declare
    instant timestamptz := clock_timestamp() + clock_offset_us * interval '1 microsecond';
    members bigint[];
    programs bigint[];
    moved integer;
begin
    select array_agg(due.member_id order by due.program_id, due.member_id), array_agg(due.program_id order by due.program_id, due.member_id)
    into members, programs
    from (
        select program_award.member_id, program_award.program_id
        from checkup_session
        join program_session using (program_id, number)
        join program on program.program_id = checkup_session.program_id
        join program_award
            on program_award.program_id = checkup_session.program_id
            and program_award.number = checkup_session.number
            and program_award.state = 'confirmed'
        where program_session.ends_at <= instant - patience and program.state in ('published', 'ended')
        order by program_session.ends_at, program_award.program_id, program_award.member_id
        limit wanted
    ) due;

    perform 1
    from program
    where program.program_id = any (programs)
    order by program.program_id
    for no key update;

    select array_agg(due.member_id order by due.program_id, due.member_id), array_agg(due.program_id order by due.program_id, due.member_id)
    into members, programs
    from unnest(members, programs) as due (member_id, program_id)
    join program_award using (member_id, program_id)
    join program_session using (program_id, number)
    where program_award.state = 'confirmed' and program_session.ends_at <= instant - patience;
    if members is null then
        return 0;
    end if;

    with outcome as (
        select members[change.ordinality] as member_id, programs[change.ordinality] as program_id
        from programs_move(
            members, programs, array(select 'no_show' from unnest(members)), array(select null::integer from unnest(members)),
            array(select 'the days are over' from unnest(members)), array(select 'job:checkups.close_days' from unnest(members)),
            clock_offset_us) change
        where change.outcome = 'moved'
    )
    insert into checkup_attendance (
        member_id, program_id, visit_id, number, came, is_walk_in, source, occurred_at, recorded_at, recorded_by)
    select
        program_award.member_id, program_award.program_id, checkup_session.visit_id, program_award.number, false,
        program_award.source = 'walk_in', 'job', program_session.starts_at, instant, 'job:checkups.close_days'
    from outcome
    join program_award using (member_id, program_id)
    join program_session using (program_id, number)
    join checkup_session using (program_id, number)
    order by program_award.member_id, program_award.program_id
    on conflict on constraint checkup_attendance_pkey do nothing;
    get diagnostics moved = row_count;
    return moved;
end
$$;
