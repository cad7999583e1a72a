-- Finds who may be the same person as one of the given members: the same phone, or the same name and birth date. One statement for one
-- new member or for thousands.
-- A phone that many share (a foreman's, a dormitory's) does not make a pair of each with each: within a phone or name a member is
-- paired with the seven before it, by number, and the seven after.
-- Locks: nothing but the pairs it enters, in their order. A pair that is known stays as it was decided; it only learns a new reason.
-- Returns how many pairs are new.

create or replace function member_duplicates_find(member_ids bigint[])
returns integer
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
declare
    found integer;
begin
    with person as materialized (
        select personal.member_id, personal.phone_index, personal.name_index
        from unnest(member_ids) as input (member_id)
        join member_personal_data personal on personal.member_id = input.member_id
        join member on member.member_id = input.member_id
        where member.merged_into is null and member.erased_at is null
    ),
    match as (
        select person.member_id, neighbour.member_id as other_member_id, true as same_phone, false as same_name
        from person
        cross join lateral (
            (
                select entry.member_id
                from member_phone_index entry
                where entry.phone_index = person.phone_index and entry.member_id < person.member_id
                order by entry.member_id desc
                limit 7
            )
            union all
            (
                select entry.member_id
                from member_phone_index entry
                where entry.phone_index = person.phone_index and entry.member_id > person.member_id
                order by entry.member_id
                limit 7
            )
        ) neighbour
        union all
        select person.member_id, neighbour.member_id, false, true
        from person
        cross join lateral (
            (
                select entry.member_id
                from member_name_index entry
                where entry.name_index = person.name_index and entry.member_id < person.member_id
                order by entry.member_id desc
                limit 7
            )
            union all
            (
                select entry.member_id
                from member_name_index entry
                where entry.name_index = person.name_index and entry.member_id > person.member_id
                order by entry.member_id
                limit 7
            )
        ) neighbour
    ),
    pair as (
        select
            least(match.member_id, match.other_member_id) as member_id,
            greatest(match.member_id, match.other_member_id) as other_member_id,
            bool_or(match.same_phone) as same_phone,
            bool_or(match.same_name) as same_name
        from match
        group by 1, 2
    ),
    entered as (
        insert into member_duplicate (member_id, other_member_id, same_phone, same_name_and_birth)
        select pair.member_id, pair.other_member_id, pair.same_phone, pair.same_name
        from pair
        order by pair.member_id, pair.other_member_id
        on conflict on constraint member_duplicate_pair_is_unique do update
        set
            same_phone = member_duplicate.same_phone or excluded.same_phone,
            same_name_and_birth = member_duplicate.same_name_and_birth or excluded.same_name_and_birth
        where
            excluded.same_phone and not member_duplicate.same_phone
            or excluded.same_name_and_birth and not member_duplicate.same_name_and_birth
        returning xmax = 0 as is_new
    )
    select count(*) filter (where entered.is_new) into found from entered;
    return found;
end
$$;
