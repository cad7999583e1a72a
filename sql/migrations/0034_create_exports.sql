-- Files of members and organizations that left the house.

create table data_export (
    export_id bigint generated always as identity,
    kind text not null,
    requested_by text not null,
    organization_id bigint,
    status text,
    is_masked boolean not null,
    reason text,
    encoding text not null,
    state text not null default 'running',
    rows_written bigint not null default 0,
    started_at timestamptz not null default now(),
    finished_at timestamptz,

    constraint data_export_pkey primary key (export_id),
    constraint data_export_organization_exists foreign key (organization_id) references organization (organization_id),
    constraint data_export_kind_is_known check (kind in ('members', 'organizations')),
    constraint data_export_encoding_is_known check (encoding in ('utf-8', 'gb18030')),
    constraint data_export_state_is_known check (state in ('running', 'finished', 'broken')),
    constraint data_export_end_has_a_time check ((state = 'running') = (finished_at is null)),
    constraint data_export_unmasked_has_a_reason check (is_masked or char_length(reason) between 5 and 200)
);

comment on table data_export is 'Who took which rows out, masked or not, and why.';
comment on column data_export.organization_id is 'Only what lies below it; null: all that the account may see.';
comment on column data_export.status is 'Only members of this status.';
comment on column data_export.state is
    'running long after it started: the server is gone, and up to rows_written and one page more left the house.';
