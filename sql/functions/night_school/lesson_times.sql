-- When a class has its lessons, those that are cancelled left out.
create or replace function night_school_lesson_times(class bigint) returns tstzmultirange
language plpgsql stable
set plan_cache_mode = force_generic_plan
as $$
begin
    return (
        select coalesce(range_agg(tstzrange(lesson.starts_at, lesson.ends_at)), '{}')
        from lesson
        where lesson.class_id = class and lesson.state <> 'cancelled');
end
$$;
