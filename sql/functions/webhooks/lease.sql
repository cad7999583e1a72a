-- Gives deliveries that are due to a sender, for so many seconds: whoever dies with them leaves them to the next.
-- Of a receiver and subject an event is given only together with all earlier ones that wait, so that none overtakes another; at most
-- per_endpoint of one receiver, so that a slow one does not take all.
-- Locks the receivers, passing over those that another sender is looking at; what is due is read after that, so nobody leases an event
-- whose forerunner another has just leased. The numbers come in the order in which they are to be sent.
create or replace function webhooks_lease(delivery_count integer, per_endpoint integer, lease_seconds integer)
returns table (delivery_id bigint)
language plpgsql
as $$
declare
    open_endpoints bigint[];
begin
    select array_agg(open_endpoint.endpoint_id) into open_endpoints
    from (
        select endpoint.endpoint_id
        from webhook_endpoint endpoint
        where endpoint.state = 'active' and endpoint.deleted_at is null and endpoint.resume_at <= clock_timestamp()
        order by endpoint.endpoint_id
        for no key update skip locked
    ) open_endpoint;

    return query
    with candidate as materialized (
        select due.delivery_id
        from unnest(open_endpoints) as open_endpoint (endpoint_id)
        cross join lateral (
            select delivery.delivery_id
            from webhook_delivery delivery
            where delivery.endpoint_id = open_endpoint.endpoint_id
                and delivery.state = 'waiting'
                and delivery.due_at <= clock_timestamp()
                and (delivery.leased_until is null or delivery.leased_until < clock_timestamp())
                and not exists (
                    select from webhook_delivery earlier
                    where earlier.endpoint_id = delivery.endpoint_id
                        and earlier.subject = delivery.subject
                        and earlier.state = 'waiting'
                        and earlier.delivery_id < delivery.delivery_id
                        and (earlier.due_at > clock_timestamp() or earlier.leased_until >= clock_timestamp())
                )
            order by delivery.delivery_id
            limit per_endpoint
        ) due
        limit delivery_count
    ), leased as (
        update webhook_delivery delivery
        set leased_until = clock_timestamp() + lease_seconds * interval '1 second'
        from candidate
        where delivery.delivery_id = candidate.delivery_id and delivery.state = 'waiting'
        returning delivery.delivery_id
    )
    select leased.delivery_id from leased order by leased.delivery_id;
end
$$;
