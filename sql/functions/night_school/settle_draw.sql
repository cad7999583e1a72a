-- night_school_settle_draw: what was drawn becomes seats and places in the queue.
--
-- Decides    nothing that the rows of night_school_freeze_draw and the caller's result do not say: who was given a class is seated; who was
--            not waits for all their wishes that there are, in the order of the lottery; who has none left, or has left the union, waits
--            no more.
-- Writes     school_draw, school_draw_class, school_draw_entry, enrolment, class_queue, class_seat_count, member_term, enrolment_event,
--            outbox_event, member_message.
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
    organization bigint;
    term bigint;
    -- The draw's classes, side by side, and how many wait for each.
    drawn_classes bigint[];
    queued integer[];
    seated_now integer[];
    entry record;
    after text;
    first_place integer;
    wish bigint;
    cell integer;
    -- Of each entry, in the order of the lottery.
    members bigint[] := '{}';
    enrolments bigint[] := '{}';
    ranks integer[] := '{}';
    given bigint[] := '{}';
    afters text[] := '{}';
    reasons text[] := '{}';
    numbers bigint[] := '{}';
    firsts integer[] := '{}';
    wish_lists text[] := '{}';
begin
    select school.organization_id, school_draw.term_id
    into organization, term
    from school_draw
    join school_term on school_term.term_id = school_draw.term_id
    join school on school.school_id = school_term.school_id
    where school_draw.draw_id = drawn;

    update school_draw_entry
    set place = given.place, class_id = given.class_id
    from (
        select result.place, result.class_id, own.stands_at
        from unnest(tickets, places, classes) as result (ticket, place, class_id)
        cross join lateral (
            select school_draw_entry.ctid as stands_at
            from school_draw_entry
            where school_draw_entry.draw_id = drawn and school_draw_entry.ticket = result.ticket
            offset 0
        ) own
    ) given
    where school_draw_entry.ctid = given.stands_at;

    update school_draw_class
    set closing = given.closing
    from unnest(closed_classes, closings) as given (class_id, closing)
    where school_draw_class.draw_id = drawn and school_draw_class.class_id = given.class_id;

    select array_agg(school_draw_class.class_id), array_agg(0), array_agg(0)
    into drawn_classes, queued, seated_now
    from school_draw_class
    where school_draw_class.draw_id = drawn;
    seated := 0;
    waiting := 0;
    lapsed := 0;

    for entry in
        select own.*, person.status
        from school_draw_entry own
        cross join lateral (
            select member.status
            from member
            where member.member_id = own.member_id
            offset 0
        ) person
        where own.draw_id = drawn
        order by own.place
    loop
        after := case
            when entry.class_id is not null then 'seated'
            when not coalesce(entry.wishes && drawn_classes, false) or entry.status = 'left' then 'lapsed'
            else 'waitlisted'
        end;
        first_place := null;
        if after = 'seated' then
            seated := seated + 1;
            cell := array_position(drawn_classes, entry.class_id);
            seated_now[cell] := seated_now[cell] + 1;
        elsif after = 'waitlisted' then
            waiting := waiting + 1;
            foreach wish in array entry.wishes loop
                cell := array_position(drawn_classes, wish);
                if cell is not null then
                    queued[cell] := queued[cell] + 1;
                    first_place := least(first_place, queued[cell]);
                end if;
            end loop;
        else
            lapsed := lapsed + 1;
        end if;
        members := members || entry.member_id;
        enrolments := enrolments || entry.enrolment_id;
        ranks := ranks || entry.place;
        given := given || entry.class_id;
        afters := afters || after;
        reasons := reasons || case
            when after <> 'lapsed' then null::text
            when entry.status = 'left' then 'member_left'
            else 'school.class_cancelled'
        end;
        numbers := numbers || case when after = 'waitlisted' then nextval('enrolment_queue') end;
        firsts := firsts || first_place;
        wish_lists := wish_lists || entry.wishes::text;
    end loop;

    update enrolment
    set
        state = fate.after,
        class_id = fate.class_id,
        queue_number = fate.number,
        draw_place = fate.rank,
        first_place = fate.first_place,
        reason = fate.reason,
        version = enrolment.version + 1,
        changed_at = instant
    from (
        select one.*, own.stands_at
        from unnest(members, enrolments, ranks, given, afters, reasons, numbers, firsts)
            as one (member_id, enrolment_id, rank, class_id, after, reason, number, first_place)
        cross join lateral (
            select enrolment.ctid as stands_at
            from enrolment
            where enrolment.member_id = one.member_id and enrolment.enrolment_id = one.enrolment_id
            offset 0
        ) own
    ) fate
    where enrolment.ctid = fate.stands_at;

    insert into class_queue (class_id, queue_number, member_id, enrolment_id)
    select wish.id, one.number, one.member_id, one.enrolment_id
    from unnest(members, enrolments, numbers, wish_lists) as one (member_id, enrolment_id, number, wishes)
    cross join lateral unnest(one.wishes::bigint[]) as wish (id)
    where one.number is not null and wish.id = any (drawn_classes);

    update member_term
    set taken = member_term.taken + 1
    from (
        select own.stands_at
        from unnest(members, afters) as one (member_id, after)
        cross join lateral (
            select member_term.ctid as stands_at
            from member_term
            where member_term.member_id = one.member_id and member_term.term_id = term
            offset 0
        ) own
        where one.after = 'seated'
    ) fate
    where member_term.ctid = fate.stands_at;

    insert into enrolment_event (member_id, enrolment_id, state_before, state_after, class_id, reason, done_by, occurred_at)
    select one.member_id, one.enrolment_id, 'applied', one.after, one.class_id, one.reason, done_by, instant
    from unnest(members, enrolments, afters, given, reasons) as one (member_id, enrolment_id, after, class_id, reason);

    insert into outbox_event (type, subject, organization_id, data)
    select
        'enrolment.' || one.after, 'member:' || one.member_id, organization,
        json_build_object('enrolmentId', one.enrolment_id, 'memberId', one.member_id, 'classId', one.class_id)::text
    from unnest(members, enrolments, afters, given) as one (member_id, enrolment_id, after, class_id);

    perform night_school_tell(members, enrolments, array_fill('applied'::text, array[cardinality(members)]), afters, done_by);

    update class_seat_count
    set applied = 0
    where class_seat_count.class_id = any (array(select school_class.class_id from school_class where school_class.draw_id = drawn));
    update class_seat_count
    set seated = class_seat_count.seated + now.seated, waiting = class_seat_count.waiting + now.queued
    from unnest(drawn_classes, seated_now, queued) as now (class_id, seated, queued)
    where class_seat_count.class_id = now.class_id;

    update school_draw
    set drawn_at = instant, applicants = settle.applicants, seated = settle.seated
    from (select seated + waiting + lapsed as applicants, seated as seated) settle
    where school_draw.draw_id = drawn;
    return next;
end
$$;
