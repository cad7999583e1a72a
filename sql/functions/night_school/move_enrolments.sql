-- night_school_move_enrolments: what becomes of enrolments after the first.
--
-- Decides    in the order of the requests: an application is withdrawn while the window of its draw is open. An offer becomes seated
--            (confirmed) while it lasts, or declined; once it is over, lapsed. Who waits may withdraw. Who has a seat may withdraw until
--            the class's first lesson begins; afterwards it is dropped. Who left takes part no more; a new enrolment goes to the end of the
--            queue.
-- Writes     enrolment, class_queue, class_seat_count, member_term, enrolment_event, outbox_event, member_message; what came free is
--            offered at once. What the person may have elsewhere now, an hour or a place below the cap that was missing, is the job's to
--            give: the locks of other courses would come too late here.
-- Locks      as night_school_hold_courses, of all classes wished for; then member_term by (member_id, term_id).
-- Returns    one row per request, to be matched by ordinality, in no order: moved, with the state that it has now (withdrawn may come to be
--            dropped) | unchanged | enrolment_unknown | not_allowed | offer_over | not_due, each with the present state.
-- Clock      this database's clock plus clock_offset_us, read after the locks.
create or replace function night_school_move_enrolments(
    member_ids bigint[],
    enrolment_ids bigint[],
    states text[],
    move_reasons text[],
    done_by text,
    clock_offset_us bigint)
returns table (ordinality integer, outcome text, state text)
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
    asked record;
    verdict text;
    after text;
    freed bigint[] := '{}';
    members bigint[] := '{}';
    enrolments bigint[] := '{}';
    befores text[] := '{}';
    afters text[] := '{}';
begin
    perform night_school_hold_courses(array(
        select wish.id
        from unnest(member_ids, enrolment_ids) as input (member_id, enrolment_id)
        cross join lateral (
            select enrolment.wishes
            from enrolment
            where enrolment.member_id = input.member_id and enrolment.enrolment_id = input.enrolment_id
            offset 0
        ) enrolment
        cross join lateral unnest(enrolment.wishes) as wish (id)));
    perform
    from member_term
    where (member_term.member_id, member_term.term_id) in (
        select input.member_id, enrolment.term_id
        from unnest(member_ids, enrolment_ids) as input (member_id, enrolment_id)
        cross join lateral (
            select enrolment.term_id
            from enrolment
            where enrolment.member_id = input.member_id and enrolment.enrolment_id = input.enrolment_id
            offset 0
        ) enrolment)
    order by member_term.member_id, member_term.term_id
    for no key update;
    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    for asked in
        select input.n::integer as n, input.member_id, input.enrolment_id, input.state as wanted, input.reason
        from unnest(member_ids, enrolment_ids, states, move_reasons) with ordinality as input (member_id, enrolment_id, state, reason, n)
        order by input.n
    loop
        declare
            own record;
        begin
            select
                enrolment.state, enrolment.class_id, enrolment.term_id, enrolment.wishes, enrolment.queue_number, enrolment.offered_until,
                school_class.first_at, school.organization_id, draw.closes_at
            into own
            from enrolment
            left join school_draw draw on draw.draw_id = enrolment.draw_id
            left join school_class on school_class.class_id = enrolment.class_id
            left join school on school.school_id = school_class.school_id
            where enrolment.member_id = asked.member_id and enrolment.enrolment_id = asked.enrolment_id;

            after := case when asked.wanted = 'withdrawn' and own.state = 'seated' and own.first_at <= instant then 'dropped'
                else asked.wanted end;
            verdict := case
                when own.state is null then 'enrolment_unknown'
                when own.state = after then 'unchanged'
                when own.state = 'offered' and after = 'lapsed' then
                    case when own.offered_until <= instant then 'moved' else 'not_due' end
                when own.state = 'offered' and after in ('seated', 'declined') then
                    case when own.offered_until > instant then 'moved' else 'offer_over' end
                when own.state = 'applied' and after = 'withdrawn' and own.closes_at > instant then 'moved'
                when own.state = 'waitlisted' and after = 'withdrawn' then 'moved'
                when own.state = 'seated' and after in ('withdrawn', 'dropped') then 'moved'
                else 'not_allowed'
            end;
            if verdict = 'moved' then
                update enrolment
                set
                    state = after,
                    offered_until = null,
                    reason = asked.reason,
                    version = enrolment.version + 1,
                    changed_at = instant
                where enrolment.member_id = asked.member_id and enrolment.enrolment_id = asked.enrolment_id;
                if own.state = 'waitlisted' then
                    perform night_school_leave_queue(own.wishes, own.queue_number);
                elsif own.state = 'applied' then
                    update class_seat_count
                    set applied = class_seat_count.applied - 1
                    where class_seat_count.class_id = any (own.wishes);
                else
                    update class_seat_count
                    set
                        offered = class_seat_count.offered - (own.state = 'offered')::integer,
                        seated = class_seat_count.seated + (after = 'seated')::integer - (own.state = 'seated')::integer
                    where class_seat_count.class_id = own.class_id;
                    if after <> 'seated' then
                        freed := freed || own.class_id;
                        update member_term
                        set taken = member_term.taken - 1
                        where member_term.member_id = asked.member_id and member_term.term_id = own.term_id;
                    end if;
                end if;
                members := members || asked.member_id;
                enrolments := enrolments || asked.enrolment_id;
                befores := befores || own.state;
                afters := afters || after;
                insert into enrolment_event (
                    member_id, enrolment_id, state_before, state_after, class_id, reason, done_by, occurred_at)
                values (
                    asked.member_id, asked.enrolment_id, own.state, after, own.class_id, asked.reason, done_by, instant);
                if own.class_id is not null then
                    insert into outbox_event (type, subject, organization_id, data)
                    values (
                        'enrolment.' || after, 'member:' || asked.member_id, own.organization_id,
                        json_build_object(
                            'enrolmentId', asked.enrolment_id, 'memberId', asked.member_id, 'classId', own.class_id)::text);
                end if;
                state := after;
            else
                state := own.state;
            end if;
            ordinality := asked.n;
            outcome := verdict;
            return next;
        end;
    end loop;

    if members <> '{}' then
        perform night_school_tell(members, enrolments, befores, afters, done_by);
    end if;
    if freed <> '{}' then
        perform night_school_give_seats(freed, 'job:schools', clock_offset_us);
    end if;
end
$$;
