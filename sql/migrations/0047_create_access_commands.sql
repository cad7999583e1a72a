-- What waiting controllers are told: open for a worker who scanned the door's own code, and changes of the station's state.

-- No foreign keys: an "open" is written in the statement that decides a batch of scans.
create table access_command (
    command_id bigint generated always as identity,
    access_point_id bigint not null,
    kind text not null,
    request_id uuid,
    relay_milliseconds integer not null default 0,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    delivered_at timestamptz,
    constraint access_command_pkey primary key (command_id),
    constraint access_command_opens_once_for_a_request unique (access_point_id, request_id),
    constraint access_command_kind_is_known check (kind in ('open', 'lock_down', 'unlock', 'normal', 'sync')),
    constraint access_command_only_opening_has_a_request check ((kind = 'open') = (request_id is not null)),
    constraint access_command_expires_after_it_was_made check (expires_at > created_at)
);
comment on table access_command is 'Kept for a day after its end, then cleared by a job.';
comment on column access_command.expires_at is 'After it nobody is told: a door must not open minutes after its worker went away.';
comment on column access_command.delivered_at is 'When it was first written to a controller''s stream.';

create index access_command_live on access_command (access_point_id, expires_at);
create index access_command_by_end on access_command (expires_at);
