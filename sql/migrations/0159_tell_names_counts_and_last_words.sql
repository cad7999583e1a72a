-- What lists show beside a number: an organization's name for who reads no Chinese, how many belong to it, when a device was last heard.

alter table organization
    add column name_en text,
    add constraint organization_name_en_has_1_to_100_characters check (char_length(name_en) between 1 and 100);

comment on column organization.name_en is 'For pages in English; null: it has none, and the name is shown.';

alter table device add column heard_at timestamptz;

comment on column device.heard_at is 'When its key was last shown, to the minute: who shows it all the time is written once a minute.';

-- Members of an organization are counted in the index alone.
create index member_of_organization_by_status on member (organization_id, member_id) include (status);
drop index member_of_organization;
alter index member_of_organization_by_status rename to member_of_organization;
