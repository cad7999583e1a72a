-- Months of events that were written into a file, and what became of them afterwards.

create table access_event_export (
    month date not null,
    events bigint not null,
    sha256 bytea not null,
    exported_at timestamptz not null default clock_timestamp(),
    verified_before xid8,
    dropped_at timestamptz,
    constraint access_event_export_pkey primary key (month),
    constraint access_event_export_is_of_a_month check (month = date_trunc('month', month)),
    constraint access_event_export_digest_has_32_bytes check (octet_length(sha256) = 32),
    constraint access_event_export_is_verified_before_dropped check (dropped_at is null or verified_before is not null)
);
comment on table access_event_export is 'One row a month (UTC) once exported; a later export of the same month takes its place.';
comment on column access_event_export.sha256 is 'Of the file''s bytes.';
comment on column access_event_export.verified_before is
    'The partition was read again and gave the same file; nothing of this or a later transaction was in it.';
comment on column access_event_export.dropped_at is 'When its partition was dropped. Only then what is kept of its figures counts.';
