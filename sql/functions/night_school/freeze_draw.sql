-- night_school_freeze_draw: what is shared out by a draw, and among whom?
--
-- Decides    whether the draw is due: its window has closed and it was not drawn. Then of each application which of its wishes the person
--            could have now, whatever other draws gave them before: not of a class that was cancelled or is over, beyond the cap of the
--            term, at the hour of a lesson they have, or while the membership is not active. Those are passed over, each with its reason.
--            Who was absent too often in an earlier term comes after the others.
-- Writes     school_draw_class, school_draw_entry; both go with the caller's transaction, which is to call night_school_settle_draw.
-- Locks      as night_school_hold_courses; the draw; then member_term of all applicants, by member.
-- Returns    whether it is due.
-- Clock      this database's clock plus clock_offset_us, read after the locks.
-- Plan       pinned to keys; each application looks up what it needs by lateral (… offset 0).
create or replace function night_school_freeze_draw(drawn bigint, clock_offset_us bigint) returns boolean
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
    cap integer;
    -- Of the draw's classes, side by side.
    classes bigint[];
    taught tstzmultirange[];
    faults text[];
    -- Who comes after the others.
    lowered bigint[];
begin
    perform night_school_hold_courses(array(select school_class.class_id from school_class where school_class.draw_id = drawn));
    perform from school_draw where school_draw.draw_id = drawn for no key update;
    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';
    if not exists (
        select from school_draw
        where school_draw.draw_id = drawn and school_draw.drawn_at is null and school_draw.closes_at <= instant)
    then
        return false;
    end if;

    insert into member_term (member_id, term_id)
    select application.member_id, application.term_id
    from enrolment application
    where application.draw_id = drawn and application.state = 'applied'
    order by application.member_id
    on conflict do nothing;

    perform
    from (
        select application.member_id, application.term_id
        from enrolment application
        where application.draw_id = drawn and application.state = 'applied'
        order by application.member_id
        offset 0
    ) application
    cross join lateral (
        select
        from member_term
        where member_term.member_id = application.member_id and member_term.term_id = application.term_id
        offset 0
        for no key update
    ) term;

    select array_agg(class.class_id), array_agg(night_school_lesson_times(class.class_id)), array_agg(class.fault), max(class.cap)
    into classes, taught, faults, cap
    from (
        select
            school_class.class_id, school_term.enrolment_cap as cap,
            case
                when school_class.state = 'cancelled' then 'school.class_cancelled'
                when school_class.state = 'ended' or school_class.last_until <= instant then 'school.class_over'
            end as fault
        from school_class
        join school_term on school_term.term_id = school_class.term_id
        where school_class.draw_id = drawn
        order by school_class.class_id
    ) class;

    insert into school_draw_class (draw_id, class_id, seats)
    select drawn, seat.class_id, seat.capacity - seat.seated - seat.offered
    from unnest(classes, faults) as class (class_id, fault)
    cross join lateral (
        select *
        from class_seat_count
        where class_seat_count.class_id = class.class_id
        offset 0
    ) seat
    where class.fault is null;

    lowered := array(
        select lower.member_id
        from school_draw
        cross join lateral night_school_lower_priority(
            array(
                select application.member_id
                from enrolment application
                where application.draw_id = drawn and application.state = 'applied'),
            school_draw.term_id) as lower
        where school_draw.draw_id = drawn);

    insert into school_draw_entry (draw_id, ticket, member_id, enrolment_id, priority, wishes, feasible, passed)
    select
        drawn, application.ticket, application.member_id, application.enrolment_id,
        case when application.member_id = any (lowered) then 2 else 1 end, application.wishes, judged.feasible, judged.passed
    from enrolment application
    cross join lateral (
        select member.status
        from member
        where member.member_id = application.member_id
        offset 0
    ) person
    cross join lateral (
        select member_term.taken
        from member_term
        where member_term.member_id = application.member_id and member_term.term_id = application.term_id
        offset 0
    ) own
    cross join lateral (
        select range_agg(night_school_lesson_times(mine.class_id)) as times
        from enrolment mine
        where mine.member_id = application.member_id and mine.state in ('seated', 'offered')
        offset 0
    ) held
    cross join lateral (
        select
            coalesce(array_agg(wish.id order by wish.n) filter (where verdict.reason is null), '{}') as feasible,
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'classId', wish.id, 'reason', verdict.reason, 'otherId', clash.class_id, 'number', clash.number)
                    order by wish.n)
                filter (where verdict.reason is not null),
                '[]') as passed
        from unnest(application.wishes) with ordinality as wish (id, n)
        cross join lateral (
            select
                taught[array_position(classes, wish.id)] as times,
                case
                    when faults[array_position(classes, wish.id)] is not null then faults[array_position(classes, wish.id)]
                    when person.status <> 'active' then 'school.member_not_active'
                    when own.taken >= cap then 'school.cap_reached'
                    when taught[array_position(classes, wish.id)] && held.times then 'school.lessons_clash'
                end as reason
            offset 0
        ) verdict
        left join lateral (
            select lesson.class_id, lesson.number
            from enrolment mine
            join lesson on lesson.class_id = mine.class_id and lesson.state <> 'cancelled'
            where verdict.reason = 'school.lessons_clash'
                and mine.member_id = application.member_id
                and mine.state in ('seated', 'offered')
                and verdict.times && tstzrange(lesson.starts_at, lesson.ends_at)
            order by lesson.starts_at, lesson.class_id
            limit 1
        ) clash on true
        offset 0
    ) judged
    where application.draw_id = drawn and application.state = 'applied';
    return true;
end
$$;
