-- Programs: what an organization shares out among many, by rules that are frozen and published before anybody applies.
--
-- taken counts the places that awards hold, here and in each session. It changes only in the functions that change awards, in the same
-- statement: places promised and places counted cannot drift apart, and the checks below end every way of giving out too many.

create table program (
    program_id bigint generated always as identity,
    organization_id bigint not null,
    parent_id bigint,
    returns_at timestamptz,
    title text not null,
    shares text not null,
    state text not null default 'draft',
    version integer not null default 1,
    rules jsonb not null,
    quota integer not null,
    taken integer not null default 0,
    family text,
    period text,
    time_zone text not null default 'Asia/Shanghai',
    opens_at timestamptz,
    closes_at timestamptz,
    run_at timestamptz,
    results_at timestamptz,
    ends_at timestamptz,
    offer_hours integer,
    tick_minutes integer not null default 10,
    keeps_waiting boolean not null default false,
    appeal text,
    lottery_kind text not null default 'secret',
    lottery_secret_sealed bytea,
    lottery_commitment bytea,
    beacon_source text,
    beacon bytea,
    rules_hash bytea,
    inputs_hash bytea,
    announced_at timestamptz,
    opened_at timestamptz,
    closed_at timestamptz,
    published_at timestamptz,
    ended_at timestamptz,
    ticked_at timestamptz,
    cancel_reason text,
    created_by text not null,
    created_at timestamptz not null default now(),

    constraint program_pkey primary key (program_id),
    constraint program_organization_exists foreign key (organization_id) references organization (organization_id),
    constraint program_parent_exists foreign key (parent_id) references program (program_id),
    constraint program_share_says_when_places_return check ((parent_id is null) = (returns_at is null)),
    constraint program_title_has_1_to_100_characters check (char_length(title) between 1 and 100),
    constraint program_shares_something_known check (shares in ('place', 'policy', 'coupon', 'seat')),
    constraint program_state_is_known
        check (state in ('draft', 'announced', 'open', 'closed', 'run', 'reviewed', 'published', 'ended', 'cancelled')),
    constraint program_version_is_positive check (version > 0),
    constraint program_quota_is_0_to_1000000000 check (quota between 0 and 1000000000),
    constraint program_taken_within_quota check (taken between 0 and quota),
    constraint program_family_has_a_period check ((family is null) = (period is null)),
    constraint program_family_has_1_to_40_characters check (family ~ '^[a-z][a-z0-9_]{0,39}$'),
    constraint program_period_has_1_to_40_characters check (period ~ '^[0-9a-z_-]{1,40}$'),
    constraint program_closes_after_it_opens check (closes_at > opens_at),
    constraint program_runs_after_it_closes check (run_at >= closes_at),
    constraint program_results_come_after_it_closes check (results_at >= closes_at),
    constraint program_offer_lasts_1_to_720_hours check (offer_hours between 1 and 720),
    constraint program_ticks_every_1_to_1440_minutes check (tick_minutes between 1 and 1440),
    constraint program_appeal_has_1_to_500_characters check (char_length(appeal) between 1 and 500),
    constraint program_lottery_kind_is_known check (lottery_kind in ('secret', 'beacon', 'public_sources')),
    constraint program_lottery_names_its_beacon check (lottery_kind = 'secret' or state = 'draft' or beacon_source is not null),
    constraint program_is_frozen_once_announced
        check (state in ('draft', 'cancelled')
               or (lottery_secret_sealed is not null and lottery_commitment is not null and rules_hash is not null
                   and announced_at is not null and opens_at is not null and closes_at is not null)),
    constraint program_inputs_are_frozen_once_closed
        check (state not in ('closed', 'run', 'reviewed', 'published', 'ended') or (closed_at is not null and inputs_hash is not null)),
    constraint program_is_cancelled_for_a_reason check ((state = 'cancelled') = (cancel_reason is not null))
);

comment on table program is 'Places, policies, coupons or seats that are shared out by one set of rules.';
comment on column program.parent_id is 'The program that this one has its places from: a part for a subtree of the organizations.';
comment on column program.returns_at is 'When places of a part that nobody holds go back to the parent.';
comment on column program.shares is 'What is shared: place (a checkup, a convalescence), policy, coupon, seat.';
comment on column program.rules is 'ProgramRules as JSON: eligibility, classes, points, groups, floors, mode, caps.';
comment on column program.family is 'With period: a person holds one benefit of a family and period.';
comment on column program.run_at is 'When the timetable shares out by itself; null: by hand.';
comment on column program.results_at is 'When applicants were told to expect the result; the timetable publishes a reviewed run then.';
comment on column program.offer_hours is 'How long a place waits for its confirmation; null: it needs none.';
comment on column program.keeps_waiting is 'Whether who declined or let an offer lapse stays on the waitlist.';
comment on column program.lottery_secret_sealed is
    '32 bytes, drawn when the program is announced, public once the result is published.';
comment on column program.beacon is 'The public number, which is not known before the program closes.';
comment on column program.ticked_at is 'When freed places were last given to who waits.';

create index program_of_organization on program (organization_id, program_id);
create index program_of_parent on program (parent_id, program_id) where parent_id is not null;
create index program_by_state on program (state, program_id) where state not in ('draft', 'ended', 'cancelled');

create table program_session (
    program_id bigint not null,
    number integer not null,
    title text not null,
    capacity integer not null,
    walk_in integer not null default 0,
    taken integer not null default 0,
    starts_at timestamptz,
    ends_at timestamptz,
    area_id bigint,

    constraint program_session_pkey primary key (program_id, number),
    constraint program_session_program_exists foreign key (program_id) references program (program_id),
    constraint program_session_number_is_1_to_65535 check (number between 1 and 65535),
    constraint program_session_title_is_its_own unique (program_id, title),
    constraint program_session_title_has_1_to_100_characters check (char_length(title) between 1 and 100),
    constraint program_session_title_needs_no_quotes check (title !~ '[,|="[:cntrl:]]'),
    constraint program_session_capacity_is_0_to_1000000000 check (capacity between 0 and 1000000000),
    constraint program_session_walk_in_within_capacity check (walk_in between 0 and capacity),
    constraint program_session_taken_within_capacity check (taken between 0 and capacity),
    constraint program_session_ends_after_it_starts check (ends_at > starts_at),
    constraint program_session_area_exists foreign key (area_id) references organization (organization_id)
);

comment on table program_session is 'A time and place with seats. A program without times has one session: the pool.';
comment on column program_session.walk_in is 'Seats of the capacity that are kept for who comes without a place.';
comment on column program_session.area_id is 'In mode local: the organization whose members go first here.';

create table program_event (
    program_id bigint not null,
    event_id bigint generated always as identity,
    step text not null,
    state_before text,
    state_after text not null,
    details jsonb not null default '{}',
    reason text,
    done_by text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default now(),

    constraint program_event_pkey primary key (program_id, event_id),
    constraint program_event_program_exists foreign key (program_id) references program (program_id)
);

comment on table program_event is 'What happened to a program, who did it and why.';
comment on column program_event.occurred_at is
    'By the service''s clock, which an operator may have set ahead; recorded_at is the database''s own.';
