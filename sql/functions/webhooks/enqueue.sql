-- Decides which receivers get which of the events that nobody looked at yet, and makes their deliveries.
-- Takes events of ended transactions only, in the order of (transaction_id, event_id): an event of a transaction that was rolled back is
-- never seen, and none that commits late is passed over. An event's number from the future is one of a dump restored here: it has ended.
-- Locks: the one row of webhook_feed, so that of two servers one waits. Endpoints are only read: one that is paused gets its deliveries
-- all the same, to be sent when it goes on.
-- Returns how many events were looked at.
create or replace function webhooks_enqueue(event_count integer) returns integer
language plpgsql
as $$
declare
    looked_at integer;
begin
    perform from webhook_feed for update;
    with fresh as materialized (
        select event_id, transaction_id, type, subject, organization_id, data_sealed is not null as is_sealed
        from outbox_event
        where enqueued_at is null
            and (transaction_id < (select registry_settled_before(pg_current_snapshot()))
                or transaction_id >= pg_snapshot_xmax(pg_current_snapshot()))
        order by transaction_id, event_id
        limit event_count
    ), marked as (
        update outbox_event event set enqueued_at = clock_timestamp()
        from fresh
        where event.event_id = fresh.event_id
    ), made as (
        insert into webhook_delivery (endpoint_id, event_id, subject)
        select endpoint.endpoint_id, fresh.event_id, fresh.subject
        from fresh
        join webhook_endpoint endpoint
            on endpoint.deleted_at is null
            and endpoint.state <> 'disabled'
            and case
                when fresh.is_sealed then fresh.type = any(endpoint.event_types)
                else cardinality(endpoint.event_types) = 0 or fresh.type = any(endpoint.event_types)
            end
            and (
                endpoint.organization_id is null
                or exists (
                    select from organization_ancestor scope
                    where scope.organization_id = fresh.organization_id and scope.ancestor_id = endpoint.organization_id
                )
            )
        order by fresh.transaction_id, fresh.event_id, endpoint.endpoint_id
    )
    select count(*) into looked_at from fresh;
    return looked_at;
end
$$;
