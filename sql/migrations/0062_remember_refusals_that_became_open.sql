-- An event that was refused here and opened by its door becomes open. Where the refusal had been counted, it must be taken back.

alter table access_event
    add column refused_transaction_id xid8,
    add column refused_at timestamptz;
comment on column access_event.refused_transaction_id is
    'Of an event that became open: the transaction it was refused in; 0 where a former cluster counted it.';
comment on column access_event.refused_at is 'When it occurred, as the refusal had it.';
create index access_event_by_refusal on access_event (refused_transaction_id) where refused_transaction_id is not null;
