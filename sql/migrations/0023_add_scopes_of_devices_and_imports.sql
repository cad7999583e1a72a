-- Whose devices and imports they are: organizers see those of their subtree.

alter table device_pairing
    add column organization_id bigint,
    add constraint device_pairing_organization_exists foreign key (organization_id) references organization (organization_id);

alter table device
    add column organization_id bigint,
    add constraint device_organization_exists foreign key (organization_id) references organization (organization_id);

comment on column device.organization_id is 'Whose organizers roll and revoke it; null is the whole union''s.';

create index device_of_organization on device (organization_id, device_id);

alter table member_import add column scope_organization_ids bigint[];

comment on column member_import.scope_organization_ids is
    'The subtrees that the importing account reached; null is the whole union. Read by those whose own scope has all of them.';
