-- Holds the rolls of these lessons, of those that there are in classes that were published; a roll is made the first time. In the order of
-- class and number, so that two who want several wait for each other and never in a circle.
create or replace function night_school_hold_rolls(class_ids bigint[], numbers smallint[]) returns void
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
begin
    insert into lesson_roll (class_id, number)
    select asked.class_id, asked.number
    from (
        select distinct input.class_id, input.number
        from unnest(class_ids, numbers) as input (class_id, number)
    ) asked
    cross join lateral (
        select
        from lesson
        join school_class on school_class.class_id = lesson.class_id and school_class.published_at is not null
        where lesson.class_id = asked.class_id and lesson.number = asked.number
        offset 0
    ) lesson
    order by asked.class_id, asked.number
    on conflict do nothing;

    perform
    from lesson_roll
    where (lesson_roll.class_id, lesson_roll.number) in (
        select input.class_id, input.number from unnest(class_ids, numbers) as input (class_id, number))
    order by lesson_roll.class_id, lesson_roll.number
    for no key update;
end
$$;
