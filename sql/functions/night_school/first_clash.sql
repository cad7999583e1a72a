-- night_school_first_clash: which lesson that a member has a seat in, of other courses, comes first at one of these times?
--
-- Decides    nothing.
-- Locks      nothing.
-- Returns    one row, or none.
create or replace function night_school_first_clash(member bigint, course bigint, times tstzmultirange)
returns table (class_id bigint, number smallint)
language plpgsql stable
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
begin
    return query
    select taken.class_id, taken.number
    from enrolment mine
    join lesson taken on taken.class_id = mine.class_id and taken.state <> 'cancelled'
    where mine.member_id = member
        and mine.state in ('seated', 'offered')
        and mine.course_id <> course
        and times && tstzrange(taken.starts_at, taken.ends_at)
    order by taken.starts_at
    limit 1;
end
$$;
