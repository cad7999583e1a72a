-- accounts_grant_end: takes a role from an account.
--
-- Decides    as accounts_disable does: the last owner of the whole union keeps the role.
-- Locks      all grants of owners of the whole union, in the order of their keys; then the grant.
-- Returns    ended | unchanged | last_owner | unknown
create or replace function accounts_grant_end(asked_account_id bigint, asked_grant_id bigint, asked_by text)
returns text
language plpgsql
as $$
declare
    found_grant account_grant;
begin
    perform 1
    from account_grant
    where role = 'owner' and organization_id is null and ended_at is null
    order by grant_id
    for update;

    select * into found_grant
    from account_grant
    where grant_id = asked_grant_id and account_id = asked_account_id
    for no key update;
    if not found then
        return 'unknown';
    end if;
    if found_grant.ended_at is not null then
        return 'unchanged';
    end if;
    if found_grant.role = 'owner' and found_grant.organization_id is null
        and not exists (
            select
            from account_grant
            join account on account.account_id = account_grant.account_id
            where account_grant.grant_id <> asked_grant_id
                and account_grant.role = 'owner'
                and account_grant.organization_id is null
                and account_grant.ended_at is null
                and account.disabled_at is null)
    then
        return 'last_owner';
    end if;

    update account_grant set ended_at = now(), ended_by = asked_by where grant_id = asked_grant_id;
    return 'ended';
end
$$;
