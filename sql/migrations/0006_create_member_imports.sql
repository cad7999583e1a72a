-- Imports of members from a file, and every row that was refused.

create table member_import (
    import_id bigint generated always as identity,
    requested_by text not null,
    is_dry_run boolean not null,
    organization_id bigint,
    state text not null default 'running',
    failure_code text,
    rows_read bigint not null default 0,
    rows_inserted bigint not null default 0,
    rows_updated bigint not null default 0,
    rows_unchanged bigint not null default 0,
    rows_refused bigint not null default 0,
    bytes_read bigint not null default 0,
    bytes_total bigint,
    started_at timestamptz not null default now(),
    progress_at timestamptz not null default now(),
    finished_at timestamptz,

    constraint member_import_pkey primary key (import_id),
    constraint member_import_organization_exists foreign key (organization_id) references organization (organization_id),
    constraint member_import_state_is_known check (state in ('running', 'finished', 'failed')),
    constraint member_import_failure_has_a_code check ((state = 'failed') = (failure_code is not null)),
    constraint member_import_end_has_a_time check ((state = 'running') = (finished_at is null)),
    constraint member_import_every_row_has_an_outcome
        check (rows_read = rows_inserted + rows_updated + rows_unchanged + rows_refused)
);

comment on table member_import is 'One file brought in. The counts grow in the same transaction as the members do.';
comment on column member_import.organization_id is 'Where rows go that name no organization.';
comment on column member_import.progress_at is
    'Old while still running: the server that ran it is gone, and the file is simply imported again.';

create table member_import_rejection (
    import_id bigint not null,
    line_number bigint not null,
    ordinal smallint not null,
    field text not null,
    code text not null,
    first_line_number bigint,
    shown text,

    constraint member_import_rejection_pkey primary key (import_id, line_number, ordinal),
    constraint member_import_rejection_import_exists foreign key (import_id) references member_import (import_id)
);

comment on table member_import_rejection is 'Why a row of a file did not go in: one row for each field at fault.';
comment on column member_import_rejection.field is 'The column''s English name; row when the row as a whole is at fault.';
comment on column member_import_rejection.first_line_number is 'Of a duplicate: the line that had the same national id first.';
comment on column member_import_rejection.shown is 'The national id, masked. No other cell is ever kept.';
