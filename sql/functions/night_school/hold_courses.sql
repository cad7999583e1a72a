-- Decides    nothing.
-- Locks      the seats of all classes of the courses and terms that these classes belong to, by class id: parallel classes share one queue,
--            so whoever gives or takes a seat of one holds them all. Then nothing about the seats and the queue of these courses changes
--            until the transaction ends.
create or replace function night_school_hold_courses(class_ids bigint[]) returns void
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set jit = off
as $$
begin
    perform
    from class_seat_count
    where class_seat_count.class_id = any (array(
        select parallel.class_id
        from (
            select distinct school_class.course_id, school_class.term_id
            from school_class
            where school_class.class_id = any (class_ids)
        ) course
        cross join lateral (
            select school_class.class_id
            from school_class
            where school_class.course_id = course.course_id and school_class.term_id + 0 = course.term_id
            offset 0
        ) parallel))
    order by class_seat_count.class_id
    for no key update;
end
$$;
