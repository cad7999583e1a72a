-- registry_organization_create: a new leaf of the tree.
--
-- Locks      the tree's row, shared: its parent's ancestors do not change meanwhile.
-- Writes     the organization and its ancestors.
-- Returns    the organization; no row when the parent has one of this name. An unknown parent breaks organization_parent_exists.
create or replace function registry_organization_create(new_parent_id bigint, new_kind text, new_name text)
returns setof organization
language plpgsql
as $$
declare
    made organization;
begin
    perform 1 from organization_tree for share;
    insert into organization (parent_id, kind, name)
    values (new_parent_id, new_kind, new_name)
    on conflict on constraint organization_name_is_unique_below_its_parent do nothing
    returning * into made;
    if not found then
        return;
    end if;
    insert into organization_ancestor (organization_id, ancestor_id, distance)
    select made.organization_id, ancestor.ancestor_id, ancestor.distance + 1
    from organization_ancestor ancestor
    where ancestor.organization_id = new_parent_id
    union all
    select made.organization_id, made.organization_id, 0;
    return next made;
end
$$;
