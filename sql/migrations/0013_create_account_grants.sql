-- What an account may, and where: a role within a subtree of organizations.

create table account_grant (
    grant_id bigint generated always as identity,
    account_id bigint not null,
    role text not null,
    organization_id bigint,
    may_unmask boolean not null default false,
    granted_by text not null,
    granted_at timestamptz not null default now(),
    ended_by text,
    ended_at timestamptz,

    constraint account_grant_pkey primary key (grant_id),
    constraint account_grant_account_exists foreign key (account_id) references account (account_id),
    constraint account_grant_organization_exists foreign key (organization_id) references organization (organization_id),
    constraint account_grant_role_is_known check (role in ('owner', 'manager', 'operator', 'auditor')),
    constraint account_grant_auditor_sees_masked check (role <> 'auditor' or not may_unmask),
    constraint account_grant_end_has_an_author check ((ended_by is null) = (ended_at is null))
);

comment on table account_grant is 'A role of an account within a subtree; ended grants stay for the history.';
comment on column account_grant.organization_id is 'The root of the subtree; null is the whole union.';
comment on column account_grant.may_unmask is 'May read one member''s personal data at a time, with a reason.';

create unique index account_grant_in_force_is_unique on account_grant (account_id, role, organization_id) nulls not distinct
    where ended_at is null;

insert into account_grant (account_id, role, may_unmask, granted_by)
select account_id, role, true, 'migration' from account;

alter table account drop column role;
