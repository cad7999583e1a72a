-- night_school_timetable: when and where are these numbers of one person taught?
--
-- Decides    nothing: the lessons of seats that they have or had to the end, and of evenings lent to them.
-- Locks      nothing.
-- Returns    one row per lesson that begins in the time asked for, as they come, 2000 at most; cancelled ones too.
-- Plan       pinned to keys, and made once: planning took longer than reading.
create or replace function night_school_timetable(member_ids bigint[], from_at timestamptz, until_at timestamptz)
returns table (
    class_id bigint,
    school text,
    title text,
    title_en text,
    label text,
    is_guest boolean,
    number smallint,
    state text,
    starts_at timestamptz,
    ends_at timestamptz,
    room_id bigint,
    site text,
    room text,
    address text,
    teacher_id bigint,
    teacher text,
    is_online boolean,
    sequence integer,
    reason text,
    reason_en text,
    changed_at timestamptz)
language plpgsql stable
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set enable_material = off
set enable_memoize = off
set jit = off
as $$
#variable_conflict use_column
begin
    return query
    select
        seat.class_id, school.name as school, course.title, course.title_en, school_class.label, seat.is_guest, lesson.number,
        lesson.state, lesson.starts_at, lesson.ends_at, classroom.room_id, classroom.site, classroom.name as room, classroom.address,
        teacher.teacher_id, teacher.name as teacher, lesson.link is not null as is_online, lesson.sequence, lesson.reason,
        lesson.reason_en, lesson.changed_at
    from (
        select enrolment.class_id, null::smallint as number, false as is_guest
        from enrolment
        where enrolment.member_id = any (member_ids) and enrolment.state in ('seated', 'completed')
        union all
        select lesson_seat.class_id, lesson_seat.number, true
        from lesson_seat
        where lesson_seat.guest_member_id = any (member_ids) and lesson_seat.state = 'taken'
    ) seat
    cross join lateral (
        select lesson.*
        from lesson
        where lesson.class_id = seat.class_id and (seat.number is null or lesson.number = seat.number)
        offset 0
    ) lesson
    join school_class on school_class.class_id = seat.class_id
    join course on course.course_id = school_class.course_id
    join school on school.school_id = school_class.school_id
    left join classroom on classroom.room_id = lesson.room_id
    left join teacher on teacher.teacher_id = lesson.teacher_id
    where lesson.starts_at >= from_at and lesson.starts_at < until_at
    order by lesson.starts_at, seat.class_id, lesson.number
    limit 2000;
end
$$;
