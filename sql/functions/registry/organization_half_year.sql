-- registry_half_year_start: the first of January or July on or before a day.
create or replace function registry_half_year_start(day date)
returns date
language sql
immutable
parallel safe
as $$
    select make_date(extract(year from day)::integer, case when extract(month from day) < 7 then 1 else 7 end, 1)
$$;

-- registry_renewal_state: whether the yearly fields, renewed every half-year, are up to date on the day.
--
-- Decides    current: renewed in this half-year; due: not yet, and the half-year is no older than the days of grace; overdue: it is, or a
--            whole half-year went by without; none: nothing is asked of a closed organization.
create or replace function registry_renewal_state(organization_state text, renewed_on date, today date, grace_days integer)
returns text
language sql
immutable
parallel safe
as $$
    select case
        when organization_state = 'closed' then 'none'
        when renewed_on >= registry_half_year_start(today) then 'current'
        when renewed_on < registry_half_year_start(today - grace_days) then 'overdue'
        else 'due'
    end
$$;
