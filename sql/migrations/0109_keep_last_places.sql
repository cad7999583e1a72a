-- How far down the common order a run came without floors: everybody asks at once when a run is confirmed, and to find it takes a look at
-- all of a batch's policies.

alter table insurance_batch add column last_place integer;

comment on column insurance_batch.last_place is
    'Of those to whom the run gave one as the next in the common order, without a floor, the last place; written when it is confirmed.';

update insurance_batch
set last_place = (
    select max(policy.place)
    from policy
    where policy.batch_id = insurance_batch.batch_id and policy.source = 'run' and policy.phase = 'next')
where state in ('confirmed', 'closed');
