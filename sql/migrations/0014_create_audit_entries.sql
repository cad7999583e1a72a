-- What organizers, jobs and commands changed, and whose unmasked data they read. Written in the transaction of the change.

create table audit_entry (
    entry_id bigint generated always as identity,
    chain_id smallint not null default 1,
    transaction_id xid8 not null default pg_current_xact_id(),
    occurred_at timestamptz not null default clock_timestamp(),
    actor text not null,
    action text not null,
    subject text not null,
    organization_id bigint,
    request_id text,
    details text not null,

    constraint audit_entry_pkey primary key (entry_id)
);

comment on table audit_entry is 'Rows are only ever added. They carry numbers and words of the program, never personal data.';
comment on column audit_entry.actor is 'account:1, device:2, job:transfers, command:owner.create.';
comment on column audit_entry.subject is 'What was changed or read: member:12.';
comment on column audit_entry.details is 'A JSON object of texts with its keys in order.';

create index audit_entry_of_subject on audit_entry (subject, entry_id);
create index audit_entry_of_actor on audit_entry (actor, entry_id);
