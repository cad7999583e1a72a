-- accounts_sign_in_code_try: a code given for a number.
--
-- Decides    whether it is the code of the number's newest row: drawn, not used, not over, with tries left.
-- Locks      that row, until the transaction ends: of several who give one code at once, one uses it.
-- Writes     one try, whether the code is right or not; the caller marks a right one used.
-- Returns    the row's id, and whether the code is right; no row when nobody asked for a code.
create or replace function accounts_sign_in_code_try(asked_index bytea, given_digest bytea, tries_max integer, clock_offset_us bigint)
returns table (code_id bigint, is_right boolean)
language plpgsql
as $$
declare
    newest sign_in_code;
begin
    select *
    into newest
    from sign_in_code code
    where code.phone_index = asked_index
    order by code.code_id desc
    limit 1
    for no key update;
    if not found then
        return;
    end if;

    if newest.used_at is not null
        or newest.drawn_at is null
        or newest.tries >= tries_max
        or newest.expires_at <= clock_timestamp() + clock_offset_us * interval '1 microsecond'
    then
        return query select newest.code_id, false;
        return;
    end if;

    update sign_in_code code
    set tries = code.tries + 1
    where code.code_id = newest.code_id;
    return query select newest.code_id, newest.code_digest = given_digest;
end
$$;
