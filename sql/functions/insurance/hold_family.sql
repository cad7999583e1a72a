-- Decides    nothing.
-- Locks      a family of products against whatever else gives policies of it, to the end of the transaction. A statement that follows sees
--            everybody who is covered, and nobody joins them meanwhile. That nobody is covered twice the constraint of policy_cover holds,
--            by failing; who holds the family leaves people out instead.
create or replace function insurance_hold_family(family text) returns void
language sql
as $$
    select pg_advisory_xact_lock(hashtextextended('insurance_family ' || family, 0))
$$;
