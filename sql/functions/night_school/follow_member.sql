-- night_school_follow_member: what becomes of the enrolments of who is no member any more?
--
-- Decides    of who has left, or was erased: applications and places in queues end, seats and offers go on to who waits. Who was merged
--            goes on under another number: that one has each of them instead, in the same state, seat and place, beyond the cap or at the
--            same hour, too, for both were had. Of two for one course the better stays (a seat, an offer, a place in the queue, an
--            application, of equals the earlier), and the other ends, its seat goes on to who waits. What is over stays where it is.
-- Writes     enrolment, class_queue, class_seat_count, member_term, enrolment_event, outbox_event.
-- Locks      as night_school_hold_courses, of all that both are enrolled in; then member_term of both.
-- Returns    how many enrolments ended or went over; asked again, it finds none. Who has not left is left alone.
-- Clock      this database's clock plus clock_offset_us.
create or replace function night_school_follow_member(gone bigint, why text, done_by text, clock_offset_us bigint) returns integer
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
    instant timestamptz;
    heir bigint;
    progress text;
    mine enrolment;
    theirs enrolment;
    heirs enrolment;
    changed integer := 0;
begin
    select member.merged_into, member.status into heir, progress from member where member.member_id = gone;
    if progress is distinct from 'left' then
        return 0;
    end if;
    perform night_school_hold_courses(array(
        select wish.id
        from enrolment
        cross join lateral unnest(enrolment.wishes) as wish (id)
        where enrolment.member_id in (gone, heir) and enrolment.state in ('applied', 'seated', 'waitlisted', 'offered')));
    insert into member_term (member_id, term_id)
    select person.id, enrolment.term_id
    from enrolment
    cross join (values (gone), (heir)) as person (id)
    where enrolment.member_id = gone and enrolment.state in ('applied', 'seated', 'waitlisted', 'offered') and person.id is not null
    on conflict do nothing;
    perform
    from member_term
    where member_term.member_id in (gone, heir)
    order by member_term.member_id, member_term.term_id
    for no key update;
    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    for mine in
        select *
        from enrolment
        where enrolment.member_id = gone and enrolment.state in ('applied', 'seated', 'waitlisted', 'offered')
        order by enrolment.enrolment_id
    loop
        theirs := null;
        if heir is not null then
            select * into theirs
            from enrolment
            where enrolment.member_id = heir
                and enrolment.course_id = mine.course_id
                and enrolment.term_id = mine.term_id
                and enrolment.state in ('applied', 'seated', 'waitlisted', 'offered');
        end if;
        if heir is null or theirs.member_id is not null and not night_school_is_better(mine, theirs) then
            changed := changed + night_school_leave(mine, why, done_by, clock_offset_us);
            continue;
        end if;
        if theirs.member_id is not null then
            -- Two applications to a draw that is at hand: the draw passes over the one who has left.
            continue when night_school_leave(theirs, why, done_by, clock_offset_us) = 0;
        end if;

        -- Whoever is counted as having waited is the one who goes on.
        update enrolment
        set
            state = 'withdrawn', offered_until = null, first_place = null, reason = why, version = enrolment.version + 1,
            changed_at = instant
        where enrolment.member_id = gone and enrolment.enrolment_id = mine.enrolment_id;
        insert into enrolment (
            member_id, term_id, course_id, state, class_id, wishes, queue_number, offered_until, request_id, answer, reason, enrolled_by,
            enrolled_at, changed_at, draw_id, ticket, draw_place, first_place)
        values (
            heir, mine.term_id, mine.course_id, mine.state, mine.class_id, mine.wishes, mine.queue_number, mine.offered_until,
            gen_random_uuid(), mine.answer, why, mine.enrolled_by, mine.enrolled_at, instant,
            case when mine.state = 'applied' then mine.draw_id end, case when mine.state = 'applied' then night_school_ticket() end,
            mine.draw_place, mine.first_place)
        returning * into heirs;
        update class_queue
        set member_id = heir, enrolment_id = heirs.enrolment_id
        where class_queue.class_id = any (mine.wishes) and class_queue.queue_number = mine.queue_number and class_queue.member_id = gone;
        update member_term
        set taken = member_term.taken + case when member_term.member_id = heir then 1 else -1 end
        where member_term.member_id in (gone, heir) and member_term.term_id = mine.term_id and mine.state in ('seated', 'offered');
        insert into enrolment_event (member_id, enrolment_id, state_before, state_after, class_id, reason, done_by, occurred_at)
        values
            (gone, mine.enrolment_id, mine.state, 'withdrawn', mine.class_id, why, done_by, instant),
            (heir, heirs.enrolment_id, mine.state, mine.state, mine.class_id, why, done_by, instant);
        changed := changed + 1;
    end loop;
    return changed;
end
$$;
