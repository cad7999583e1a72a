/// The peer of `join`: one plain statement a join, with everything the server writes, by values that PostgreSQL makes itself.
enum JoinPeer {
    /// Set by the caller: `code`.
    static let script = #"""
        with drawn as materialized (
            select nextval(pg_get_serial_sequence('member', 'member_id')) as member_id
        ),
        place as materialized (
            select organization.organization_id
            from organization_join_code join_code
            join organization on organization.organization_id = join_code.organization_id
            where join_code.code = :code::text and join_code.state = 'open' and organization.state = 'open'
            for key share of organization
        ),
        entered as (
            insert into national_id_directory (national_id_index, member_id)
            select sha256(('n' || member_id)::bytea), member_id from drawn cross join place
            on conflict do nothing
            returning member_id
        ),
        newcomer as materialized (
            select
                entered.member_id, place.organization_id, sha256(('p' || member_id)::bytea) as phone_index,
                sha256(('m' || member_id)::bytea) as name_index, sha256(('s' || member_id)::bytea) as secret_digest
            from entered
            cross join place
        ),
        new_member as (
            insert into member (
                member_id, organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
            overriding system value
            select member_id, organization_id, 'active', 'courier', 'platform', 'male', '1990-01-01', false, false from newcomer
        ),
        new_key as (
            insert into member_data_key (member_id, wrapped_key)
            select member_id, phone_index || name_index from newcomer
        ),
        new_personal_data as (
            insert into member_personal_data (
                member_id, name_sealed, national_id_sealed, phone_sealed, phone_index, name_index, personal_digest)
            select
                member_id, phone_index || '\x001122334455', phone_index || '\x00112233445566778899aabbccddeeff0011',
                phone_index || '\x00112233445566778899aa', phone_index, name_index, substr(secret_digest, 1, 16)
            from newcomer
        ),
        new_phone as (
            insert into member_phone_index (phone_index, member_id) select phone_index, member_id from newcomer
        ),
        new_name as (
            insert into member_name_index (name_index, member_id) select name_index, member_id from newcomer
        ),
        new_consent as (
            insert into member_consent (member_id, purpose, is_given, text_version, channel, recorded_by)
            select member_id, 'registry', true, 'join-1', 'join', 'member:' || member_id from newcomer
        ),
        new_application as (
            insert into member_application (
                organization_id, member_id, source, state, consents, secret_digest, submitted_at, decided_by, decided_at)
            select
                organization_id, member_id, 'join_code', 'approved', '{registry}', secret_digest, clock_timestamp(), 'rule',
                clock_timestamp()
            from newcomer
            returning application_id, organization_id, member_id
        ),
        told as (
            insert into outbox_event (type, subject, organization_id, data)
            select
                'member.joined', 'member:' || member_id, organization_id,
                format('{"applicationId":%s,"memberId":%s,"organizationId":%s}', application_id, member_id, organization_id)
            from new_application
        )
        select application_id, member_id from new_application;
        """#
}
