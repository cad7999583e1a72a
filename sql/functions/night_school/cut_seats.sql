-- night_school_cut_seats: a class has fewer seats from now on, and some lose theirs.
--
-- Decides    nothing that night_school_cut_losers does not say: they go to the head of the queue for all their wishes, who was seated first
--            before the others. Nobody else is moved. A parallel class with a free seat is offered to them at once.
-- Writes     enrolment, class_queue, class_seat_count, member_term, enrolment_event, outbox_event, member_message.
-- Locks      as night_school_hold_courses; then member_term of the losers, by member. The class is held by the caller.
-- Returns    the members who lost their seat, in the order in which they wait now.
-- Clock      this database's clock plus clock_offset_us, read after the locks.
create or replace function night_school_cut_seats(
    class bigint, left_seats integer, why text, done_by text, clock_offset_us bigint) returns bigint[]
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
    head bigint;
    parallel bigint[];
    organization bigint;
    members bigint[];
    enrolments bigint[];
    befores text[];
begin
    perform night_school_hold_courses(array[class]);
    select
        array_agg(loser.member_id order by loser.rank desc), array_agg(loser.enrolment_id order by loser.rank desc),
        array_agg('seated'::text)
    into members, enrolments, befores
    from night_school_cut_losers(class, left_seats) loser;
    perform
    from member_term
    where member_term.member_id = any (members)
        and member_term.term_id = (select school_class.term_id from school_class where school_class.class_id = class)
    order by member_term.member_id
    for no key update;
    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    select array_agg(other.class_id), min(school.organization_id)
    into parallel, organization
    from school_class own
    join school_class other on other.course_id = own.course_id and other.term_id = own.term_id
    join school on school.school_id = own.school_id
    where own.class_id = class and other.state in ('published', 'running') and other.last_until > instant;

    head := least(0, (select min(queue.queue_number) from class_queue queue where queue.class_id = any (parallel)));

    with loser as materialized (
        select
            lost.member_id, lost.enrolment_id, head - cardinality(members) + lost.n - 1 as number, enrolment.state, enrolment.term_id,
            array(
                select wish.id
                from unnest(enrolment.wishes) as wish (id)
                where wish.id = any (parallel)) as wishes
        from unnest(members, enrolments) with ordinality as lost (member_id, enrolment_id, n)
        cross join lateral (
            select *
            from enrolment
            where enrolment.member_id = lost.member_id and enrolment.enrolment_id = lost.enrolment_id
            offset 0
        ) enrolment
    ),
    written as (
        update enrolment
        set
            state = 'waitlisted', class_id = null, queue_number = loser.number, offered_until = null, reason = why,
            version = enrolment.version + 1, changed_at = instant
        from loser
        where enrolment.member_id = loser.member_id and enrolment.enrolment_id = loser.enrolment_id
    ),
    waits as (
        insert into class_queue (class_id, queue_number, member_id, enrolment_id)
        select wish.id, loser.number, loser.member_id, loser.enrolment_id
        from loser
        cross join lateral unnest(loser.wishes) as wish (id)
    ),
    given_back as (
        update member_term
        set taken = member_term.taken - 1
        from loser
        where member_term.member_id = loser.member_id and member_term.term_id = loser.term_id
    ),
    noted as (
        insert into enrolment_event (member_id, enrolment_id, state_before, state_after, class_id, reason, done_by, occurred_at)
        select loser.member_id, loser.enrolment_id, loser.state, 'waitlisted', class, why, done_by, instant
        from loser
    ),
    told as (
        insert into outbox_event (type, subject, organization_id, data)
        select
            'enrolment.waitlisted', 'member:' || loser.member_id, organization,
            json_build_object(
                'enrolmentId', loser.enrolment_id, 'memberId', loser.member_id, 'classId', class, 'reason', why)::text
        from loser
    )
    update class_seat_count seat
    set
        capacity = case when seat.class_id = class then left_seats else seat.capacity end,
        seated = seat.seated
            - case when seat.class_id = class then (select count(*) from loser where loser.state = 'seated') else 0 end,
        offered = seat.offered
            - case when seat.class_id = class then (select count(*) from loser where loser.state = 'offered') else 0 end,
        waiting = seat.waiting + (select count(*) from loser where seat.class_id = any (loser.wishes))
    where seat.class_id = any (parallel);

    perform night_school_tell(members, enrolments, befores, array_replace(befores, 'seated', 'waitlisted'), done_by);
    perform night_school_give_seats(parallel, done_by, clock_offset_us);
    return coalesce(members, '{}');
end
$$;
