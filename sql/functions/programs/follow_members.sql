-- programs_follow_members: what becomes of the places of people who are no members any more?
--
-- Decides    of the places in sessions that have not begun, at most `wanted`, the soonest first: whether the member has left, as who was
--            erased or merged into another has, too. The place is taken back, for the waitlist. Who was merged goes on under another
--            number: that one has the place instead, in the same state, if it may have it and has none.
-- Writes     through programs_move and programs_hold: the award of who left is withdrawn, with the reason.
-- Locks      program by id, then as they do. Who is due is found first, and looked at again under the lock.
-- Returns    how many places were taken back; asked again, it finds those that are left.
create or replace function programs_follow_members(wanted integer, clock_offset_us bigint)
returns integer
language plpgsql
as $$
#variable_conflict use_column
declare
    instant timestamptz := clock_timestamp() + clock_offset_us * interval '1 microsecond';
    leavers bigint[];
    programs bigint[];
    heirs bigint[];
    places integer[];
    was text[];
    origins text[];
    runs integer[];
    causes text[];
    taken_back integer[];
begin
    select array_agg(due.member_id order by due.program_id, due.member_id), array_agg(due.program_id order by due.program_id, due.member_id)
    into leavers, programs
    from (
        select program_award.member_id, program_award.program_id
        from program_session
        join program on program.program_id = program_session.program_id
        join program_award
            on program_award.program_id = program_session.program_id
            and program_award.number = program_session.number
            and program_award.state in ('placed', 'offered', 'confirmed')
        join member on member.member_id = program_award.member_id
        where program_session.starts_at > instant
            and program.state in ('published', 'ended')
            and member.status = 'left'
        order by program_session.starts_at, program_award.program_id, program_award.member_id
        limit wanted
    ) due;
    if leavers is null then
        return 0;
    end if;

    perform 1
    from program
    where program.program_id = any (programs)
    order by program.program_id
    for no key update;

    select
        array_agg(due.member_id order by due.program_id, due.member_id), array_agg(due.program_id order by due.program_id, due.member_id),
        array_agg(member.merged_into order by due.program_id, due.member_id),
        array_agg(program_award.number order by due.program_id, due.member_id),
        array_agg(program_award.state order by due.program_id, due.member_id),
        array_agg(
            case program_award.source when 'walk_in' then 'walk_in' else 'organizer' end order by due.program_id, due.member_id),
        array_agg(program_award.run_number order by due.program_id, due.member_id),
        array_agg(
            case
                when member.merged_into is not null then 'member_merged'
                when member.erased_at is not null then 'member_erased'
                else 'member_left'
            end
            order by due.program_id, due.member_id)
    into leavers, programs, heirs, places, was, origins, runs, causes
    from unnest(leavers, programs) as due (member_id, program_id)
    join program_award on program_award.member_id = due.member_id and program_award.program_id = due.program_id
    join member on member.member_id = due.member_id
    where program_award.state in ('placed', 'offered', 'confirmed') and member.status = 'left';
    if leavers is null then
        return 0;
    end if;

    select array_agg(change.ordinality order by change.ordinality)
    into taken_back
    from programs_move(
        leavers, programs, array(select 'withdrawn' from unnest(leavers)), array(select null::integer from unnest(leavers)), causes,
        array(select 'job:programs.follow_members' from unnest(leavers)), clock_offset_us) change
    where change.outcome = 'moved';

    perform 1
    from (
        select
            array_agg(heirs[n] order by n) as members, array_agg(programs[n] order by n) as of_programs,
            array_agg(places[n] order by n) as numbers, array_agg(was[n] order by n) as states,
            array_agg(origins[n] order by n) as sources, array_agg(runs[n] order by n) as run_numbers,
            array_agg(causes[n] order by n) as reasons
        from unnest(taken_back) as n
        where heirs[n] is not null
    ) passed
    cross join lateral programs_hold(
        passed.members, passed.of_programs, passed.numbers, passed.states, passed.sources, passed.run_numbers, passed.reasons,
        array(select 'job:programs.follow_members' from unnest(passed.members)), clock_offset_us) held
    where passed.members is not null;

    return coalesce(cardinality(taken_back), 0);
end
$$;
