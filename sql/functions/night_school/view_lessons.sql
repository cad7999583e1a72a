-- night_school_view_lessons: links of lessons online, each look counted.
--
-- Decides    what may be seen, and by whom: lessons of classes that were published and are not cancelled, themselves not cancelled, by who
--            has a seat in the class, or had one to its end.
-- Writes     lesson_view: one row a lesson and day, however many look at once.
-- Locks      lesson_view by class and number.
-- Returns    a row per look, by ordinal, for lessons that there are; link is null where the lesson is in a room or cancelled, and
--            where who looks has no seat (is_seated).
-- Clock      this database's clock plus clock_offset_us; the day is China's.
create or replace function night_school_view_lessons(
    class_ids bigint[], numbers smallint[], member_ids bigint[], clock_offset_us bigint)
returns table (ordinal integer, link text, is_seated boolean)
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
    today date := ((clock_timestamp() + clock_offset_us * interval '1 microsecond') at time zone 'Asia/Shanghai')::date;
begin
    return query
    with look as materialized (
        select
            asked.ordinal::integer as ordinal, asked.class_id, asked.number, own.is_seated,
            case
                when own.is_seated and lesson.state <> 'cancelled' and school_class.state <> 'cancelled' then lesson.link
            end as link
        from unnest(class_ids, numbers, member_ids) with ordinality as asked (class_id, number, member_id, ordinal)
        cross join lateral (
            select exists (
                select
                from enrolment
                where enrolment.class_id = asked.class_id
                    and enrolment.member_id = asked.member_id
                    and enrolment.state in ('seated', 'completed')) as is_seated
            offset 0
        ) own
        join lesson on lesson.class_id = asked.class_id and lesson.number = asked.number
        join school_class on school_class.class_id = asked.class_id and school_class.published_at is not null
    ),
    counted as (
        insert into lesson_view as known (class_id, number, seen_on, views)
        select look.class_id, look.number, today, count(*)
        from look
        where look.link is not null
        group by look.class_id, look.number
        order by look.class_id, look.number
        on conflict on constraint lesson_view_pkey do update set views = known.views + excluded.views
    )
    select look.ordinal, look.link, look.is_seated
    from look
    order by look.ordinal;
end
$$;
