-- What the states of an award mean, for the functions that move awards. AwardState says the same in Swift; a test compares them.
create or replace function programs_holds_place(state text)
returns boolean
language sql
immutable
parallel safe
as $$
    select state in ('placed', 'offered', 'confirmed', 'attended', 'used')
$$;

create or replace function programs_may_follow(before text, after text)
returns boolean
language sql
immutable
parallel safe
as $$
    select case before
        when 'placed' then after in ('offered', 'withdrawn')
        when 'offered' then after in ('confirmed', 'declined', 'lapsed', 'withdrawn')
        when 'confirmed' then after in ('attended', 'used', 'excused', 'no_show', 'withdrawn')
        when 'no_show' then after in ('attended', 'excused')
        else false
    end
$$;

-- The state of the person's benefit of the period while the award is in this state.
create or replace function programs_benefit_state(state text)
returns text
language sql
immutable
parallel safe
as $$
    select case
        when state in ('placed', 'offered') then 'held'
        when state in ('confirmed', 'no_show') then 'confirmed'
        when state in ('attended', 'used') then 'used'
        else 'freed'
    end
$$;
