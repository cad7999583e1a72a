-- Policies: one that a person was given out of a batch, and all that became of it.

create table policy (
    member_id bigint not null,
    policy_id bigint generated always as identity,
    batch_id bigint not null,
    insurer_id bigint not null,
    family text not null,
    state text not null,
    source text not null,
    cover daterange not null,
    number text,
    place integer,
    class smallint,
    groups smallint not null default 0,
    phase text,
    reason text,
    accept_until timestamptz,
    contribution_paid_at timestamptz,
    roster_number integer,
    version integer not null default 1,
    changed_at timestamptz not null,

    constraint policy_pkey primary key (member_id, policy_id),
    constraint policy_member_exists foreign key (member_id) references member (member_id),
    constraint policy_batch_exists foreign key (batch_id) references insurance_batch (batch_id),
    constraint policy_state_is_known
        check (state in ('reserved', 'sent', 'rejected', 'issued', 'accepted', 'active', 'claimed', 'refused', 'returned', 'expired',
                         'cancelled')),
    constraint policy_source_is_known check (source in ('run', 'waitlist', 'joined')),
    constraint policy_cover_has_days check (not isempty(cover) and not lower_inf(cover) and not upper_inf(cover)),
    constraint policy_number_has_1_to_40_characters check (number ~ '^[0-9A-Za-z./-]{1,40}$'),
    constraint policy_is_issued_with_a_number
        check (state not in ('issued', 'accepted', 'active', 'claimed', 'expired') or number is not null),
    constraint policy_reason_has_1_to_500_characters check (char_length(reason) between 1 and 500),
    constraint policy_ends_early_for_a_reason
        check (state not in ('rejected', 'refused', 'returned', 'cancelled') or reason is not null),
    constraint policy_is_one_a_person_and_batch unique (batch_id, member_id)
) with (fillfactor = 60);

comment on table policy is
    'reserved, sent: nobody is covered yet. issued: the insurer gave number and days. active: it covers. refused, returned: the place '
    'in the batch is free again. cancelled, expired: it no longer covers.';
comment on column policy.source is 'What gave it: the run, a place that came free, the member''s own joining of mutual aid.';
comment on column policy.cover is 'The days that it covers, as in policy_cover; until it is issued those of the batch.';
comment on column policy.number is 'The insurer''s.';
comment on column policy.place is 'In the common order of the run.';
comment on column policy.phase is 'How it came: floor (for a floor that was short), next.';
comment on column policy.reason is 'Why it was rejected, refused, returned or cancelled.';
comment on column policy.accept_until is 'Of issued ones that the member must accept.';
comment on column policy.roster_number is 'The roster by which the insurer was last told.';

-- No index knows the state: a result file moves a hundred thousand, and each stays where it is.
create unique index policy_of_batch on policy (batch_id, policy_id);

create table policy_cover (
    member_id bigint not null,
    policy_id bigint not null,
    family text not null,
    cover daterange not null,

    constraint policy_cover_pkey primary key (member_id, policy_id),
    constraint policy_cover_is_of_one_policy_a_day exclude using gist (member_id with =, family with =, cover with &&)
);

comment on table policy_cover is
    'Which days policies cover, or would: all but those refused, returned or cancelled. Nobody has two of a family on one day.';

create table policy_number (
    insurer_id bigint not null,
    number text not null,
    batch_id bigint not null,
    state text not null,
    member_id bigint,
    policy_id bigint,

    constraint policy_number_pkey primary key (insurer_id, number),
    constraint policy_number_has_1_to_40_characters check (number ~ '^[0-9A-Za-z./-]{1,40}$'),
    constraint policy_number_state_is_known check (state in ('free', 'given', 'void')),
    constraint policy_number_is_in_one_place check ((state = 'free') = (policy_id is null) and (policy_id is null) = (member_id is null))
);

comment on table policy_number is
    'Every number an insurer gave: free, given to one policy, or void with the policy that had it. Written by insurance''s functions, '
    'which hold the batch: a foreign key would look it up for each of a hundred thousand lines.';

create index policy_number_free on policy_number (batch_id, number) where state = 'free';

create table policy_event (
    member_id bigint not null,
    policy_id bigint not null,
    event_id bigint generated always as identity,
    state_before text,
    state_after text not null,
    reason text,
    done_by text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default now(),

    constraint policy_event_pkey primary key (member_id, policy_id, event_id)
);

comment on table policy_event is 'Every change of a policy: who, when, why.';

create table policy_beneficiary (
    member_id bigint not null,
    policy_id bigint not null,
    sealed bytea not null,
    told_at timestamptz not null,

    constraint policy_beneficiary_pkey primary key (member_id, policy_id),
    constraint policy_beneficiary_policy_exists foreign key (member_id, policy_id) references policy (member_id, policy_id)
);

comment on table policy_beneficiary is 'Whom a member named: name, relation and phone, sealed with the member''s own data key.';

create table policy_claim (
    member_id bigint not null,
    claim_id bigint generated always as identity,
    policy_id bigint not null,
    batch_id bigint not null,
    request_id uuid not null,
    state text not null,
    kind text not null,
    happened_on date not null,
    paid_fen bigint,
    reason text,
    filed_by text not null,
    filed_at timestamptz not null,
    changed_at timestamptz not null,
    version integer not null default 1,

    constraint policy_claim_pkey primary key (member_id, claim_id),
    constraint policy_claim_policy_exists foreign key (member_id, policy_id) references policy (member_id, policy_id),
    constraint policy_claim_is_filed_once unique (member_id, request_id),
    constraint policy_claim_state_is_known check (state in ('filed', 'accepted', 'paid', 'refused')),
    constraint policy_claim_kind_is_known check (kind in ('injury', 'disability', 'death', 'illness', 'hospital', 'other')),
    constraint policy_claim_pays_1_fen_to_1_billion_yuan check (paid_fen between 1 and 100000000000),
    constraint policy_claim_is_paid_an_amount check ((state = 'paid') = (paid_fen is not null)),
    constraint policy_claim_is_refused_for_a_reason check (state <> 'refused' or reason is not null)
);

comment on table policy_claim is 'A claim as it was handed to the insurer, and what became of it. Never what happened to the body.';
comment on column policy_claim.request_id is 'The filer''s: a repeat is answered with the first one.';

create index policy_claim_of_batch on policy_claim (batch_id, state, claim_id);
