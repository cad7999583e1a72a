-- Batches: so many policies that a donor pays for, each in exactly one place at every moment.
--
-- The counts by place change in the statement that moves the policies; together they are the batch, or the statement fails.

create table insurance_batch (
    batch_id bigint generated always as identity,
    organization_id bigint not null,
    product_id bigint not null,
    kind text not null,
    title text not null,
    donor text not null,
    state text not null default 'draft',
    version integer not null default 1,
    size integer not null,
    premium_fen integer not null,
    contribution_fen integer not null default 0,
    cover_from date not null,
    cover_until date not null,
    join_until timestamptz,
    rules jsonb not null,
    rules_hash bytea,
    lottery_secret_sealed bytea,
    lottery_commitment bytea,
    inputs_hash bytea,
    figures jsonb,
    announced_at timestamptz,
    run_by text,
    run_at timestamptz,
    reviewed_by text,
    reviewed_at timestamptz,
    ticked_at timestamptz,
    ripe_at timestamptz,
    cancel_reason text,
    free integer not null,
    reserved integer not null default 0,
    sent integer not null default 0,
    rejected integer not null default 0,
    issued integer not null default 0,
    accepted integer not null default 0,
    active integer not null default 0,
    claimed integer not null default 0,
    expired integer not null default 0,
    cancelled integer not null default 0,
    created_by text not null,
    created_at timestamptz not null,

    constraint insurance_batch_pkey primary key (batch_id),
    constraint insurance_batch_organization_exists foreign key (organization_id) references organization (organization_id),
    constraint insurance_batch_product_exists foreign key (product_id) references insurance_product (product_id),
    constraint insurance_batch_kind_is_known check (kind in ('gift', 'mutual_aid')),
    constraint insurance_batch_title_has_1_to_100_characters check (char_length(title) between 1 and 100),
    constraint insurance_batch_donor_has_1_to_100_characters check (char_length(donor) between 1 and 100),
    constraint insurance_batch_state_is_known check (state in ('draft', 'announced', 'run', 'confirmed', 'closed', 'cancelled')),
    constraint insurance_batch_version_is_positive check (version > 0),
    constraint insurance_batch_size_is_1_to_10000000 check (size between 1 and 10000000),
    constraint insurance_batch_premium_is_0_to_1000000_yuan check (premium_fen between 0 and 100000000),
    constraint insurance_batch_contribution_is_0_to_1000000_yuan check (contribution_fen between 0 and 100000000),
    constraint insurance_batch_mutual_aid_is_paid_by_members check ((kind = 'mutual_aid') = (contribution_fen > 0)),
    constraint insurance_batch_mutual_aid_is_joined_until check ((kind = 'mutual_aid') = (join_until is not null)),
    constraint insurance_batch_covers_1_to_3700_days check (cover_until - cover_from between 1 and 3700),
    constraint insurance_batch_is_frozen_once_announced
        check (state in ('draft', 'cancelled')
               or (rules_hash is not null and lottery_secret_sealed is not null and lottery_commitment is not null
                   and announced_at is not null)),
    constraint insurance_batch_run_has_a_maker check ((run_by is null) = (run_at is null)),
    constraint insurance_batch_is_reviewed_by_another check (reviewed_by <> run_by),
    constraint insurance_batch_gift_is_confirmed_after_review
        check (state not in ('confirmed', 'closed') or kind <> 'gift' or (run_by is not null and reviewed_by is not null)),
    constraint insurance_batch_is_cancelled_for_a_reason check ((state = 'cancelled') = (cancel_reason is not null)),
    constraint insurance_batch_places_are_not_negative
        check (least(free, reserved, sent, rejected, issued, accepted, active, claimed, expired, cancelled) >= 0),
    constraint insurance_batch_places_are_the_batch
        check (free + reserved + sent + rejected + issued + accepted + active + claimed + expired + cancelled = size)
);

comment on table insurance_batch is 'Policies of one product that are given away by one set of rules, or joined by a contribution.';
comment on column insurance_batch.organization_id is 'Within its subtree members are looked for; its organizers see to the batch.';
comment on column insurance_batch.kind is
    'gift: given to members of the register by rules; mutual_aid: joined by whoever pays the contribution.';
comment on column insurance_batch.cover_from is 'The first day that is covered, in China.';
comment on column insurance_batch.cover_until is 'The first day that no longer is.';
comment on column insurance_batch.rules is 'ProgramRules as JSON: eligibility, classes, groups, floors, caps.';
comment on column insurance_batch.rules_hash is 'SHA-256 of what was announced.';
comment on column insurance_batch.lottery_secret_sealed is
    '32 bytes, drawn when the batch is announced, public once the run is confirmed.';
comment on column insurance_batch.inputs_hash is 'SHA-256 of whom the run looked at: member, class and groups of each, by rising number.';
comment on column insurance_batch.figures is 'What the run gave: by class and floor.';
comment on column insurance_batch.ripe_at is
    'From when on some of its policies may begin, end or lapse by the clock: not later than the first of them does.';
comment on column insurance_batch.free is 'Policies that nobody is meant for: not given yet, refused, returned.';
comment on column insurance_batch.rejected is 'Policies that the insurer did not write; mended they are sent again.';
comment on column insurance_batch.cancelled is 'Policies whose cover was ended before its time. They are spent.';

create index insurance_batch_of_organization on insurance_batch (organization_id, batch_id);
create index insurance_batch_of_product on insurance_batch (product_id, batch_id);
create index insurance_batch_ripe on insurance_batch (ripe_at, batch_id) where ripe_at is not null;
create index insurance_batch_with_places on insurance_batch (batch_id) where state = 'confirmed' and free > 0;

create table insurance_candidates (
    batch_id bigint not null,
    piece integer not null,
    first_member_id bigint not null,
    last_member_id bigint not null,
    member_ids bigint[] not null,
    places integer[] not null,
    classes smallint[] not null,
    groups smallint[] not null,

    constraint insurance_candidates_pkey primary key (batch_id, piece),
    constraint insurance_candidates_batch_exists foreign key (batch_id) references insurance_batch (batch_id),
    constraint insurance_candidates_are_whole
        check (cardinality(member_ids) between 1 and 100000
               and cardinality(places) = cardinality(member_ids)
               and cardinality(classes) = cardinality(member_ids)
               and cardinality(groups) = cardinality(member_ids))
);

comment on table insurance_candidates is
    'Whom a run looked at, thousands a row: for a million a row each would take longer than all the policies. Never changed.';
comment on column insurance_candidates.member_ids is 'By rising number, over all pieces of a batch.';
comment on column insurance_candidates.places is 'In the common order, 1 for the first.';
comment on column insurance_candidates.classes is 'By the batch''s rules, 1 for those who go first.';
comment on column insurance_candidates.groups is 'By the batch''s rules; bit 0 for the first group.';

create table insurance_batch_event (
    batch_id bigint not null,
    event_id bigint generated always as identity,
    step text not null,
    details jsonb not null default '{}',
    reason text,
    done_by text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default now(),

    constraint insurance_batch_event_pkey primary key (batch_id, event_id),
    constraint insurance_batch_event_batch_exists foreign key (batch_id) references insurance_batch (batch_id)
);

comment on table insurance_batch_event is 'What happened to a batch, who did it and why.';
comment on column insurance_batch_event.occurred_at is
    'By the service''s clock, which an operator may have set ahead; recorded_at is the database''s own.';
