-- night_school_settle_draw: what was drawn becomes seats and places in the queue.
--
-- Decides    nothing that the rows of night_school_freeze_draw and the caller's result do not say: who was given a class is seated; who was
--            not waits for all their wishes that there are, in the order of the lottery; who has none left, or has left the union, waits
--            no more.
-- Writes     school_draw, school_draw_class, school_draw_entry, enrolment, class_queue, class_seat_count, member_term, enrolment_event,
--            outbox_event.
-- Locks      nothing more: the caller has frozen the draw in this transaction.
-- Entries    by ticket: the place in the order, 1 for the first, and the class given or null.
-- Closings   by class: the place of who got the last seat.
-- Returns    how many were seated, wait, and wait no more.
-- Clock      this database's clock plus clock_offset_us.
create or replace function night_school_settle_draw(
    drawn bigint,
    tickets bigint[],
    places integer[],
    classes bigint[],
    closed_classes bigint[],
    closings integer[],
    done_by text,
    clock_offset_us bigint)
returns table (seated integer, waiting integer, lapsed integer)
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
    instant timestamptz := clock_timestamp() + clock_offset_us * interval '1 microsecond';
    organization bigint := (
        select school.organization_id
        from school_draw
        join school_term on school_term.term_id = school_draw.term_id
        join school on school.school_id = school_term.school_id
        where school_draw.draw_id = drawn);
begin
    update school_draw_entry
    set place = given.place, class_id = given.class_id
    from unnest(tickets, places, classes) as given (ticket, place, class_id)
    where school_draw_entry.draw_id = drawn and school_draw_entry.ticket = given.ticket;

    update school_draw_class
    set closing = given.closing
    from unnest(closed_classes, closings) as given (class_id, closing)
    where school_draw_class.draw_id = drawn and school_draw_class.class_id = given.class_id;

    with entry as materialized (
        select
            entry.member_id, entry.enrolment_id, entry.place, entry.class_id, live.wishes,
            case
                when entry.class_id is not null then 'seated'
                when live.wishes = '{}' or person.status = 'left' then 'lapsed'
                else 'waitlisted'
            end as after,
            case
                when entry.class_id is not null then null
                when live.wishes = '{}' then 'school.class_cancelled'
                when person.status = 'left' then 'member_left'
            end as reason
        from school_draw_entry entry
        cross join lateral (
            select array(
                select wish.id
                from unnest(entry.wishes) with ordinality as wish (id, n)
                where exists (
                    select from school_draw_class
                    where school_draw_class.draw_id = drawn and school_draw_class.class_id = wish.id)
                order by wish.n) as wishes
            offset 0
        ) live
        cross join lateral (
            select member.status
            from member
            where member.member_id = entry.member_id
            offset 0
        ) person
        where entry.draw_id = drawn
        order by entry.place
    ),
    -- One after the other, in the order of the lottery.
    fate as materialized (
        select entry.*, case when entry.after = 'waitlisted' then nextval('enrolment_queue') end as number
        from entry
    ),
    queued as materialized (
        select
            wish.id as class_id, fate.number, fate.member_id, fate.enrolment_id,
            row_number() over (partition by wish.id order by fate.number) as place
        from fate
        cross join lateral unnest(fate.wishes) as wish (id)
        where fate.after = 'waitlisted'
    ),
    best as materialized (
        select queued.member_id, queued.enrolment_id, min(queued.place)::integer as place
        from queued
        group by queued.member_id, queued.enrolment_id
    ),
    written as (
        update enrolment
        set
            state = fate.after,
            class_id = fate.class_id,
            queue_number = fate.number,
            draw_place = fate.place,
            first_place = (
                select best.place
                from best
                where best.member_id = fate.member_id and best.enrolment_id = fate.enrolment_id),
            reason = fate.reason,
            version = enrolment.version + 1,
            changed_at = instant
        from fate
        where enrolment.member_id = fate.member_id and enrolment.enrolment_id = fate.enrolment_id
        returning enrolment.member_id, enrolment.term_id, fate.after
    ),
    waits as (
        insert into class_queue (class_id, queue_number, member_id, enrolment_id)
        select queued.class_id, queued.number, queued.member_id, queued.enrolment_id
        from queued
    ),
    taken as (
        update member_term
        set taken = member_term.taken + 1
        from written
        where written.after = 'seated' and member_term.member_id = written.member_id and member_term.term_id = written.term_id
    ),
    noted as (
        insert into enrolment_event (member_id, enrolment_id, state_before, state_after, class_id, reason, done_by, occurred_at)
        select fate.member_id, fate.enrolment_id, 'applied', fate.after, fate.class_id, fate.reason, done_by, instant
        from fate
    ),
    told as (
        insert into outbox_event (type, subject, organization_id, data)
        select
            'enrolment.' || fate.after, 'member:' || fate.member_id, organization,
            json_build_object('enrolmentId', fate.enrolment_id, 'memberId', fate.member_id, 'classId', fate.class_id)::text
        from fate
    ),
    counted as (
        update class_seat_count
        set
            applied = 0,
            seated = class_seat_count.seated + (select count(*) from fate where fate.class_id = class_seat_count.class_id),
            waiting = class_seat_count.waiting + (select count(*) from queued where queued.class_id = class_seat_count.class_id)
        where class_seat_count.class_id = any (array(select school_class.class_id from school_class where school_class.draw_id = drawn))
    )
    select
        count(*) filter (where fate.after = 'seated'), count(*) filter (where fate.after = 'waitlisted'),
        count(*) filter (where fate.after = 'lapsed')
    into seated, waiting, lapsed
    from fate;

    update school_draw
    set drawn_at = instant, applicants = settle.applicants, seated = settle.seated
    from (select seated + waiting + lapsed as applicants, seated as seated) settle
    where school_draw.draw_id = drawn;
    return next;
end
$$;
