-- registry_organization_move: hangs a subtree elsewhere.
--
-- Decides    whether it may: both exist, the new parent is not within the subtree and has no child of this name.
-- Locks      the tree's row alone: no organization is made and no other subtree moves meanwhile.
-- Writes     the parent, the ancestors of the whole subtree, and a row of history.
-- Returns    moved, unchanged, unknown, parent_unknown, cycle or name_taken. New parent null makes it a root.
create or replace function registry_organization_move(moved_id bigint, new_parent_id bigint, move_reason text, mover text)
returns text
language plpgsql
as $$
declare
    present organization;
begin
    perform 1 from organization_tree for update;
    select * into present from organization where organization_id = moved_id for no key update;
    if not found then
        return 'unknown';
    end if;
    if new_parent_id is not null and not exists (select from organization where organization_id = new_parent_id) then
        return 'parent_unknown';
    end if;
    if present.parent_id is not distinct from new_parent_id then
        return 'unchanged';
    end if;
    if exists (select from organization_ancestor where organization_id = new_parent_id and ancestor_id = moved_id) then
        return 'cycle';
    end if;
    if exists (
        select from organization
        where parent_id is not distinct from new_parent_id and name = present.name and organization_id <> moved_id
    ) then
        return 'name_taken';
    end if;

    update organization set parent_id = new_parent_id where organization_id = moved_id;

    delete from organization_ancestor link
    using organization_ancestor below, organization_ancestor above
    where below.ancestor_id = moved_id
        and above.organization_id = moved_id
        and above.distance > 0
        and link.organization_id = below.organization_id
        and link.ancestor_id = above.ancestor_id;
    insert into organization_ancestor (organization_id, ancestor_id, distance)
    select below.organization_id, above.ancestor_id, below.distance + above.distance + 1
    from organization_ancestor below
    cross join organization_ancestor above
    where below.ancestor_id = moved_id and above.organization_id = new_parent_id;

    insert into organization_move (organization_id, parent_id_before, parent_id_after, reason, moved_by)
    values (moved_id, present.parent_id, new_parent_id, move_reason, mover);
    return 'moved';
end
$$;
