-- Decides    which state of a policy may follow which. Returns whether it may; `PolicyState.after` in Swift says the same.
-- Locks      none. Inlined.
create or replace function insurance_may_follow(before text, after text) returns boolean
language sql immutable
as $$
    select case before
        when 'reserved' then after in ('sent', 'refused', 'returned')
        when 'sent' then after in ('issued', 'rejected', 'returned')
        when 'rejected' then after in ('reserved', 'refused', 'returned')
        when 'issued' then after in ('accepted', 'active', 'refused', 'returned', 'cancelled')
        when 'accepted' then after in ('active', 'refused', 'returned', 'cancelled')
        when 'active' then after in ('claimed', 'expired', 'cancelled')
        else false
    end
$$;
