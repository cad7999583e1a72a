-- Two who change a receiver at once: the second is told.

alter table webhook_endpoint
    add column version integer not null default 1,
    add constraint webhook_endpoint_version_is_positive check (version > 0);
comment on column webhook_endpoint.version is 'Rises with every change by an organizer, or when the receiver said it is gone; the ETag.';
