-- A place that comes free belongs to who waits before anybody may change into it: known from the last look at the waitlist, for a look at
-- a million who wait is nothing for a worker's swap.

alter table program_session add column is_awaited boolean not null default false;

comment on column program_session.is_awaited is
    'Whether somebody may wait for a place here: true from the publication on, until a tick leaves places over.';
