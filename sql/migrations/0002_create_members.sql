-- Members: what may be read in clear. Name, national id and phone stand sealed in tables of their own.

create table member (
    member_id bigint generated always as identity,
    organization_id bigint not null,
    status text not null,
    worker_kind text not null,
    employment_form text not null,
    sex text not null,
    birth_on date not null,
    hardship_post boolean not null,
    employer_checkup boolean not null,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),

    constraint member_pkey primary key (member_id),
    constraint member_organization_exists foreign key (organization_id) references organization (organization_id),
    constraint member_status_is_known check (status in ('provisional', 'active', 'suspended', 'left')),
    constraint member_worker_kind_is_known
        check (worker_kind in ('courier', 'food_rider', 'ride_hailing_driver', 'truck_driver', 'housekeeper',
                               'online_marketer', 'sanitation_worker', 'factory_worker', 'other')),
    constraint member_employment_form_is_known
        check (employment_form in ('contract', 'dispatch', 'self_employed', 'platform', 'other')),
    constraint member_sex_is_known check (sex in ('female', 'male')),
    constraint member_version_is_positive check (version > 0)
);

comment on table member is 'A real-name person with a membership in one organization at a time (会员).';
comment on column member.sex is 'Follows from the national id, like birth_on.';
comment on column member.hardship_post is 'Works a hard, dirty, tiring or dangerous post (苦脏累险岗位).';
comment on column member.employer_checkup is 'The employer gives a checkup of its own (单位体检).';
comment on column member.version is 'Grows with every change; the ETag of the member.';

create index member_of_organization on member (organization_id, member_id);

-- Nearly all are active: only the others need an index.
create index member_not_active on member (status, member_id) where status <> 'active';

create table member_status_change (
    member_id bigint not null,
    version integer not null,
    status_before text not null,
    status_after text not null,
    changed_by text not null,
    changed_at timestamptz not null default now(),

    constraint member_status_change_pkey primary key (member_id, version),
    constraint member_status_change_member_exists foreign key (member_id) references member (member_id),
    constraint member_status_change_changes_something check (status_before <> status_after)
);

comment on table member_status_change is 'Who set which status when; version is the member''s version that came of it.';
comment on column member_status_change.changed_by is 'The subject of the principal, as in the logs: account:1.';
