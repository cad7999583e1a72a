-- night_school_end_enrolments: what a class that is over leaves of its enrolments.
--
-- Decides    of a class that was cancelled each seat is dropped, of one that has ended it is completed; offers lapse; who waited for
--            nothing else waits no more, nor takes part in a draw whose other classes are cancelled, too. Of a cancelled class nobody's
--            seats of the term are counted any longer.
-- Writes     enrolment, class_queue, class_seat_count, member_term, enrolment_event, member_message.
-- Locks      as night_school_hold_courses. The class is held by the caller, who has ended or cancelled it.
-- Returns    how many enrolments changed.
create or replace function night_school_end_enrolments(
    class bigint, is_cancelled boolean, why text, done_by text, clock_offset_us bigint) returns integer
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
    changed integer;
    members bigint[];
    enrolments bigint[];
    befores text[];
    afters text[];
begin
    perform night_school_hold_courses(array[class]);
    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    with gone as materialized (
        delete from class_queue
        where class_queue.class_id = class
        returning class_queue.member_id, class_queue.enrolment_id, class_queue.queue_number
    ),
    -- The delete is not seen by this statement.
    alone as materialized (
        select gone.member_id, gone.enrolment_id
        from gone
        join enrolment on enrolment.member_id = gone.member_id and enrolment.enrolment_id = gone.enrolment_id
        where not exists (
            select
            from class_queue
            where class_queue.class_id = any (array_remove(enrolment.wishes, class))
                and class_queue.queue_number = gone.queue_number)
    ),
    ended as materialized (
        select enrolment.member_id, enrolment.enrolment_id, enrolment.term_id, enrolment.state,
            case
                when enrolment.state = 'offered' then 'lapsed'
                when is_cancelled then 'dropped'
                else 'completed'
            end as after
        from enrolment
        where enrolment.class_id = class and enrolment.state in ('seated', 'offered')
        union all
        select enrolment.member_id, enrolment.enrolment_id, enrolment.term_id, enrolment.state, 'lapsed'
        from alone
        join enrolment on enrolment.member_id = alone.member_id and enrolment.enrolment_id = alone.enrolment_id
        union all
        select application.member_id, application.enrolment_id, application.term_id, application.state, 'lapsed'
        from enrolment application
        where application.draw_id = (select school_class.draw_id from school_class where school_class.class_id = class)
            and application.state = 'applied'
            and class = any (application.wishes)
            and not exists (
                select
                from school_class other
                where other.class_id = any (application.wishes)
                    and other.state in ('published', 'running'))
    ),
    written as (
        update enrolment
        set state = ended.after, offered_until = null, reason = why, version = enrolment.version + 1, changed_at = instant
        from ended
        where enrolment.member_id = ended.member_id and enrolment.enrolment_id = ended.enrolment_id
    ),
    noted as (
        insert into enrolment_event (member_id, enrolment_id, state_before, state_after, class_id, reason, done_by, occurred_at)
        select
            ended.member_id, ended.enrolment_id, ended.state, ended.after,
            case when ended.state not in ('applied', 'waitlisted') then class end, why,
            done_by, instant
        from ended
    ),
    given_back as (
        update member_term
        set taken = member_term.taken - 1
        from ended
        where member_term.member_id = ended.member_id
            and member_term.term_id = ended.term_id
            and (ended.state = 'offered' or ended.state = 'seated' and is_cancelled)
    ),
    counted as (
        update class_seat_count
        set
            applied = class_seat_count.applied - (
                select count(*)
                from ended
                join enrolment on enrolment.member_id = ended.member_id and enrolment.enrolment_id = ended.enrolment_id
                where ended.state = 'applied' and class_seat_count.class_id = any (enrolment.wishes)),
            waiting = class_seat_count.waiting - case when class_seat_count.class_id = class then (select count(*) from gone) else 0 end,
            offered = case when class_seat_count.class_id = class then 0 else class_seat_count.offered end,
            seated = case
                when class_seat_count.class_id = class and is_cancelled then 0
                else class_seat_count.seated
            end
        where class_seat_count.class_id = class
            or class_seat_count.class_id in (
                select wish.id
                from ended
                join enrolment on enrolment.member_id = ended.member_id and enrolment.enrolment_id = ended.enrolment_id
                cross join lateral unnest(enrolment.wishes) as wish (id)
                where ended.state = 'applied')
    )
    select
        count(*), array_agg(ended.member_id), array_agg(ended.enrolment_id), array_agg(ended.state), array_agg(ended.after)
    into changed, members, enrolments, befores, afters
    from ended;
    perform night_school_tell(members, enrolments, befores, afters, done_by);
    return changed;
end
$$;
