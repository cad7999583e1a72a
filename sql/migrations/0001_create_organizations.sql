-- The union's tree: cities, districts, streets, enterprises, federations, and holding organizations for workers whose employer has none.

create table organization (
    organization_id bigint generated always as identity,
    parent_id bigint,
    kind text not null,
    name text not null,
    created_at timestamptz not null default now(),

    constraint organization_pkey primary key (organization_id),
    constraint organization_parent_exists foreign key (parent_id) references organization (organization_id),
    -- A parent is older than its children and never changes, so the tree has no cycle. Whoever lets subtrees move
    -- replaces this rule by a function that locks the path to the root.
    constraint organization_parent_is_older check (parent_id < organization_id),
    constraint organization_kind_is_known
        check (kind in ('city', 'district', 'street', 'enterprise', 'industry_federation', 'holding')),
    constraint organization_name_has_1_to_100_characters check (char_length(name) between 1 and 100),
    constraint organization_name_is_unique_below_its_parent unique nulls not distinct (parent_id, name)
);

comment on table organization is 'A node of the union''s tree (工会组织).';
comment on column organization.parent_id is 'Null for a root.';
