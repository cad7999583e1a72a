-- Forgets a person: the data keys, the sealed data, the indexes and what was told of the person go; the member's number stays, and with
-- it every figure. Members merged into this one are the same person and are forgotten with it.
-- Of the birth date the year stays, so that figures by age do too. Consents stay, as numbers, for they say what was lawful when.
-- Locks: the members, in the order of their numbers; then what hangs on them.
-- Returns: erased | unknown | merged (ask for the one who goes on) | already.

create or replace function member_erase(
    erased_id bigint,
    national_id_indexes bytea[],
    why text,
    told_by text
) returns text
language plpgsql
as $$
declare
    person member;
    numbers bigint[];
begin
    perform 1
    from member
    where member.member_id = erased_id or member.merged_into = erased_id
    order by member.member_id
    for no key update;

    select * into person from member where member.member_id = erased_id;
    if person.member_id is null then return 'unknown'; end if;
    if person.merged_into is not null then return 'merged'; end if;
    if person.erased_at is not null then return 'already'; end if;

    select array_agg(member.member_id)
    into numbers
    from member
    where member.member_id = erased_id or member.merged_into = erased_id;

    delete from national_id_directory directory
    where
        directory.member_id = erased_id
        and (directory.is_alias or directory.national_id_index = any (national_id_indexes));

    delete from member_phone_index entry
    using member_personal_data personal
    where
        personal.member_id = any (numbers)
        and entry.phone_index = personal.phone_index
        and entry.member_id = erased_id;

    delete from member_name_index entry
    using member_personal_data personal
    where
        personal.member_id = any (numbers)
        and entry.name_index = personal.name_index
        and entry.member_id = any (numbers);

    delete from member_data_key where member_data_key.member_id = any (numbers);
    delete from member_personal_data where member_personal_data.member_id = any (numbers);
    delete from member_attribute where member_attribute.member_id = any (numbers);

    update member_session
    set ended_at = coalesce(member_session.ended_at, now()), device_name = null
    where member_session.member_id = any (numbers);

    -- Why two were found to be one, or two, may name them.
    update member_merge set reason = '-' where member_merge.merged_member_id = any (numbers);
    update member_duplicate pair
    set
        state = case pair.state when 'suspected' then 'gone' else pair.state end,
        decided_by = coalesce(pair.decided_by, told_by),
        decided_at = coalesce(pair.decided_at, now()),
        decision_reason = null
    where pair.member_id = any (numbers) or pair.other_member_id = any (numbers);

    -- Whoever was merged has left already.
    if person.status <> 'left' then
        perform registry_member_set_status(erased_id, 'left', told_by, null, 'left', null, 0);
    end if;

    -- Words of organizers may name people; a fingerprint is a digest of what was sent.
    update member_status_change change
    set reason = null
    where change.member_id = any (numbers) and change.reason is not null;

    -- What programs knew of the person when they applied; class, points and groups stay, as numbers under the ticket.
    update program_application application
    set evidence = '{}'
    where application.member_id = any (numbers) and application.evidence <> '{}';

    update member_application application
    set
        reject_reason = case when application.reject_reason is not null then '-' end,
        secret_digest = null,
        request_digest = null,
        fingerprint = null,
        wanted_phone_sealed = null
    where application.member_id = any (numbers);

    update member_transfer transfer
    set refuse_reason = '-'
    where transfer.member_id = any (numbers) and transfer.refuse_reason is not null;

    insert into membership (member_id, version, organization_id, started_at, ended_at, cause)
    select
        member.member_id, member.version + 1, member.organization_id, member.organization_since,
        greatest(now(), member.organization_since), 'left'
    from member
    where member.member_id = any (numbers) and member.status <> 'left';

    update member_transfer
    set state = 'cancelled', end_cause = 'member_not_active', ended_at = now(), ended_by = told_by, version = member_transfer.version + 1
    where member_transfer.member_id = any (numbers) and state = 'open';
    update member_application
    set state = 'withdrawn', decided_by = told_by, decided_at = now(), version = member_application.version + 1
    where member_application.member_id = any (numbers) and state = 'pending';

    -- Reasons are in people's words and may name somebody.
    update member_status_change set reason = null where member_status_change.member_id = any (numbers) and reason is not null;
    update member_transfer set refuse_reason = '-' where member_transfer.member_id = any (numbers) and refuse_reason is not null;
    update member_application set reject_reason = '-' where member_application.member_id = any (numbers) and reject_reason is not null;

    update member
    set
        status = 'left',
        erased_at = now(),
        birth_on = date_trunc('year', member.birth_on)::date,
        evidenced = '{}',
        version = member.version + 1,
        updated_at = now()
    where member.member_id = any (numbers);

    insert into member_erasure (member_id, reason, erased_by)
    select number, why, told_by from unnest(numbers) number;

    return 'erased';
end
$$;
