-- What only the holder of the key file can read, and the blind indexes by which a person is found without reading.
--
-- Every person has a random data key, wrapped by a master key that is not in the database. Deleting the row of
-- member_data_key forgets the person, in every backup too that was taken before. The directory and the phone index
-- are keyed by HMAC-SHA-256 of the value under a secret of the key file; they carry no foreign key, for they lie by
-- the index's hash and not with the member once the database is spread over machines.

create table member_data_key (
    member_id bigint not null,
    wrapped_key bytea not null,
    created_at timestamptz not null default now(),

    constraint member_data_key_pkey primary key (member_id),
    constraint member_data_key_member_exists foreign key (member_id) references member (member_id)
);

comment on table member_data_key is 'A person''s data key, wrapped. The person is forgotten by deleting the row.';

create table member_personal_data (
    member_id bigint not null,
    name_sealed bytea not null,
    national_id_sealed bytea not null,
    phone_sealed bytea,
    phone_index bytea,
    personal_digest bytea not null,

    constraint member_personal_data_pkey primary key (member_id),
    constraint member_personal_data_member_exists foreign key (member_id) references member (member_id),
    constraint member_personal_data_digest_has_16_bytes check (octet_length(personal_digest) = 16),
    constraint member_personal_data_phone_is_indexed check ((phone_sealed is null) = (phone_index is null))
);

comment on table member_personal_data is 'Name, national id and phone, sealed by the person''s data key and bound to the row and column.';
comment on column member_personal_data.phone_sealed is 'Null when the member gave no phone.';
comment on column member_personal_data.phone_index is 'The member''s entry in member_phone_index, so that it can be taken out.';
comment on column member_personal_data.personal_digest is
    'Keyed digest of name, national id and phone: tells an unchanged row of an import without unsealing.';

create table national_id_directory (
    national_id_index bytea not null,
    member_id bigint not null,

    constraint national_id_directory_pkey primary key (national_id_index),
    constraint national_id_directory_index_has_32_bytes check (octet_length(national_id_index) = 32)
);

comment on table national_id_directory is 'Which member has this national id: one person, one member.';

create table member_phone_index (
    phone_index bytea not null,
    member_id bigint not null,

    constraint member_phone_index_pkey primary key (phone_index, member_id),
    constraint member_phone_index_has_32_bytes check (octet_length(phone_index) = 32)
);

comment on table member_phone_index is 'Which members gave this phone: families share one, so it is not unique.';
