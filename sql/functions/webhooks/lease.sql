-- Gives deliveries that are due to a sender, for so many seconds: whoever dies with them leaves them to the next.
-- Of each receiver and subject only the oldest that waits is given, so a later event never overtakes an earlier one. At most
-- per_endpoint of one receiver, so that a slow one does not take all.
-- Locks the deliveries given, in the order of their numbers, and passes over those that another sender holds.
create or replace function webhooks_lease(delivery_count integer, per_endpoint integer, lease_seconds integer)
returns table (delivery_id bigint)
language plpgsql
as $$
begin
    return query
    with open_endpoint as materialized (
        select endpoint.endpoint_id
        from webhook_endpoint endpoint
        where endpoint.state = 'active' and endpoint.deleted_at is null and endpoint.resume_at <= clock_timestamp()
    ), candidate as materialized (
        select due.delivery_id
        from open_endpoint
        cross join lateral (
            select delivery.delivery_id, delivery.due_at
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
                )
            order by delivery.due_at, delivery.delivery_id
            limit per_endpoint
        ) due
        order by due.due_at, due.delivery_id
        limit delivery_count
    ), locked as (
        select delivery.delivery_id
        from webhook_delivery delivery
        where delivery.delivery_id in (select candidate.delivery_id from candidate)
            and delivery.state = 'waiting'
            and (delivery.leased_until is null or delivery.leased_until < clock_timestamp())
        order by delivery.delivery_id
        for update skip locked
    )
    update webhook_delivery delivery
    set leased_until = clock_timestamp() + lease_seconds * interval '1 second'
    from locked
    where delivery.delivery_id = locked.delivery_id
    returning delivery.delivery_id;
end
$$;
