-- night_school_class_facts: which of these classes take enrolments, and what is free in each?
--
-- Decides    nothing: as things stand at that instant, for whoever holds their seats.
-- Locks      nothing.
-- Returns    one row per class that was published, in the order of their numbers: the seats that are free, who waits, why it takes nobody
--            (null: it does), and the draw whose window is open (null: none).
create or replace function night_school_class_facts(class_ids bigint[], instant timestamptz)
returns table (
    class_id bigint,
    course_id bigint,
    term_id bigint,
    enrolment_cap integer,
    free integer,
    waiting integer,
    fault text,
    drawing bigint)
language plpgsql stable
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set enable_material = off
set jit = off
as $$
#variable_conflict use_column
begin
    return query
    select
        school_class.class_id, school_class.course_id, school_class.term_id, school_term.enrolment_cap::integer,
        seat.capacity - seat.seated - seat.offered as free, seat.waiting,
        case
            when school_class.state = 'cancelled' then 'school.class_cancelled'
            when school_class.state = 'ended' or school_class.last_until <= instant then 'school.class_over'
            when school_class.enrolment_mode <> 'first_come' and draw.draw_id is null then 'school.enrolment_by_draw'
            when school_class.opens_at > instant then 'school.enrolment_not_open'
            when school_class.closes_at > instant then null
            when school_class.enrolment_mode <> 'draw_then_first_come' then 'school.enrolment_closed'
            when draw.drawn_at is null then 'school.enrolment_by_draw'
            when school_class.first_at <= instant then 'school.enrolment_closed'
        end as fault,
        case when school_class.opens_at <= instant and school_class.closes_at > instant then draw.draw_id end as drawing
    from school_class
    left join school_draw draw on draw.draw_id = school_class.draw_id
    join class_seat_count seat on seat.class_id = school_class.class_id
    join school_term on school_term.term_id = school_class.term_id
    where school_class.class_id = any (class_ids) and school_class.published_at is not null
    order by school_class.class_id;
end
$$;
