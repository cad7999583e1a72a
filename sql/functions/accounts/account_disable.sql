-- accounts_disable: shuts an account out.
--
-- Decides    whether somebody else stays who may everything everywhere: the last owner is never shut out.
-- Locks      all grants of owners of the whole union, in the order of their keys, so that of two owners who disable each other one
--            stays; then the account.
-- Writes     the account's end, and the end of its tokens.
-- Returns    disabled | unchanged | last_owner | unknown
create or replace function accounts_disable(asked_account_id bigint, asked_by text)
returns text
language plpgsql
as $$
begin
    perform 1
    from account_grant
    where role = 'owner' and organization_id is null and ended_at is null
    order by grant_id
    for update;

    perform 1 from account where account_id = asked_account_id for no key update;
    if not found then
        return 'unknown';
    end if;
    if exists (select from account where account_id = asked_account_id and disabled_at is not null) then
        return 'unchanged';
    end if;
    if exists (
            select from account_grant
            where account_id = asked_account_id and role = 'owner' and organization_id is null and ended_at is null)
        and not exists (
            select
            from account_grant
            join account on account.account_id = account_grant.account_id
            where account_grant.account_id <> asked_account_id
                and account_grant.role = 'owner'
                and account_grant.organization_id is null
                and account_grant.ended_at is null
                and account.disabled_at is null)
    then
        return 'last_owner';
    end if;

    update account set disabled_at = now(), disabled_by = asked_by where account_id = asked_account_id;
    update account_token set revoked_at = now() where account_id = asked_account_id and revoked_at is null;
    delete from account_invitation where account_id = asked_account_id;
    return 'disabled';
end
$$;
