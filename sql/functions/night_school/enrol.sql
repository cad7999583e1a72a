-- night_school_enrol: who gets a seat, and who waits?
--
-- Decides    in the order of the requests, by the rows under lock and by this database's clock plus clock_offset_us: a class takes
--            enrolments while opens_at <= now < closes_at, whatever a job has tidied up or not. Each person gets the dearest of their
--            wishes that has a free seat, or else one place in the queue for all of them. Before that whoever waits is offered what is
--            free, so nobody who comes later overtakes. Of classes whose seats are drawn the window takes applications; once they are
--            drawn, and if first come follows, it goes on as above until the first lesson begins. What the audiences say of the person was
--            found by the caller: may_write false says that the caller refuses already and wants to know what else is in the way. A request
--            with anything against it changes nothing.
-- Writes     enrolment, class_queue, class_seat_count, member_term.
-- Locks      as night_school_hold_courses; then member_term by (member_id, term_id), of those who wish for a class with a free seat.
-- Wishes     of each request as text, `{12,13}`, the dearest first: classes of one course and term.
-- Returns    one row per request, to be matched by ordinality, in no order:
--            seated         with the enrolment and the class
--            waitlisted     with the enrolment and the best place it has in a queue
--            applied        with the enrolment: it takes part in the draw
--            refused        with all reasons, each with the class that it is about (0: none) and, of a clash, the class and the lesson
--                           already taken: school.wishes_differ | school.enrolment_by_draw | school.class_cancelled | school.class_over
--                           | school.enrolment_not_open | school.enrolment_closed | school.lessons_clash | school.already_enrolled
--                           | school.cap_reached | school.member_not_active; none when only the caller refuses
--            repeated       this request id was answered before: with what it was told, and the class where it has its seat now
--            conflict       the person has used the request id for other wishes
--            class_unknown | member_unknown
--            again          the batch has another request of the person: ask again
-- Plan       pinned to keys; what has no key in a join is looked up by lateral (… offset 0).
create or replace function night_school_enrol(
    member_ids bigint[],
    request_ids uuid[],
    wish_lists text[],
    may_write boolean[],
    done_by text[],
    clock_offset_us bigint)
returns table (
    request integer,
    outcome text,
    reasons text[],
    reason_classes bigint[],
    clash_classes bigint[],
    clash_numbers integer[],
    enrolment_id bigint,
    class_id bigint,
    place integer)
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set enable_material = off
set enable_memoize = off
set jit = off
as $$
#variable_conflict use_column
declare
    instant timestamptz;
    wanted bigint[] := array(select distinct wish.id from unnest(wish_lists) as list (text), unnest(list.text::bigint[]) as wish (id));
    stuck bigint[];
    persons bigint[];
    term_persons bigint[];
    spacious bigint[];
    person_terms bigint[];
    -- Of the classes wished for, side by side.
    opened bigint[];
    courses bigint[];
    terms bigint[];
    caps integer[];
    faults text[];
    -- The draw whose window is open; null: none.
    drawing bigint[];
    applied_now integer[];
    left_free integer[];
    queued integer[];
    -- When classes have their lessons: those wished for, and those in which somebody here has a seat.
    timed bigint[];
    times tstzmultirange[];
    held_class bigint;
    clashes boolean;
    seated_now integer[];
    queued_before integer[];
    asked record;
    wishes bigint[];
    failing text[];
    failing_classes bigint[];
    other_classes bigint[];
    other_numbers integer[];
    other record;
    cell integer;
    best integer;
    first integer;
    seen bigint[] := '{}';
    numbers bigint[] := array_fill(null::bigint, array[cardinality(member_ids)]);
    -- Of each request.
    outcomes text[] := array_fill(null::text, array[cardinality(member_ids)]);
    classes bigint[] := array_fill(null::bigint, array[cardinality(member_ids)]);
    places integer[] := array_fill(null::integer, array[cardinality(member_ids)]);
    course_ids bigint[] := array_fill(null::bigint, array[cardinality(member_ids)]);
    term_ids bigint[] := array_fill(null::bigint, array[cardinality(member_ids)]);
    enrolments bigint[] := array_fill(null::bigint, array[cardinality(member_ids)]);
    draws bigint[] := array_fill(null::bigint, array[cardinality(member_ids)]);
    refusals jsonb[] := array_fill(null::jsonb, array[cardinality(member_ids)]);
begin
    perform night_school_hold_courses(wanted);

    -- Seats that came free in a way that gave them to nobody: who waits goes first.
    stuck := array(
        select seat.class_id
        from class_seat_count seat
        where seat.class_id = any (wanted) and seat.waiting > 0 and seat.capacity > seat.seated + seat.offered);
    if stuck <> '{}' then
        perform night_school_give_seats(stuck, 'job:schools', clock_offset_us);
    end if;

    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    select
        array_agg(class.class_id), array_agg(class.course_id), array_agg(class.term_id), array_agg(class.enrolment_cap),
        array_agg(class.fault), array_agg(class.free), array_agg(class.waiting), array_agg(0), array_agg(class.waiting), array_agg(0),
        array_agg(class.drawing)
    into opened, courses, terms, caps, faults, left_free, queued, seated_now, queued_before, applied_now, drawing
    from night_school_class_facts(wanted, instant) class;

    -- Of each request the person who goes on, to be held.
    select array_agg(person.id order by input.n)
    into persons
    from unnest(member_ids) with ordinality as input (member_id, n)
    left join lateral (
        select coalesce(member.merged_into, member.member_id) as id
        from member
        where member.member_id = input.member_id
        offset 0
    ) person on true;

    -- The terms of their dearest wishes, each once: of those who may be seated. Who can only wait is asked again when it is their turn.
    spacious := array(
        select wished.id from unnest(opened, left_free, faults) as wished (id, free, fault) where wished.free > 0 and wished.fault is null);
    if spacious <> '{}' then
        select array_agg(own.person order by own.person, own.term), array_agg(own.term order by own.person, own.term)
        into term_persons, person_terms
        from (
            select distinct input.person, terms[array_position(opened, (input.wishes::bigint[])[1])] as term
            from unnest(persons, wish_lists) as input (person, wishes)
            where input.wishes::bigint[] && spacious
        ) own
        where own.person is not null and own.term is not null;

        insert into member_term (member_id, term_id)
        select own.person, own.term
        from unnest(term_persons, person_terms) as own (person, term)
        on conflict do nothing;

        perform
        from member_term
        where (member_term.member_id, member_term.term_id) in (select * from unnest(term_persons, person_terms))
        order by member_term.member_id, member_term.term_id
        for no key update;
    end if;

    -- When those classes have their lessons, and those that somebody here has a seat in: looked up once each.
    select coalesce(array_agg(class.id), '{}'), array_agg(lesson.times)
    into timed, times
    from (
        select held.id
        from unnest(opened) as held (id)
        union
        select enrolment.class_id
        from unnest(persons) as person (id)
        cross join lateral (
            select enrolment.class_id
            from enrolment
            where enrolment.member_id = person.id and enrolment.state in ('seated', 'offered')
            offset 0
        ) enrolment
    ) class
    cross join lateral (
        -- Filtered after the look-up by the lessons' key, for the index of lessons that are on is slow.
        select range_agg(tstzrange(lesson.starts_at, lesson.ends_at)) filter (where lesson.state <> 'cancelled') as times
        from lesson
        where lesson.class_id = class.id
        offset 0
    ) lesson;

    for asked in
        select
            input.n::integer as n, input.wishes::bigint[] as wishes, input.may_write, person.id as person, person.status,
            count(*) over (partition by person.id) > 1 as comes_twice,
            kept.enrolment_id as kept_id, kept.wishes as kept_wishes, kept.answer as kept_answer, kept.class_id as kept_class,
            own.taken, held.classes as held_classes, held.courses as held_courses
        from unnest(member_ids, request_ids, wish_lists, may_write) with ordinality as input (member_id, request_id, wishes, may_write, n)
        left join lateral (
            -- Anew: who was merged while this waited is another.
            select coalesce(member.merged_into, member.member_id) as id, member.status
            from member
            where member.member_id = input.member_id
            offset 0
        ) person on true
        left join lateral (
            select enrolment.enrolment_id, enrolment.wishes, enrolment.answer, enrolment.class_id
            from enrolment
            where enrolment.member_id = person.id and enrolment.request_id = input.request_id
            offset 0
        ) kept on true
        left join lateral (
            select member_term.taken
            from member_term
            where member_term.member_id = person.id
                and member_term.term_id = terms[array_position(opened, (input.wishes::bigint[])[1])]
            offset 0
        ) own on true
        cross join lateral (
            select
                array_agg(enrolment.class_id) filter (
                    where enrolment.state in ('seated', 'offered')
                        and enrolment.course_id is distinct from courses[array_position(opened, (input.wishes::bigint[])[1])]
                ) as classes,
                array_agg(enrolment.course_id || ' ' || enrolment.term_id) as courses
            from enrolment
            where enrolment.member_id = person.id and enrolment.state in ('applied', 'seated', 'offered', 'waitlisted')
            offset 0
        ) held
        order by input.n
    loop
        if asked.person is null then
            outcomes[asked.n] := 'member_unknown';
            continue;
        end if;
        member_ids[asked.n] := asked.person;
        if asked.comes_twice then
            if asked.person = any (seen) then
                outcomes[asked.n] := 'again';
                continue;
            end if;
            seen := seen || asked.person;
        end if;
        if asked.kept_id is not null then
            if asked.kept_wishes <> asked.wishes then
                outcomes[asked.n] := 'conflict';
            else
                outcomes[asked.n] := 'repeated';
                enrolments[asked.n] := asked.kept_id;
                classes[asked.n] := asked.kept_class;
                refusals[asked.n] := to_jsonb(asked.kept_answer);
            end if;
            continue;
        end if;
        wishes := asked.wishes;
        first := array_position(opened, wishes[1]);
        if first is null or not wishes <@ opened then
            outcomes[asked.n] := 'class_unknown';
            continue;
        end if;

        failing := '{}';
        failing_classes := '{}';
        other_classes := '{}';
        other_numbers := '{}';
        for at in 1..cardinality(wishes) loop
            cell := array_position(opened, wishes[at]);
            if courses[cell] <> courses[first] or terms[cell] <> terms[first] or drawing[cell] is distinct from drawing[first]
                or wishes[at] = any (wishes[1:at - 1]) then
                failing := failing || 'school.wishes_differ'::text;
                failing_classes := failing_classes || wishes[at];
                other_classes := other_classes || null::bigint;
                other_numbers := other_numbers || null::integer;
            end if;
            if faults[cell] is not null then
                failing := failing || faults[cell];
                failing_classes := failing_classes || wishes[at];
                other_classes := other_classes || null::bigint;
                other_numbers := other_numbers || null::integer;
                continue;
            end if;
            clashes := false;
            if asked.held_classes is not null then
                foreach held_class in array asked.held_classes loop
                    clashes := clashes
                        or coalesce(times[array_position(timed, wishes[at])] && times[array_position(timed, held_class)], false);
                end loop;
            end if;
            if clashes then
                select clash.class_id, clash.number
                into other
                from night_school_first_clash(asked.person, courses[first], times[array_position(timed, wishes[at])]) clash;
                failing := failing || 'school.lessons_clash'::text;
                failing_classes := failing_classes || wishes[at];
                other_classes := other_classes || other.class_id;
                other_numbers := other_numbers || other.number::integer;
            end if;
        end loop;
        if courses[first] || ' ' || terms[first] = any (asked.held_courses) then
            failing := failing || 'school.already_enrolled'::text;
            failing_classes := failing_classes || 0::bigint;
        elsif asked.taken >= caps[first] then
            failing := failing || 'school.cap_reached'::text;
            failing_classes := failing_classes || 0::bigint;
        end if;
        if asked.status <> 'active' then
            failing := failing || 'school.member_not_active'::text;
            failing_classes := failing_classes || 0::bigint;
        end if;
        if failing <> '{}' or not asked.may_write then
            outcomes[asked.n] := 'refused';
            refusals[asked.n] := jsonb_build_object(
                'reasons', failing, 'classes', failing_classes, 'others', other_classes, 'numbers', other_numbers);
            continue;
        end if;

        enrolments[asked.n] := nextval('enrolment_enrolment_id_seq');
        course_ids[asked.n] := courses[first];
        term_ids[asked.n] := terms[first];
        if drawing[first] is not null then
            outcomes[asked.n] := 'applied';
            draws[asked.n] := drawing[first];
            for at in 1..cardinality(wishes) loop
                cell := array_position(opened, wishes[at]);
                applied_now[cell] := applied_now[cell] + 1;
            end loop;
            continue;
        end if;
        best := null;
        for at in 1..cardinality(wishes) loop
            cell := array_position(opened, wishes[at]);
            if left_free[cell] > 0 then
                best := cell;
                exit;
            end if;
        end loop;
        if best is not null then
            left_free[best] := left_free[best] - 1;
            seated_now[best] := seated_now[best] + 1;
            outcomes[asked.n] := 'seated';
            classes[asked.n] := opened[best];
        else
            outcomes[asked.n] := 'waitlisted';
            numbers[asked.n] := nextval('enrolment_queue');
            for at in 1..cardinality(wishes) loop
                cell := array_position(opened, wishes[at]);
                queued[cell] := queued[cell] + 1;
                places[asked.n] := least(places[asked.n], queued[cell]);
            end loop;
        end if;
    end loop;

    if outcomes && array['seated', 'waitlisted', 'applied'] then
        insert into enrolment (
            member_id, enrolment_id, term_id, course_id, state, class_id, wishes, queue_number, first_place, draw_id, ticket, request_id,
            answer, enrolled_by, enrolled_at, changed_at)
        overriding system value
        select
            made.member_id, made.enrolment_id, made.term_id, made.course_id, made.outcome, made.class_id, made.wishes::bigint[],
            made.number, made.place, made.draw, case when made.draw is not null then night_school_ticket() end, made.request_id,
            made.outcome, made.done_by, instant, instant
        from unnest(
            outcomes, member_ids, enrolments, term_ids, course_ids, classes, wish_lists, numbers, places, draws, request_ids, done_by
        ) as made (
            outcome, member_id, enrolment_id, term_id, course_id, class_id, wishes, number, place, draw, request_id, done_by)
        where made.outcome in ('seated', 'waitlisted', 'applied');

        if 'waitlisted' = any (outcomes) then
            insert into class_queue (class_id, queue_number, member_id, enrolment_id)
            select wish.id, made.number, made.member_id, made.enrolment_id
            from unnest(member_ids, enrolments, wish_lists, numbers) as made (member_id, enrolment_id, wishes, number)
            cross join lateral unnest(made.wishes::bigint[]) as wish (id)
            where made.number is not null;
        end if;

        update class_seat_count
        set
            seated = class_seat_count.seated + now.seated,
            waiting = class_seat_count.waiting + now.queued - now.before,
            applied = class_seat_count.applied + now.applied
        from unnest(opened, seated_now, queued, queued_before, applied_now) as now (class_id, seated, queued, before, applied)
        where class_seat_count.class_id = now.class_id and (now.seated > 0 or now.queued > now.before or now.applied > 0);

        update member_term
        set taken = member_term.taken + 1
        from unnest(outcomes, member_ids, term_ids) as made (outcome, member_id, term_id)
        where made.outcome = 'seated' and member_term.member_id = made.member_id and member_term.term_id = made.term_id;
    end if;

    return query
    select
        answer.n::integer, answer.outcome,
        case
            when answer.outcome = 'refused' then array(select jsonb_array_elements_text(answer.refusal -> 'reasons'))
            when answer.outcome = 'repeated' then array[answer.refusal #>> '{}']
        end,
        case
            when answer.outcome = 'refused' then array(select value::bigint from jsonb_array_elements_text(answer.refusal -> 'classes'))
        end,
        case
            when answer.outcome = 'refused' then array(select value::bigint from jsonb_array_elements_text(answer.refusal -> 'others'))
        end,
        case
            when answer.outcome = 'refused' then array(select value::integer from jsonb_array_elements_text(answer.refusal -> 'numbers'))
        end,
        answer.enrolment_id, answer.class_id, answer.place
    from unnest(outcomes, refusals, enrolments, classes, places) with ordinality
        as answer (outcome, refusal, enrolment_id, class_id, place, n);
end
$$;
