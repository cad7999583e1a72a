-- What the yearly papers of a unit, its union and its chair tell, the half-yearly renewal of it, and the end of an organization.

alter table organization
    add column version integer not null default 1,
    add column updated_at timestamptz not null default now(),
    add column state text not null default 'open',
    add column closed_at timestamptz,
    add column close_reason text,
    add column join_rule text not null default 'approval',
    add column credit_code text,
    add column address text,
    add column industry text,
    add column contact_phone text,
    add column founded_on date,
    add column employees integer,
    add column employees_female integer,
    add column members_stated integer,
    add column chair_name text,
    add column chair_elected_on date,
    add column renewed_on date not null default (now() at time zone 'Asia/Shanghai')::date,

    add constraint organization_version_is_positive check (version > 0),
    add constraint organization_state_is_known check (state in ('open', 'closed')),
    add constraint organization_closed_has_a_time_and_a_reason
        check ((state = 'closed') = (closed_at is not null) and (state = 'closed') = (close_reason is not null)),
    add constraint organization_join_rule_is_known check (join_rule in ('automatic', 'approval')),
    add constraint organization_credit_code_is_unique unique (credit_code),
    add constraint organization_credit_code_has_18_characters check (char_length(credit_code) = 18),
    add constraint organization_address_has_1_to_200_characters check (char_length(address) between 1 and 200),
    add constraint organization_industry_is_a_section check (industry ~ '^[A-T]$'),
    add constraint organization_contact_phone_has_3_to_30_characters check (char_length(contact_phone) between 3 and 30),
    add constraint organization_employees_are_counted check (employees between 0 and 10000000),
    add constraint organization_women_are_among_the_employees check (employees_female between 0 and employees),
    add constraint organization_members_stated_are_counted check (members_stated between 0 and 100000000),
    add constraint organization_chair_name_has_1_to_50_characters check (char_length(chair_name) between 1 and 50);

update organization
set updated_at = created_at, renewed_on = (created_at at time zone 'Asia/Shanghai')::date;

comment on column organization.version is 'Grows with every change of the profile; the ETag of the organization.';
comment on column organization.state is 'A closed organization takes no members; it stays for what it has been.';
comment on column organization.join_rule is 'Whether who passes the checks is a member at once (automatic) or provisional until approved.';
comment on column organization.credit_code is 'Unified social credit code (统一社会信用代码), GB 32100-2015.';
comment on column organization.industry is 'Section A to T of GB/T 4754-2017.';
comment on column organization.members_stated is 'As the union states it, beside what the register counts.';
comment on column organization.renewed_on is 'The day of the last renewal of the yearly fields, at first the day it was entered.';

-- Who is overdue is read from the old end.
create index organization_open_by_renewal on organization (renewed_on, organization_id) where state = 'open';

create table organization_renewal (
    organization_id bigint not null,
    version integer not null,
    half_year_on date not null,
    employees integer,
    employees_female integer,
    members_stated integer,
    chair_name text,
    chair_elected_on date,
    contact_phone text,
    address text,
    renewed_by text not null,
    renewed_at timestamptz not null,

    constraint organization_renewal_pkey primary key (organization_id, version),
    constraint organization_renewal_organization_exists foreign key (organization_id) references organization (organization_id),
    constraint organization_renewal_half_year_begins_in_january_or_july
        check (extract(day from half_year_on) = 1 and extract(month from half_year_on) in (1, 7))
);

comment on table organization_renewal is
    'The yearly fields as they were renewed; version is the organization''s version that came of it. A half-year may be renewed again.';
comment on column organization_renewal.half_year_on is 'The first day of the half-year that it was renewed for.';
