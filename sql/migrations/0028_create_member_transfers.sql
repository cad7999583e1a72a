-- Moves of a membership from one organization to another (会籍转接), which both have a say in.

create table member_transfer (
    transfer_id bigint generated always as identity,
    member_id bigint not null,
    from_organization_id bigint not null,
    to_organization_id bigint not null,
    state text not null default 'open',
    asked_by text not null,
    asked_at timestamptz not null,
    deadline_at timestamptz not null,
    releasing_by text,
    releasing_at timestamptz,
    receiving_by text,
    receiving_at timestamptz,
    ended_at timestamptz,
    ended_by text,
    end_cause text,
    refuse_reason text,
    version integer not null default 1,

    constraint member_transfer_pkey primary key (transfer_id),
    constraint member_transfer_member_exists foreign key (member_id) references member (member_id),
    constraint member_transfer_origin_exists foreign key (from_organization_id) references organization (organization_id),
    constraint member_transfer_target_exists foreign key (to_organization_id) references organization (organization_id),
    constraint member_transfer_goes_elsewhere check (from_organization_id <> to_organization_id),
    constraint member_transfer_state_is_known check (state in ('open', 'completed', 'refused', 'cancelled')),
    constraint member_transfer_deadline_is_ahead check (deadline_at > asked_at),
    constraint member_transfer_consent_has_a_time
        check ((releasing_by is null) = (releasing_at is null) and (receiving_by is null) = (receiving_at is null)),
    constraint member_transfer_end_has_a_time_and_a_cause
        check ((state = 'open') = (ended_at is null) and (state = 'open') = (ended_by is null) and (state = 'open') = (end_cause is null)),
    constraint member_transfer_end_cause_is_known
        check (end_cause in ('both_agreed', 'silence', 'releasing_refused', 'receiving_refused', 'asker_cancelled', 'organization_closed',
                             'member_moved', 'member_not_active')),
    constraint member_transfer_refusal_has_a_reason
        check ((coalesce(end_cause, '') in ('releasing_refused', 'receiving_refused')) = (refuse_reason is not null))
);

comment on table member_transfer is 'The member stays where it is until the one update that completes the transfer: no gap in benefits.';
comment on column member_transfer.asked_by is 'The subject of who asked: member:12, or account:1 for one of the two organizations.';
comment on column member_transfer.releasing_by is 'Who agreed for the organization that the member leaves.';
comment on column member_transfer.receiving_by is 'Who agreed for the organization that the member comes to.';

create unique index member_transfer_is_one_at_a_time on member_transfer (member_id) where state = 'open';
create index member_transfer_of_member on member_transfer (member_id, transfer_id);
create index member_transfer_due on member_transfer (deadline_at, transfer_id) where state = 'open';
create index member_transfer_from on member_transfer (from_organization_id, transfer_id);
create index member_transfer_to on member_transfer (to_organization_id, transfer_id);
