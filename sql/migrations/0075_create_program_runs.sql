-- Runs: how a program was shared out, each time it was; the newest one that is reviewed by a second organizer may be published.

create table program_run (
    program_id bigint not null,
    number integer not null,
    state text not null,
    made_by text not null,
    made_at timestamptz not null,
    applicants integer not null,
    excluded integer not null,
    placed integer not null,
    waiting integer not null,
    figures jsonb not null,
    inputs_hash bytea not null,
    audit_hash bytea,
    microseconds bigint not null,
    reviewed_by text,
    reviewed_at timestamptz,
    review_note text,
    published_by text,
    published_at timestamptz,

    constraint program_run_pkey primary key (program_id, number),
    constraint program_run_program_exists foreign key (program_id) references program (program_id),
    constraint program_run_number_is_positive check (number > 0),
    constraint program_run_state_is_known check (state in ('made', 'reviewed', 'rejected', 'published', 'replaced')),
    constraint program_run_counts_everybody check (excluded + placed + waiting = applicants),
    constraint program_run_is_reviewed_by_another check (reviewed_by <> made_by),
    constraint program_run_review_has_a_time check ((reviewed_by is null) = (reviewed_at is null)),
    constraint program_run_is_published_after_review
        check (state <> 'published' or (reviewed_by is not null and published_by is not null and published_at is not null))
);

comment on table program_run is 'One sharing out of a program.';
comment on column program_run.figures is 'The summary: by class, floor and wish, and how far each floor could have been filled.';
comment on column program_run.audit_hash is 'The digest in the end line of the run''s audit file.';

create unique index program_run_is_published_once on program_run (program_id) where state = 'published';

create table program_run_session (
    program_id bigint not null,
    run_number integer not null,
    number integer not null,
    capacity integer not null,
    taken integer not null,
    closing integer,

    constraint program_run_session_pkey primary key (program_id, run_number, number),
    constraint program_run_session_run_exists foreign key (program_id, run_number) references program_run (program_id, number),
    constraint program_run_session_taken_within_capacity check (taken between 0 and capacity)
);

comment on table program_run_session is 'How full a run made each session: what explanations are made of.';
comment on column program_run_session.capacity is 'Seats that the run had: without those for walk-ins and those held before.';
comment on column program_run_session.closing is 'The call that took the last seat; null: seats were left.';

create table program_result (
    program_id bigint not null,
    run_number integer not null,
    ticket bigint not null,
    member_id bigint not null,
    place integer,
    "position" integer,
    phase smallint,
    number integer,
    waiting integer,
    exclusion text,

    constraint program_result_pkey primary key (program_id, run_number, ticket)
);

comment on table program_result is 'What a run gave each applicant. Written by COPY, in the order of its key, and never changed.';
comment on column program_result.place is 'In the common order, 1 for the first; null for who was excluded.';
comment on column program_result.position is 'The number of the call; null: not called.';
comment on column program_result.number is 'The session; null: none.';
comment on column program_result.waiting is 'On the waitlist, 1 for who is next; null for who is placed or excluded.';
