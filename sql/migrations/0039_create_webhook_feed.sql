-- How far the outbox was turned into deliveries.

create table webhook_feed (
    is_only_row boolean not null default true,

    constraint webhook_feed_pkey primary key (is_only_row),
    constraint webhook_feed_has_one_row check (is_only_row)
);

comment on table webhook_feed is 'The lock of whoever makes deliveries of events, so that each receiver has them in one order.';

insert into webhook_feed default values;

-- A mark on the event and no cursor: a dump restored elsewhere brings transaction numbers of its own.
alter table outbox_event add column enqueued_at timestamptz;

comment on column outbox_event.enqueued_at is 'When its deliveries were made, none if nobody wanted it.';

create index outbox_event_to_enqueue on outbox_event (transaction_id, event_id) where enqueued_at is null;
create index outbox_event_sealed on outbox_event (expires_at) where data_sealed is not null;
create index outbox_event_by_time on outbox_event (occurred_at);
