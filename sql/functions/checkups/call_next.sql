-- checkups_call_next: who of those that wait at the van gets which place?
--
-- Decides    place by place. First the places that nobody has: of the day's sessions that have begun all, of those to come the share of
--            walk-ins, for the others belong to the waitlist. Then the places of those who did not come: their session, or the call
--            that gave it to them, began longer ago than the campaign's grace. No place is given when its session has been over for
--            as long: the van has gone on to others by then. A free place goes to who came first; a missed one to the
--            first who belongs to a floor's group that the missing person belongs to, else to who came first.
-- Writes     the awards (through programs_move and programs_hold), checkup_attendance of who is missing, checkup_walk_in, checkup_call.
--            Who cannot have a place any more (another benefit meanwhile, no member any more) is gone from the queue.
-- Locks      program by id, then as programs_move and programs_hold do.
-- Returns    those called under call_id, now or before: at most `wanted`, none when nobody waits or no place is left.
-- Clock      this database's clock plus clock_offset_us, read after the lock.
create or replace function checkups_call_next(
    asked_visit_id bigint, asked_call_id uuid, wanted integer, asked_by text, clock_offset_us bigint)
returns table (member_id bigint, number integer, replaces_member_id bigint)
language plpgsql
as $$
#variable_conflict use_column
declare
    instant timestamptz;
    today date;
    visit checkup_visit;
    campaign checkup_campaign;
    zone text;
    floor_bits integer;
    seat record;
    person checkup_walk_in;
    answer text;
    called integer := 0;
    only_missing boolean := false;
begin
    select checkup_visit.* into visit from checkup_visit where checkup_visit.visit_id = asked_visit_id;
    select checkup_campaign.* into campaign from checkup_campaign where checkup_campaign.program_id = visit.program_id;
    select program.time_zone, checkups_floor_bits(program.rules)
    into zone, floor_bits
    from program
    where program.program_id = visit.program_id
    for no key update;

    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';
    today := (instant at time zone zone)::date;

    insert into checkup_call (visit_id, call_id, asked, done_by, called_at)
    values (asked_visit_id, asked_call_id, wanted, asked_by, instant)
    on conflict on constraint checkup_call_pkey do nothing;

    if found then
        while called < wanted loop
            select
                session.number,
                session.missing_id,
                session.missing_groups
            into seat
            from (
                -- Nobody's.
                select program_session.number, program_session.starts_at, null::bigint as missing_id, 0 as missing_groups
                from checkup_session
                join program_session using (program_id, number)
                where checkup_session.visit_id = visit.visit_id
                    and (program_session.starts_at at time zone zone)::date = today
                    and program_session.ends_at + campaign.grace_minutes * interval '1 minute' > instant
                    and program_session.taken < program_session.capacity
                    and not only_missing
                    and (program_session.starts_at <= instant
                        or (
                            select count(*) from program_award
                            where program_award.program_id = program_session.program_id
                                and program_award.number = program_session.number
                                and program_award.source = 'walk_in'
                                and programs_holds_place(program_award.state)
                        ) < program_session.walk_in)
                union all
                -- Of who did not come.
                select
                    program_session.number, program_session.starts_at, program_award.member_id,
                    coalesce(program_application.groups, missing.groups, 0)::integer & floor_bits
                from checkup_session
                join program_session using (program_id, number)
                join program_award using (program_id, number)
                left join program_application
                    on program_application.member_id = program_award.member_id
                    and program_application.program_id = program_award.program_id
                left join checkup_walk_in missing
                    on missing.visit_id = checkup_session.visit_id
                    and missing.arrived_on = today
                    and missing.member_id = program_award.member_id
                where checkup_session.visit_id = visit.visit_id
                    and (program_session.starts_at at time zone zone)::date = today
                    and program_session.ends_at + campaign.grace_minutes * interval '1 minute' > instant
                    and program_award.state = 'confirmed'
                    and greatest(program_session.starts_at, missing.called_at) + campaign.grace_minutes * interval '1 minute' <= instant
            ) session
            order by session.missing_id is not null, session.starts_at, session.number, session.missing_id
            limit 1;
            exit when seat.number is null;

            select checkup_walk_in.* into person
            from checkup_walk_in
            where checkup_walk_in.visit_id = visit.visit_id
                and checkup_walk_in.arrived_on = today
                and checkup_walk_in.state = 'waiting'
            order by
                (checkup_walk_in.groups & seat.missing_groups) = 0, checkup_walk_in.arrived_at, checkup_walk_in.member_id
            limit 1;
            exit when person.member_id is null;

            -- Who may not have a place any more stands in nobody's way, and costs nobody a place.
            select case
                when member.status <> 'active' or programs_holds_place(program_award.state) then 'gone'
                when programs_holds_place_merged(person.member_id, program.program_id) then 'gone'
                when programs_holds_benefit(person.member_id, program.family, program.period, program.program_id) then 'gone'
                else 'waiting'
            end
            into answer
            from member
            cross join program
            left join program_award
                on program_award.member_id = member.member_id and program_award.program_id = program.program_id
            where member.member_id = person.member_id and program.program_id = visit.program_id;

            if answer = 'waiting' then
                if seat.missing_id is not null then
                    perform 1
                    from programs_move(
                        array[seat.missing_id], array[visit.program_id], array['no_show'], array[null::integer],
                        array['place given to who waited at the van'], array[asked_by], clock_offset_us);
                    insert into checkup_attendance (
                        member_id, program_id, visit_id, number, came, is_walk_in, source, occurred_at, recorded_at, recorded_by)
                    select
                        seat.missing_id, visit.program_id, visit.visit_id, seat.number, false, program_award.source = 'walk_in', 'call',
                        program_session.starts_at, instant, asked_by
                    from program_award
                    join program_session using (program_id, number)
                    where program_award.member_id = seat.missing_id and program_award.program_id = visit.program_id
                    on conflict on constraint checkup_attendance_pkey do nothing;
                end if;

                select held.outcome into answer
                from programs_hold(
                    array[person.member_id], array[visit.program_id], array[seat.number], array['confirmed'], array['walk_in'],
                    array[null::integer], array['walk-in'], array[asked_by], clock_offset_us) held;
            end if;

            if answer = 'held' then
                update checkup_walk_in
                set state = 'called', number = seat.number, called_at = instant, call_id = asked_call_id,
                    replaces_member_id = seat.missing_id
                where checkup_walk_in.visit_id = visit.visit_id
                    and checkup_walk_in.arrived_on = today
                    and checkup_walk_in.member_id = person.member_id;
                called := called + 1;
            elsif answer in ('quota_full', 'session_full') and seat.missing_id is null then
                -- The program has given all its places: only one that comes back can be given on.
                only_missing := true;
            else
                exit when answer in ('quota_full', 'session_full', 'program_not_published');
                update checkup_walk_in
                set state = 'gone'
                where checkup_walk_in.visit_id = visit.visit_id
                    and checkup_walk_in.arrived_on = today
                    and checkup_walk_in.member_id = person.member_id;
            end if;
        end loop;
    end if;

    return query
    select checkup_walk_in.member_id, checkup_walk_in.number, checkup_walk_in.replaces_member_id
    from checkup_walk_in
    where checkup_walk_in.visit_id = asked_visit_id and checkup_walk_in.call_id = asked_call_id
    order by checkup_walk_in.number, checkup_walk_in.member_id;
end
$$;
