-- Puts the rows of an import in: new persons with all they have, and changes of known ones. A single new member is an import of one.
-- Decides by the directory: who has the national id first is the person. A row whose person appeared, or went, or whose organization
-- closed, since it was looked up is answered 'raced' and changes nothing; the caller looks it up again.
-- Locks: the organizations for key share, directory entries in the order of the index, then the changed members in the order of their
-- ids. Two imports of the same file wait for each other and never in a circle.
-- Returns one row per request, by ordinality: inserted | updated | raced. Raises only for what no well-made caller sends.
-- wrapped_keys, sealed values and digests are null in a row that changes only what stands in clear; of a known person
-- a null phone or clear value keeps what is there, and so does a clear value that somebody stands for (member.evidenced).

create or replace function members_import_apply(
    statuses text[],
    are_new boolean[],
    member_ids bigint[],
    organization_ids bigint[],
    worker_kinds text[],
    employment_forms text[],
    sexes text[],
    birth_days date[],
    hardship_posts boolean[],
    employer_checkups boolean[],
    national_id_indexes bytea[],
    phone_indexes bytea[],
    name_indexes bytea[],
    personal_digests bytea[],
    wrapped_keys bytea[],
    names_sealed bytea[],
    national_ids_sealed bytea[],
    phones_sealed bytea[]
) returns table (request integer, outcome text)
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_mergejoin = off
as $$
begin
    -- Closing locks these rows for update, so it comes wholly before or after.
    perform 1
    from organization
    where organization.organization_id in (select unnest(organization_ids))
    order by organization.organization_id
    for key share;

    return query
    with input as materialized (
        select *
        from unnest(
            statuses, are_new, member_ids, organization_ids, worker_kinds, employment_forms, sexes, birth_days, hardship_posts,
            employer_checkups, national_id_indexes, phone_indexes, name_indexes, personal_digests, wrapped_keys, names_sealed,
            national_ids_sealed, phones_sealed
        ) with ordinality as input (
            status, is_new, member_id, organization_id, worker_kind, employment_form, sex, birth_on, hardship_post,
            employer_checkup, national_id_index, phone_index, name_index, personal_digest, wrapped_key, name_sealed,
            national_id_sealed, phone_sealed, request)
    ),
    entered as (
        insert into national_id_directory (national_id_index, member_id)
        select input.national_id_index, input.member_id
        from input
        where
            input.is_new
            -- A closed organization takes nobody.
            and exists (
                select from organization where organization.organization_id = input.organization_id and organization.state = 'open')
        order by input.national_id_index
        on conflict on constraint national_id_directory_pkey do nothing
        returning member_id
    ),
    newcomer as materialized (
        select input.*
        from entered
        join input on input.is_new and input.member_id = entered.member_id
    ),
    new_member as (
        insert into member (
            member_id, organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
        overriding system value
        select
            newcomer.member_id, newcomer.organization_id, newcomer.status, newcomer.worker_kind, newcomer.employment_form, newcomer.sex,
            newcomer.birth_on, newcomer.hardship_post, newcomer.employer_checkup
        from newcomer
    ),
    new_key as (
        insert into member_data_key (member_id, wrapped_key)
        select newcomer.member_id, newcomer.wrapped_key from newcomer
    ),
    new_personal_data as (
        insert into member_personal_data (
            member_id, name_sealed, national_id_sealed, phone_sealed, phone_index, name_index, personal_digest)
        select
            newcomer.member_id, newcomer.name_sealed, newcomer.national_id_sealed, newcomer.phone_sealed, newcomer.phone_index,
            newcomer.name_index, newcomer.personal_digest
        from newcomer
    ),
    new_name as (
        insert into member_name_index (name_index, member_id)
        select newcomer.name_index, newcomer.member_id from newcomer
    ),
    new_phone as (
        insert into member_phone_index (phone_index, member_id)
        select newcomer.phone_index, newcomer.member_id
        from newcomer
        where newcomer.phone_index is not null
    )
    select input.request::integer, case when newcomer.member_id is null then 'raced' else 'inserted' end
    from input
    left join newcomer on newcomer.request = input.request
    where input.is_new;

    if not (false = any (are_new)) then
        return;
    end if;

    -- A statement of its own: the next one sees what whoever held a lock until now has written, so that the phone it takes out of the
    -- index is the one that stands there.
    perform 1
    from member
    where member.member_id in (
        select input.member_id
        from unnest(are_new, member_ids) as input (is_new, member_id)
        where not input.is_new
    )
    order by member.member_id
    for no key update of member;

    return query
    with input as materialized (
        select *
        from unnest(
            are_new, member_ids, organization_ids, worker_kinds, employment_forms, hardship_posts,
            employer_checkups, national_id_indexes, phone_indexes, name_indexes, personal_digests, names_sealed, national_ids_sealed,
            phones_sealed
        ) with ordinality as input (
            is_new, member_id, organization_id, worker_kind, employment_form, hardship_post,
            employer_checkup, national_id_index, phone_index, name_index, personal_digest, name_sealed, national_id_sealed, phone_sealed,
            request)
        where not input.is_new
    ),
    changing as materialized (
        select
            input.*,
            member.status,
            member.organization_id as organization_before,
            member.organization_since,
            member.version as version_before,
            member.status <> 'left' and input.organization_id <> member.organization_id as moves
        from input
        join member on member.member_id = input.member_id
        join national_id_directory directory
            on directory.national_id_index = input.national_id_index and directory.member_id = input.member_id
        join member_data_key data_key on data_key.member_id = input.member_id
        where not exists (
            select
            from organization
            where
                organization.organization_id = input.organization_id
                and organization.state <> 'open'
                and organization.organization_id <> member.organization_id)
    ),
    -- What the file tells otherwise, where nobody stands for what is known.
    difference as materialized (
        select changing.member_id, found.attribute, found.known, found.value, member.created_at
        from changing
        join member on member.member_id = changing.member_id
        cross join lateral (
            values
                ('worker_kind', member.worker_kind, changing.worker_kind),
                ('employment_form', member.employment_form, changing.employment_form),
                ('hardship_post', member.hardship_post::text, changing.hardship_post::text),
                ('employer_checkup', member.employer_checkup::text, changing.employer_checkup::text)
        ) as found (attribute, known, value)
        where found.known <> found.value and not found.attribute = any (member.evidenced)
    ),
    told as (
        select
            difference.member_id,
            max(difference.value) filter (where difference.attribute = 'worker_kind') as worker_kind,
            max(difference.value) filter (where difference.attribute = 'employment_form') as employment_form,
            max(difference.value) filter (where difference.attribute = 'hardship_post') as hardship_post,
            max(difference.value) filter (where difference.attribute = 'employer_checkup') as employer_checkup
        from difference
        group by difference.member_id
    ),
    -- Claims as member_attributes_claim makes them: what stood there first, then what is told now.
    new_claim as (
        insert into member_attribute (member_id, attribute, value, evidence, evidenced_on, recorded_by, recorded_at)
        select member_id, attribute, value, 'self_declared', evidenced_on, recorded_by, recorded_at
        from (
            select
                1 as place, difference.member_id, difference.attribute, difference.known as value,
                (difference.created_at at time zone 'Asia/Shanghai')::date as evidenced_on, 'registry' as recorded_by,
                difference.created_at as recorded_at
            from difference
            where not exists (
                select from member_attribute earlier
                where earlier.member_id = difference.member_id and earlier.attribute = difference.attribute
            )
            union all
            select
                2, difference.member_id, difference.attribute, difference.value, (now() at time zone 'Asia/Shanghai')::date, 'import', now()
            from difference
        ) claim
        order by place
    ),
    changed_member as (
        update member
        set
            organization_id = coalesce(changing.organization_id, member.organization_id),
            worker_kind = coalesce(told.worker_kind, member.worker_kind),
            employment_form = coalesce(told.employment_form, member.employment_form),
            hardship_post = coalesce(told.hardship_post::boolean, member.hardship_post),
            employer_checkup = coalesce(told.employer_checkup::boolean, member.employer_checkup),
            organization_since = case
                when changing.moves then greatest(now(), member.organization_since)
                else member.organization_since
            end,
            version = member.version + 1,
            updated_at = now()
        from changing
        left join told on told.member_id = changing.member_id
        where member.member_id = changing.member_id
    ),
    ended_membership as (
        insert into membership (member_id, version, organization_id, started_at, ended_at, cause)
        select
            changing.member_id, changing.version_before + 1, changing.organization_before, changing.organization_since,
            greatest(now(), changing.organization_since), 'imported'
        from changing
        where changing.moves
    ),
    changed_personal_data as (
        update member_personal_data personal
        set
            name_sealed = changing.name_sealed,
            national_id_sealed = changing.national_id_sealed,
            phone_sealed = coalesce(changing.phone_sealed, personal.phone_sealed),
            phone_index = coalesce(changing.phone_index, personal.phone_index),
            name_index = changing.name_index,
            personal_digest = changing.personal_digest
        from changing
        where personal.member_id = changing.member_id and changing.name_sealed is not null
    ),
    -- Sees the row as it was before the update above.
    gone_phone as (
        delete from member_phone_index entry
        using changing
        join member_personal_data personal on personal.member_id = changing.member_id
        where
            changing.name_sealed is not null
            and personal.phone_index <> changing.phone_index
            and entry.phone_index = personal.phone_index
            and entry.member_id = changing.member_id
    ),
    gone_name as (
        delete from member_name_index entry
        using changing
        join member_personal_data personal on personal.member_id = changing.member_id
        where
            changing.name_sealed is not null
            and personal.name_index <> changing.name_index
            and entry.name_index = personal.name_index
            and entry.member_id = changing.member_id
    ),
    changed_name as (
        insert into member_name_index (name_index, member_id)
        select changing.name_index, changing.member_id
        from changing
        where changing.name_sealed is not null
        on conflict on constraint member_name_index_pkey do nothing
    ),
    changed_phone as (
        insert into member_phone_index (phone_index, member_id)
        select changing.phone_index, changing.member_id
        from changing
        where changing.name_sealed is not null and changing.phone_index is not null
        on conflict on constraint member_phone_index_pkey do nothing
    )
    select input.request::integer, case when changing.member_id is null then 'raced' else 'updated' end
    from input
    left join changing on changing.request = input.request;
end
$$;
