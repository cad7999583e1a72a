-- What goes to insurers and comes back: rosters, and files of results.

create table insurance_roster (
    batch_id bigint not null,
    number integer not null,
    insurer_id bigint not null,
    lines integer not null,
    again integer not null,
    content_hash bytea not null,
    made_by text not null,
    made_at timestamptz not null,
    received_at timestamptz,
    received_by text,

    constraint insurance_roster_pkey primary key (batch_id, number),
    constraint insurance_roster_batch_exists foreign key (batch_id) references insurance_batch (batch_id),
    constraint insurance_roster_number_is_positive check (number > 0),
    constraint insurance_roster_has_lines check (lines > 0),
    constraint insurance_roster_again_within_lines check (again between 0 and lines),
    constraint insurance_roster_receipt_has_a_time check ((received_at is null) = (received_by is null))
);

comment on table insurance_roster is 'Policies that the insurer was asked to write, by one file.';
comment on column insurance_roster.again is 'Lines that an earlier roster had and the insurer rejected.';
comment on column insurance_roster.content_hash is
    'SHA-256 of the file as it was first written; a download after a member''s data changed differs, and says so.';

create table insurance_roster_line (
    batch_id bigint not null,
    number integer not null,
    policy_id bigint not null,
    member_id bigint not null,

    constraint insurance_roster_line_pkey primary key (batch_id, number, policy_id),
    constraint insurance_roster_line_roster_exists foreign key (batch_id, number) references insurance_roster (batch_id, number)
);

create table insurance_result (
    batch_id bigint not null,
    number integer not null,
    content_hash bytea not null,
    roster_number integer not null,
    lines integer not null,
    issued integer not null,
    rejected integer not null,
    unchanged integer not null,
    faulty integer not null,
    taken_by text not null,
    taken_at timestamptz not null,

    constraint insurance_result_pkey primary key (batch_id, number),
    constraint insurance_result_batch_exists foreign key (batch_id) references insurance_batch (batch_id),
    constraint insurance_result_is_taken_once unique (batch_id, content_hash, roster_number),
    constraint insurance_result_counts_every_line check (issued + rejected + unchanged + faulty = lines)
);

comment on table insurance_result is 'A file in which the insurer says what became of policies.';
comment on column insurance_result.roster_number is
    'The newest roster then: what it asked for may be answered in the words of an earlier file.';
comment on column insurance_result.unchanged is 'Lines that said what was known.';

create table insurance_result_fault (
    batch_id bigint not null,
    number integer not null,
    line integer not null,
    code text not null,
    field text,
    shown text,

    constraint insurance_result_fault_pkey primary key (batch_id, number, line),
    constraint insurance_result_fault_result_exists foreign key (batch_id, number) references insurance_result (batch_id, number)
);

comment on table insurance_result_fault is 'Lines of a result file that changed nothing, and why.';
comment on column insurance_result_fault.shown is 'What stood there, where it identifies nobody.';
