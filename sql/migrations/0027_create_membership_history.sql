-- Since when a member belongs where, and where before.

alter table member add column organization_since timestamptz not null default now();

update member set organization_since = created_at;

comment on column member.organization_since is 'Since when the member belongs to its organization; what was before stands in membership.';

create table membership (
    member_id bigint not null,
    version integer not null,
    organization_id bigint not null,
    started_at timestamptz not null,
    ended_at timestamptz not null,
    cause text not null,
    transfer_id bigint,

    constraint membership_pkey primary key (member_id, version),
    constraint membership_member_exists foreign key (member_id) references member (member_id),
    constraint membership_organization_exists foreign key (organization_id) references organization (organization_id),
    constraint membership_cause_is_known check (cause in ('transferred', 'left', 'rejected', 'imported', 'merged')),
    constraint membership_ends_after_it_starts check (started_at <= ended_at),
    constraint membership_transfer_is_named check ((cause = 'transferred') = (transfer_id is not null))
);

comment on table membership is
    'A membership that has ended (会籍); version is the member''s version that came of it. The present one stands with the member.';

create index membership_of_organization on membership (organization_id, ended_at);

alter table member_status_change add column reason text;

comment on column member_status_change.reason is 'In the words of who changed it; may name people, so it leaves the register nowhere.';
