-- Decides, for each row of an import, what the row means: a new person, one that is known and the same, or one to change.
-- Writes nothing but numbers drawn from the member sequence, and those only with draws_ids: sealing binds to the member's id,
-- so a new person's id must be known before.
-- A null among the clear values says that the file does not tell: what is known stays. So does a value that somebody stands for
-- (member.evidenced): a file tells what nobody has certified. A row with the id of a member who was merged means the one who goes on,
-- whose name and phone it does not change.
-- Locks nothing: members_import_apply finds out what changed meanwhile.
-- Returns one row per request, by ordinality:
--   verdict      new | unchanged | changed (only what stands in clear) | personal (name or phone too) | forgotten (the key is gone)
--   member_id    the person's, or the drawn one, or null
--   wrapped_key  of a personal change: the key under which the new values are sealed

create or replace function members_import_look_up(
    draws_ids boolean,
    national_id_indexes bytea[],
    personal_digests bytea[],
    organization_ids bigint[],
    worker_kinds text[],
    employment_forms text[],
    hardship_posts boolean[],
    employer_checkups boolean[]
) returns table (request integer, verdict text, found_member_id bigint, found_wrapped_key bytea)
language plpgsql
-- By key from each request: for ten thousand requests against millions of members the planner would rather read the tables whole.
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
begin
    return query
    select
        input.request::integer,
        case
            when directory.member_id is null then 'new'
            when data_key.wrapped_key is null then 'forgotten'
            when personal.personal_digest <> input.personal_digest and not directory.is_alias then 'personal'
            when member.organization_id <> input.organization_id
                or member.worker_kind <> input.worker_kind and not 'worker_kind' = any (member.evidenced)
                or member.employment_form <> input.employment_form and not 'employment_form' = any (member.evidenced)
                or member.hardship_post <> input.hardship_post and not 'hardship_post' = any (member.evidenced)
                or member.employer_checkup <> input.employer_checkup and not 'employer_checkup' = any (member.evidenced)
                then 'changed'
            else 'unchanged'
        end,
        case
            when directory.member_id is not null then directory.member_id
            when draws_ids then nextval(pg_get_serial_sequence('member', 'member_id'))
        end,
        case when personal.personal_digest <> input.personal_digest and not directory.is_alias then data_key.wrapped_key end
    from
        unnest(national_id_indexes, personal_digests, organization_ids, worker_kinds, employment_forms, hardship_posts, employer_checkups)
        with ordinality as input (
            national_id_index, personal_digest, organization_id, worker_kind, employment_form, hardship_post, employer_checkup, request)
        left join national_id_directory directory on directory.national_id_index = input.national_id_index
        left join member on member.member_id = directory.member_id
        left join member_personal_data personal on personal.member_id = directory.member_id
        left join member_data_key data_key on data_key.member_id = directory.member_id
    order by input.request;
end
$$;
