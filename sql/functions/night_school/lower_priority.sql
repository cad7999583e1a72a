-- night_school_lower_priority: which of these members come after the others in a draw for classes of this term?
--
-- Decides    whoever was absent without excuse too often in another term of the school, under any number that they have or had, as long as
--            that was not lifted: in terms that begin within the days of the standing. It is for draws alone: doors, benefits and first
--            come never ask.
-- Returns    one row per member to whom it applies, once, with the standing to name as the reason.
create or replace function night_school_lower_priority(member_ids bigint[], term bigint)
returns table (member_id bigint, standing_id bigint)
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
    select asked.member_id, standing.standing_id
    from (select distinct input.member_id from unnest(member_ids) as input (member_id)) asked
    cross join lateral (
        select school_term.school_id, school_term.starts_on from school_term where school_term.term_id = term offset 0
    ) drawn
    cross join lateral (
        select min(found.standing_id) as standing_id
        from (
            select coalesce(shown.merged_into, shown.member_id) as member_id
            from member shown
            where shown.member_id = asked.member_id
            union
            select merged.member_id
            from member shown
            join member merged on merged.merged_into = coalesce(shown.merged_into, shown.member_id)
            where shown.member_id = asked.member_id
        ) numbered
        cross join lateral (
            select enrolment_standing.standing_id
            from enrolment_standing
            where enrolment_standing.member_id = numbered.member_id
                and enrolment_standing.school_id = drawn.school_id
                and enrolment_standing.term_id <> term
                and enrolment_standing.kind = 'lower_priority'
                and enrolment_standing.lifted_at is null
                and drawn.starts_on >= enrolment_standing.from_on
                and drawn.starts_on < enrolment_standing.until_on
            offset 0
        ) found
        offset 0
    ) standing
    where standing.standing_id is not null;
end
$$;
