-- registry_join: who becomes a member by an organization's join code.
--
-- Decides    by the directory of national ids: whoever is entered there first is the person, whatever else comes in at the same moment,
--            from a second phone, a form or a file. The organization's rule makes the newcomer active, or provisional with an
--            application that waits. A closed organization or an ended code takes nobody.
-- Writes     of each newcomer: national_id_directory, member, member_data_key, member_personal_data, member_phone_index,
--            member_name_index, member_consent, member_application, an event in the outbox and an entry of the audit. Nothing
--            of anybody else.
-- Locks      organization rows for key share in the order of their ids, before their state is read: closing locks them for update, so it
--            comes wholly before or after a batch. Then directory entries in the order of the index, as the import does.
-- Repeats    request_digests (of the Idempotency-Key) are kept in the application: a repeat gets the application it made, as it was
--            answered then; the same key with another body is a conflict. A key that comes in twice at once with two bodies breaks the
--            unique constraint; the caller tries again, and then it is a conflict.
-- Returns    one row per request, to be matched by ordinality, in no order:
--            joined | pending   a new application, approved at once or waiting
--            repeated           the application that the request made before
--            conflict           the request's key was used for another body
--            exists             somebody has the national id; known_member_id says who
--            code_unknown | code_ended | organization_closed
-- Plan       pinned to keys, for it is made while tables are empty and kept while they grow.
-- Clock      this database's clock plus clock_offset_us, read after the locks on the organizations.
create or replace function registry_join(
    codes text[],
    member_ids bigint[],
    worker_kinds text[],
    employment_forms text[],
    sexes text[],
    birth_days date[],
    national_id_indexes bytea[],
    phone_indexes bytea[],
    name_indexes bytea[],
    personal_digests bytea[],
    wrapped_keys bytea[],
    names_sealed bytea[],
    national_ids_sealed bytea[],
    phones_sealed bytea[],
    consents text[],
    secret_digests bytea[],
    request_digests bytea[],
    fingerprints bytea[],
    consent_text_version text,
    clock_offset_us bigint)
returns table (
    ordinality integer,
    outcome text,
    application_id bigint,
    joined_organization_id bigint,
    application_state text,
    known_member_id bigint,
    submitted_at timestamptz,
    reject_reason text)
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set enable_material = off
set enable_memoize = off
set jit = off
as $$
#variable_conflict use_column
declare
    outcomes text[];
    organization_ids bigint[];
    states text[];
    instant timestamptz;
    newcomers bigint;
begin
    perform 1
    from organization
    where organization.organization_id in (
        select join_code.organization_id
        from unnest(codes) as request (code)
        join organization_join_code join_code on join_code.code = request.code
    )
    order by organization.organization_id
    for key share;

    instant := clock_timestamp() + clock_offset_us * interval '1 microsecond';

    -- Who may not even be looked for in the directory.
    select
        array_agg(
            case
                when earlier.application_id is not null and earlier.fingerprint = request.fingerprint then 'repeated'
                when earlier.application_id is not null then 'conflict'
                when join_code.code is null then 'code_unknown'
                when join_code.state <> 'open' then 'code_ended'
                when organization.state <> 'open' then 'organization_closed'
            end
            order by request.ordinality),
        array_agg(join_code.organization_id order by request.ordinality),
        array_agg(case organization.join_rule when 'automatic' then 'approved' else 'pending' end order by request.ordinality)
    into outcomes, organization_ids, states
    from unnest(codes, request_digests, fingerprints) with ordinality as request (code, request_digest, fingerprint, ordinality)
    left join organization_join_code join_code on join_code.code = request.code
    left join organization on organization.organization_id = join_code.organization_id
    left join member_application earlier on earlier.request_digest = request.request_digest;

    return query
    with input as materialized (
        select *
        from unnest(
            outcomes, organization_ids, states, member_ids, worker_kinds, employment_forms, sexes, birth_days, national_id_indexes,
            phone_indexes, name_indexes, personal_digests, wrapped_keys, names_sealed, national_ids_sealed, phones_sealed, consents,
            secret_digests, request_digests, fingerprints
        ) with ordinality as input (
            refusal, organization_id, state, member_id, worker_kind, employment_form, sex, birth_on, national_id_index,
            phone_index, name_index, personal_digest, wrapped_key, name_sealed, national_id_sealed, phone_sealed, consents,
            secret_digest, request_digest, fingerprint, ordinality)
    ),
    entered as (
        insert into national_id_directory (national_id_index, member_id)
        select input.national_id_index, input.member_id
        from input
        where input.refusal is null
        order by input.national_id_index, input.ordinality
        on conflict on constraint national_id_directory_pkey do nothing
        returning member_id
    ),
    newcomer as materialized (
        select input.*
        from entered
        join input on input.refusal is null and input.member_id = entered.member_id
    ),
    new_member as (
        insert into member (
            member_id, organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup,
            organization_since)
        overriding system value
        select
            newcomer.member_id, newcomer.organization_id, case newcomer.state when 'approved' then 'active' else 'provisional' end,
            newcomer.worker_kind, newcomer.employment_form, newcomer.sex, newcomer.birth_on, false, false, instant
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
    new_consent as (
        insert into member_consent (member_id, purpose, is_given, text_version, channel, recorded_by, recorded_at)
        select newcomer.member_id, purpose, true, consent_text_version, 'join', 'member:' || newcomer.member_id, instant
        from newcomer
        cross join lateral unnest(string_to_array(newcomer.consents, ',')) as purpose
    ),
    new_phone as (
        insert into member_phone_index (phone_index, member_id)
        select newcomer.phone_index, newcomer.member_id
        from newcomer
        where newcomer.phone_index is not null
    ),
    new_application as (
        insert into member_application (
            organization_id, member_id, source, state, consents, secret_digest, request_digest, fingerprint, submitted_at, decided_by,
            decided_at, first_member_id, first_state, first_submitted_at)
        select
            newcomer.organization_id, newcomer.member_id, 'join_code', newcomer.state, string_to_array(newcomer.consents, ','),
            newcomer.secret_digest, newcomer.request_digest, newcomer.fingerprint, instant,
            case newcomer.state when 'approved' then 'rule' end, case newcomer.state when 'approved' then instant end,
            newcomer.member_id, newcomer.state, instant
        from newcomer
        order by newcomer.ordinality
        returning application_id, organization_id, state, member_id
    ),
    told as (
        insert into outbox_event (type, subject, organization_id, data)
        select
            case new_application.state when 'approved' then 'member.joined' else 'member.applied' end,
            'member:' || new_application.member_id, new_application.organization_id,
            format(
                '{"applicationId":%s,"memberId":%s,"organizationId":%s}',
                new_application.application_id, new_application.member_id, new_application.organization_id)
        from new_application
    ),
    audited as (
        insert into audit_entry (actor, action, subject, organization_id, details)
        select
            'applicant', 'application.submitted', 'application:' || new_application.application_id, new_application.organization_id,
            format('{"member":"member:%s","state":"%s"}', new_application.member_id, new_application.state)
        from new_application
        order by new_application.application_id
    )
    select
        newcomer.ordinality::integer, case newcomer.state when 'approved' then 'joined' else 'pending' end, new_application.application_id,
        new_application.organization_id, new_application.state, new_application.member_id, instant, null::text
    from new_application
    join newcomer on newcomer.member_id = new_application.member_id;
    get diagnostics newcomers = row_count;

    if newcomers = cardinality(codes) then
        return;
    end if;

    -- A statement of its own: it sees what whoever was waited for in the directory has written.
    return query
    select
        request.ordinality::integer,
        case
            when request.refusal is not null then request.refusal
            when earlier.application_id is null then 'exists'
            when earlier.fingerprint = request.fingerprint then 'repeated'
            else 'conflict'
        end,
        earlier.application_id, coalesce(earlier.organization_id, request.organization_id), coalesce(earlier.first_state, earlier.state),
        coalesce(earlier.first_member_id, earlier.member_id, directory.member_id),
        coalesce(earlier.first_submitted_at, earlier.submitted_at),
        case when earlier.first_state is null then earlier.reject_reason end
    from unnest(outcomes, organization_ids, member_ids, national_id_indexes, request_digests, fingerprints) with ordinality as request (
        refusal, organization_id, member_id, national_id_index, request_digest, fingerprint, ordinality)
    left join national_id_directory directory on directory.national_id_index = request.national_id_index
    left join member_application earlier on earlier.request_digest = request.request_digest
    where request.refusal is not null or directory.member_id is distinct from request.member_id;
end
$$;
