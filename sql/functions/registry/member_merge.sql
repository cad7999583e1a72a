-- Merges a member into another who is the same person. Both keep their numbers and all that hangs on them; the merged one has left and
-- leads to the other, as do its national id and phone and whoever was merged into it before.
-- Decides by the two rows under lock: a member that was merged or erased is merged no more, so neither a circle nor a second merge
-- comes about, however many are asked for at once.
-- Locks: both members and those merged into the one that goes, in the order of their numbers; then what hangs on the one
-- that goes.
-- Returns: merged | survivor_unknown | duplicate_unknown | survivor_merged | duplicate_merged | erased.

create or replace function member_merge(
    survivor_id bigint,
    ended_id bigint,
    ended_national_id_index bytea,
    why text,
    told_by text
) returns text
language plpgsql
as $$
declare
    survivor member;
    duplicate member;
begin
    perform 1
    from member
    where member.member_id in (survivor_id, ended_id) or member.merged_into = ended_id
    order by member.member_id
    for no key update;

    select * into survivor from member where member.member_id = survivor_id;
    select * into duplicate from member where member.member_id = ended_id;
    if survivor.member_id is null then return 'survivor_unknown'; end if;
    if duplicate.member_id is null then return 'duplicate_unknown'; end if;
    if survivor.erased_at is not null or duplicate.erased_at is not null then return 'erased'; end if;
    if survivor.merged_into is not null then return 'survivor_merged'; end if;
    if duplicate.merged_into is not null then return 'duplicate_merged'; end if;

    insert into member_merge (merged_member_id, member_id, status_before, reason, merged_by)
    values (ended_id, survivor_id, duplicate.status, why, told_by);

    -- Ends the membership, a pending application and an open transfer.
    if duplicate.status <> 'left' then
        perform registry_member_set_status(ended_id, 'left', told_by, null, 'merged', null, 0);
    end if;

    update member
    set merged_into = survivor_id, version = version + 1, updated_at = now()
    where member.member_id = ended_id;

    update member set merged_into = survivor_id where member.merged_into = ended_id;

    update national_id_directory directory
    set member_id = survivor_id, is_alias = true
    where
        directory.member_id = ended_id
        and (directory.national_id_index = ended_national_id_index or directory.is_alias);

    -- Who signs in with the phone of either is the one who goes on.
    insert into member_phone_index (phone_index, member_id)
    select personal.phone_index, survivor_id
    from member_personal_data personal
    join member on member.member_id = personal.member_id
    where member.merged_into = survivor_id and personal.phone_index is not null
    on conflict on constraint member_phone_index_pkey do nothing;

    delete from member_phone_index entry
    using member_personal_data personal, member
    where
        member.merged_into = survivor_id
        and personal.member_id = member.member_id
        and entry.phone_index = personal.phone_index
        and entry.member_id = ended_id;

    delete from member_name_index entry
    using member_personal_data personal
    where
        personal.member_id = ended_id
        and entry.name_index = personal.name_index
        and entry.member_id = ended_id;

    update member_session set ended_at = now() where member_session.member_id = ended_id and ended_at is null;

    update member_duplicate pair
    set
        state = case when pair.member_id in (survivor_id, ended_id) and pair.other_member_id in (survivor_id, ended_id)
            then 'merged' else 'gone' end,
        decided_by = told_by, decided_at = now(), decision_reason = why
    where pair.state = 'suspected' and (pair.member_id = ended_id or pair.other_member_id = ended_id);

    return 'merged';
end
$$;
