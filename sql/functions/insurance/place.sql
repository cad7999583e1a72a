-- Decides    where a policy in this state counts in its batch: by its own name, or `free` once it was refused or returned.
-- Locks      none. Inlined.
create or replace function insurance_place(state text) returns text
language sql immutable
as $$
    select case when state in ('refused', 'returned') then 'free' else state end
$$;
