-- When a class has its lessons, those that are cancelled left out: after the look-up by their key, for the index of those that are on is
-- slow.
create or replace function night_school_lesson_times(class bigint) returns tstzmultirange
language plpgsql stable
set plan_cache_mode = force_generic_plan
as $$
begin
    return (
        select coalesce(range_agg(tstzrange(lesson.starts_at, lesson.ends_at)) filter (where lesson.state <> 'cancelled'), '{}')
        from lesson
        where lesson.class_id = class);
end
$$;
