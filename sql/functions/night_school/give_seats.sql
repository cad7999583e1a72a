-- night_school_give_seats: who waits longest gets what is free.
--
-- Decides    in the order of the queue: whoever waits for one of these classes, is an active member, has not as many classes of the term as
--            the cap allows and no lesson at the same hour, is offered the dearest of their wishes that has a free seat. Who cannot have
--            one now stays where they are in the queue, and the seat goes on to the next.
-- Writes     enrolment, class_queue, class_seat_count, member_term, enrolment_event, outbox_event, member_message.
-- Locks      as night_school_hold_courses; then member_term of each whose turn it is.
-- Returns    how many were offered one.
-- Clock      this database's clock plus clock_offset_us, read after the locks.
create or replace function night_school_give_seats(class_ids bigint[], done_by text, clock_offset_us bigint) returns integer
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
    instant timestamptz;
    opened bigint[];
    free integer[];
    times tstzmultirange[];
    ends timestamptz[];
    organizations bigint[];
    queued record;
    held tstzmultirange;
    wish bigint;
    place integer;
    members bigint[] := '{}';
    enrolments bigint[] := '{}';
    given integer := 0;
begin
    perform night_school_hold_courses(class_ids);
    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    select array_agg(open.class_id), array_agg(open.free), array_agg(night_school_lesson_times(open.class_id)),
        array_agg(open.last_until), array_agg(open.organization_id)
    into opened, free, times, ends, organizations
    from (
        select
            seat.class_id, seat.capacity - seat.seated - seat.offered as free, school_class.last_until, school.organization_id
        from class_seat_count seat
        join school_class on school_class.class_id = seat.class_id
        join school on school.school_id = school_class.school_id
        where seat.class_id = any (class_ids)
            and seat.waiting > 0
            and seat.capacity > seat.seated + seat.offered
            and school_class.state in ('published', 'running')
            and school_class.last_until > instant
        order by seat.class_id
    ) open;
    if opened is null then
        return 0;
    end if;

    for queued in
        select distinct on (queue.queue_number)
            queue.queue_number, enrolment.member_id, enrolment.enrolment_id, enrolment.term_id, enrolment.wishes,
            school_term.enrolment_cap, school_term.offer_hours
        from class_queue queue
        join enrolment on enrolment.member_id = queue.member_id and enrolment.enrolment_id = queue.enrolment_id
        join school_term on school_term.term_id = enrolment.term_id
        where queue.class_id = any (opened)
        order by queue.queue_number
    loop
        exit when not (0 < any (free));
        insert into member_term (member_id, term_id) values (queued.member_id, queued.term_id) on conflict do nothing;
        perform
        from member_term
        where member_term.member_id = queued.member_id
            and member_term.term_id = queued.term_id
            and member_term.taken < coalesce(queued.enrolment_cap, 32767)
        for no key update;
        continue when not found;
        continue when not exists (select from member where member.member_id = queued.member_id and member.status = 'active');

        held := (
            select range_agg(span)
            from enrolment other
            cross join lateral unnest(night_school_lesson_times(other.class_id)) span
            where other.member_id = queued.member_id and other.state in ('seated', 'offered'));
        foreach wish in array queued.wishes loop
            place := array_position(opened, wish);
            if place is not null and free[place] > 0 and not coalesce(times[place] && held, false) then
                free[place] := free[place] - 1;
                given := given + 1;
                members := members || queued.member_id;
                enrolments := enrolments || queued.enrolment_id;
                update enrolment
                set
                    state = 'offered',
                    class_id = wish,
                    offered_until = least(instant + queued.offer_hours * interval '1 hour', ends[place]),
                    version = enrolment.version + 1,
                    changed_at = instant
                where enrolment.member_id = queued.member_id and enrolment.enrolment_id = queued.enrolment_id;
                perform night_school_leave_queue(queued.wishes, queued.queue_number);
                update class_seat_count
                set offered = class_seat_count.offered + 1
                where class_seat_count.class_id = wish;
                update member_term
                set taken = member_term.taken + 1
                where member_term.member_id = queued.member_id and member_term.term_id = queued.term_id;
                insert into enrolment_event (member_id, enrolment_id, state_before, state_after, class_id, done_by, occurred_at)
                values (queued.member_id, queued.enrolment_id, 'waitlisted', 'offered', wish, done_by, instant);
                insert into outbox_event (type, subject, organization_id, data)
                values (
                    'enrolment.offered', 'member:' || queued.member_id, organizations[place],
                    json_build_object('enrolmentId', queued.enrolment_id, 'memberId', queued.member_id, 'classId', wish)::text);
                exit;
            end if;
        end loop;
    end loop;
    if given > 0 then
        perform night_school_tell(
            members, enrolments, array_fill('waitlisted'::text, array[given]), array_fill('offered'::text, array[given]), done_by);
    end if;
    return given;
end
$$;
