-- Who stands above whom, at any distance: what "within a subtree" means everywhere.
--
-- Kept by registry_organization_create and registry_organization_move, which hold the one row of organization_tree: shared to add a
-- leaf, alone to move a subtree. So the tree has no cycle although a parent may now be younger than its children.

create table organization_tree (
    is_only_row boolean not null default true,

    constraint organization_tree_pkey primary key (is_only_row),
    constraint organization_tree_has_one_row check (is_only_row)
);

comment on table organization_tree is 'The lock of the tree''s shape.';

insert into organization_tree default values;

create table organization_ancestor (
    organization_id bigint not null,
    ancestor_id bigint not null,
    distance integer not null,

    constraint organization_ancestor_pkey primary key (organization_id, ancestor_id),
    constraint organization_ancestor_organization_exists foreign key (organization_id) references organization (organization_id),
    constraint organization_ancestor_ancestor_exists foreign key (ancestor_id) references organization (organization_id),
    constraint organization_ancestor_itself_is_at_distance_0 check ((organization_id = ancestor_id) = (distance = 0)),
    constraint organization_ancestor_distance_is_not_negative check (distance >= 0)
);

comment on table organization_ancestor is 'Every organization under every organization above it, itself included at distance 0.';

create index organization_ancestor_of_subtree on organization_ancestor (ancestor_id, organization_id);

insert into organization_ancestor (organization_id, ancestor_id, distance)
with recursive ancestry as (
    select organization_id, organization_id as ancestor_id, 0 as distance from organization
    union all
    select ancestry.organization_id, organization.parent_id, ancestry.distance + 1
    from ancestry
    join organization on organization.organization_id = ancestry.ancestor_id
    where organization.parent_id is not null
)
select organization_id, ancestor_id, distance from ancestry;

alter table organization drop constraint organization_parent_is_older;
alter table organization add constraint organization_parent_is_another check (parent_id <> organization_id);

create index organization_of_parent on organization (parent_id, organization_id);

create table organization_move (
    move_id bigint generated always as identity,
    organization_id bigint not null,
    parent_id_before bigint,
    parent_id_after bigint,
    reason text not null,
    moved_by text not null,
    moved_at timestamptz not null default now(),

    constraint organization_move_pkey primary key (move_id),
    constraint organization_move_organization_exists foreign key (organization_id) references organization (organization_id),
    constraint organization_move_changes_the_parent check (parent_id_before is distinct from parent_id_after)
);

comment on table organization_move is 'Where a subtree hung before, and who moved it when and why.';

create index organization_move_of_organization on organization_move (organization_id, move_id);
