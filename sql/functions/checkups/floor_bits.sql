-- checkups_floor_bits: which of the program's groups are promised places; bit 0 for the first group.
create or replace function checkups_floor_bits(rules jsonb)
returns integer
language sql
immutable
as $$
    select coalesce(bit_or(1 << (party.ordinality - 1)::integer), 0)::integer
    from jsonb_array_elements(rules -> 'groups') with ordinality as party (value, ordinality)
    where exists (
        select from jsonb_array_elements(rules -> 'floors') as promise (value)
        where promise.value ->> 'group' = party.value ->> 'name')
$$;

-- checkups_is_for: whether a visit is for the members of an organization.
create or replace function checkups_is_for(audience_organization_id bigint, member_organization_id bigint)
returns boolean
language sql
stable
as $$
    select audience_organization_id is null
        or exists (
            select from organization_ancestor
            where organization_ancestor.organization_id = member_organization_id
                and organization_ancestor.ancestor_id = audience_organization_id)
$$;
