-- What ends goes on (续保): some days before the cover of a batch ends, a draft of the next one is made of it, once.

alter table insurance_batch
    add column renew_days smallint,
    add column renews_batch_id bigint,
    add constraint insurance_batch_is_renewed_1_to_366_days_before check (renew_days between 1 and 366),
    add constraint insurance_batch_renews_one_that_exists foreign key (renews_batch_id) references insurance_batch (batch_id),
    add constraint insurance_batch_is_renewed_once unique (renews_batch_id);

comment on column insurance_batch.renew_days is
    'So many days before its cover ends a draft for the time after it is made; null: nobody wants one.';
comment on column insurance_batch.renews_batch_id is 'The one whose time it follows.';

create index insurance_batch_to_renew on insurance_batch ((cover_until - renew_days), batch_id)
    where renew_days is not null and state in ('confirmed', 'closed');
