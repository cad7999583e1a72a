-- Whether a person has a benefit of the family and period already, beside the one that the program itself gave under this number: another
-- program's, or one under a number that was merged into this one. For the functions that give places.
create or replace function programs_holds_benefit(of_member bigint, of_family text, of_period text, of_program bigint)
returns boolean
language sql
stable
as $$
    select exists (
        select
        from (
            select of_member as member_id
            union all
            select merged.member_id from member merged where merged.merged_into = of_member
        ) person
        cross join lateral (
            select
            from benefit
            where benefit.member_id = person.member_id
                and benefit.family = of_family
                and benefit.period = of_period
                and benefit.state in ('held', 'confirmed', 'used')
                and (benefit.program_id is distinct from of_program or person.member_id <> of_member)
            -- Else PostgreSQL may read all there are into a hash first.
            offset 0
        ) held
        offset 0)
$$;

-- Whether a person has a place of a program under a number that was merged into this one.
create or replace function programs_holds_place_merged(of_member bigint, of_program bigint)
returns boolean
language sql
stable
as $$
    select exists (
        select
        from member merged
        cross join lateral (
            select
            from program_award
            where program_award.member_id = merged.member_id
                and program_award.program_id = of_program
                and programs_holds_place(program_award.state)
            -- Else PostgreSQL may read all there are into a hash first.
            offset 0
        ) held
        where merged.merged_into = of_member
        offset 0)
$$;
