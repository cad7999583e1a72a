-- At the van: what was scanned, who waits for a place, who came.

create table checkup_check_in (
    visit_id bigint not null,
    request_id uuid not null,
    fingerprint bytea not null,
    member_id bigint,
    number integer,
    outcome text not null,
    reasons text[] not null,
    credential_kind text not null,
    done_by text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,

    constraint checkup_check_in_pkey primary key (visit_id, request_id),
    constraint checkup_check_in_visit_exists foreign key (visit_id) references checkup_visit (visit_id),
    constraint checkup_check_in_fingerprint_has_16_bytes check (length(fingerprint) = 16),
    constraint checkup_check_in_outcome_is_known check (outcome in ('checked_in', 'waiting', 'refused')),
    constraint checkup_check_in_refused_for_reasons check ((outcome = 'refused') = (cardinality(reasons) > 0)),
    constraint checkup_check_in_credential_is_known check (credential_kind in ('member_code', 'card', 'number'))
);

comment on table checkup_check_in is
    'What a van''s device or an organizer asked with a member''s code, and what it was told, for ever.';
comment on column checkup_check_in.occurred_at is 'By the device''s clock; recorded_at is the service''s.';

create index checkup_check_in_of_member on checkup_check_in (member_id, visit_id) where member_id is not null;

create table checkup_walk_in (
    visit_id bigint not null,
    member_id bigint not null,
    arrived_on date not null,
    arrived_at timestamptz not null,
    groups smallint not null,
    state text not null,
    number integer,
    called_at timestamptz,
    call_id uuid,
    replaces_member_id bigint,
    done_by text not null,

    constraint checkup_walk_in_pkey primary key (visit_id, arrived_on, member_id),
    constraint checkup_walk_in_visit_exists foreign key (visit_id) references checkup_visit (visit_id),
    constraint checkup_walk_in_member_exists foreign key (member_id) references member (member_id),
    constraint checkup_walk_in_state_is_known check (state in ('waiting', 'called', 'gone')),
    constraint checkup_walk_in_is_called_into_a_session
        check ((state = 'called') = (number is not null and called_at is not null and call_id is not null))
);

comment on table checkup_walk_in is 'Who came to the van without a place and waits for one (现场候补).';
comment on column checkup_walk_in.groups is 'The program''s groups that the member belongs to; bit 0 for the first.';
comment on column checkup_walk_in.state is 'waiting; called: has a place; gone: had none that could be given, or one elsewhere meanwhile.';
comment on column checkup_walk_in.replaces_member_id is 'Who did not come, and whose place it is; null: a place that nobody had.';

create index checkup_walk_in_waiting on checkup_walk_in (visit_id, arrived_on, arrived_at, member_id) where state = 'waiting';
create index checkup_walk_in_of_call on checkup_walk_in (visit_id, call_id) where call_id is not null;
create index checkup_walk_in_of_member on checkup_walk_in (member_id, visit_id);

create table checkup_call (
    visit_id bigint not null,
    call_id uuid not null,
    asked integer not null,
    done_by text not null,
    called_at timestamptz not null,

    constraint checkup_call_pkey primary key (visit_id, call_id),
    constraint checkup_call_visit_exists foreign key (visit_id) references checkup_visit (visit_id)
);

comment on table checkup_call is 'A call for the next who wait; asked again under its id, it calls nobody more.';

create table checkup_attendance (
    member_id bigint not null,
    program_id bigint not null,
    visit_id bigint not null,
    number integer not null,
    came boolean not null,
    is_walk_in boolean not null,
    source text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    recorded_by text not null,

    constraint checkup_attendance_pkey primary key (member_id, program_id),
    constraint checkup_attendance_member_exists foreign key (member_id) references member (member_id),
    constraint checkup_attendance_session_exists foreign key (program_id, number) references checkup_session (program_id, number),
    constraint checkup_attendance_visit_exists foreign key (program_id, visit_id) references checkup_visit (program_id, visit_id),
    constraint checkup_attendance_source_is_known check (source in ('scan', 'list', 'call', 'job'))
);

comment on table checkup_attendance is 'Who came to the van and who did not, when, and how we know.';
comment on column checkup_attendance.source is
    'scan: the code was read; list: entered from paper; call: the place went to who waited; job: the days were over.';
comment on column checkup_attendance.occurred_at is
    'When the person was there, or the missed session began; recorded_at is when we learned of it.';

create index checkup_attendance_of_visit on checkup_attendance (visit_id, number, member_id);
