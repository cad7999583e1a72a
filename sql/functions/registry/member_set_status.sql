-- registry_member_set_status: one change of a membership, with all that follows from it.
--
-- Decides    nothing: whether the change is allowed was decided by the caller, who holds the member's row.
-- Locks      the member's row (again), then those of its open transfer and pending application.
-- Writes     the status and its history. Leaving ends the membership (end_cause left or rejected) and withdraws a pending application,
--            being made a member approves it; leaving and suspension cancel an open transfer. Coming back begins a membership, in another
--            organization when one is given.
-- Returns    the member's version that came of it; null when there is no such member.
create or replace function registry_member_set_status(
    changed_id bigint, new_status text, changer text, change_reason text, end_cause text, new_organization_id bigint,
    clock_offset_us bigint
)
returns integer
language plpgsql
as $$
declare
    before member;
    instant timestamptz;
begin
    select * into before from member where member_id = changed_id for no key update;
    if not found then
        return null;
    end if;
    instant := greatest(before.organization_since, clock_timestamp() + clock_offset_us * interval '1 microsecond');

    update member
    set
        status = new_status,
        organization_id = coalesce(new_organization_id, before.organization_id),
        organization_since = case when before.status = 'left' then instant else before.organization_since end,
        version = before.version + 1,
        updated_at = now()
    where member_id = changed_id;

    insert into member_status_change (member_id, version, status_before, status_after, changed_by, reason)
    values (changed_id, before.version + 1, before.status, new_status, changer, change_reason);

    if new_status = 'left' then
        insert into membership (member_id, version, organization_id, started_at, ended_at, cause)
        values (changed_id, before.version + 1, before.organization_id, before.organization_since, instant, end_cause);
        update member_application
        set
            state = 'withdrawn', decided_by = changer, decided_at = instant, wanted_phone_sealed = null, version = version + 1
        where member_id = changed_id and state = 'pending';
    end if;

    if new_status = 'active' then
        update member_application
        set state = 'approved', decided_by = changer, decided_at = instant, version = version + 1
        where member_id = changed_id and state = 'pending';
    end if;

    if new_status in ('left', 'suspended') then
        update member_transfer
        set state = 'cancelled', end_cause = 'member_not_active', ended_at = instant, ended_by = changer, version = version + 1
        where member_id = changed_id and state = 'open';
    end if;
    return before.version + 1;
end
$$;
