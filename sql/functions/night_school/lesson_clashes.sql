-- night_school_lesson_clashes: which of these lessons would be in a room, or have a teacher, that is taken then.
--
-- Decides    over all of them together: each against what stands in lesson, and against those asked with it that come before it.
-- Locks      nothing: callers hold the rooms and the teachers, so that what is found free stays free.
-- Returns    a row per clash, by ordinal: at most one for the room, one for the teacher and one for the class itself.
--            other_ordinal is the lesson asked with it; otherwise class_id and number name the one that stands.
-- Owners     the class of each; of classes that are yet to be made a negative number each.
-- Leaves out lessons of the classes given as replaced, all of them or one by its number: they are about to go.
create or replace function night_school_lesson_clashes(
    owners bigint[], starts timestamptz[], ends timestamptz[], rooms bigint[], teachers bigint[], replaced bigint[],
    replaced_numbers smallint[]
)
returns table (ordinal integer, kind text, other_ordinal integer, class_id bigint, number smallint)
language plpgsql stable
set plan_cache_mode = force_generic_plan
set jit = off
as $$
#variable_conflict use_column
begin
    return query
    with asked as materialized (
        select
            ask.ordinal::integer as ordinal, ask.owner, tstzrange(ask.starts_at, ask.ends_at) as span, ask.room_id, ask.teacher_id
        from unnest(owners, starts, ends, rooms, teachers)
            with ordinality as ask (owner, starts_at, ends_at, room_id, teacher_id, ordinal)
    ),
    leaving as materialized (
        select gone.class_id, gone.number
        from unnest(replaced, replaced_numbers) as gone (class_id, number)
    ),
    standing as (
        select asked.ordinal, 'room' as kind, lesson.class_id, lesson.number
        from asked
        join lesson
            on lesson.room_id = asked.room_id
            and tstzrange(lesson.starts_at, lesson.ends_at) && asked.span
            and lesson.state <> 'cancelled'
        union all
        select asked.ordinal, 'teacher', lesson.class_id, lesson.number
        from asked
        join lesson
            on lesson.teacher_id = asked.teacher_id
            and tstzrange(lesson.starts_at, lesson.ends_at) && asked.span
            and lesson.state <> 'cancelled'
        union all
        select asked.ordinal, 'class', lesson.class_id, lesson.number
        from asked
        join lesson
            on lesson.class_id = asked.owner
            and tstzrange(lesson.starts_at, lesson.ends_at) && asked.span
            and lesson.state <> 'cancelled'
    ),
    together as (
        select asked.ordinal, clash.kind, other.ordinal as other_ordinal
        from asked
        join asked other on other.ordinal < asked.ordinal and other.span && asked.span
        cross join lateral (
            select 'room' as kind where other.room_id = asked.room_id
            union all
            select 'teacher' where other.teacher_id = asked.teacher_id
            union all
            select 'class' where other.owner = asked.owner
        ) clash
    ),
    clash as (
        select standing.ordinal, standing.kind, null::integer as other_ordinal, standing.class_id, standing.number
        from standing
        where
            not exists (
                select from leaving
                where leaving.class_id = standing.class_id and coalesce(leaving.number = standing.number, true))
        union all
        select together.ordinal, together.kind, together.other_ordinal, null, null
        from together
    )
    select distinct on (clash.ordinal, clash.kind)
        clash.ordinal, clash.kind, clash.other_ordinal, clash.class_id, clash.number
    from clash
    order by clash.ordinal, clash.kind, clash.class_id, clash.number, clash.other_ordinal;
end
$$;
