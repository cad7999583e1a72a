-- A person exists once: members who may be the same person are found by phone, or by name and birth date, and merged by a person.

alter table member
    add column merged_into bigint,
    add column erased_at timestamptz,
    add constraint member_merged_into_exists foreign key (merged_into) references member (member_id),
    add constraint member_is_not_merged_into_itself check (merged_into <> member_id),
    add constraint member_merged_has_left check (merged_into is null or status = 'left'),
    add constraint member_erased_has_left check (erased_at is null or status = 'left');

comment on column member.merged_into is
    'The member who is the same person and goes on. Never one that is merged itself: a later merge takes those merged before along.';
comment on column member.erased_at is 'The person was forgotten; the member''s number stays for the figures.';

create index member_merged on member (merged_into) where merged_into is not null;

-- A merged member's national id leads to the one who goes on.
alter table national_id_directory add column is_alias boolean not null default false;

comment on column national_id_directory.is_alias is
    'The id of a member who was merged: it finds the person, but is not the id that stands in the person''s data.';

create index national_id_directory_alias on national_id_directory (member_id) where is_alias;

create table member_name_index (
    name_index bytea not null,
    member_id bigint not null,

    constraint member_name_index_pkey primary key (name_index, member_id),
    constraint member_name_index_has_32_bytes check (octet_length(name_index) = 32)
);

comment on table member_name_index is 'Which members have this name and this birth date: a keyed digest of both together.';

alter table member_personal_data add column name_index bytea;

comment on column member_personal_data.name_index is
    'The member''s entry in member_name_index; null until a job has made it, for members from before there was one.';

create index member_personal_data_without_name_index on member_personal_data (member_id) where name_index is null;

create table member_duplicate (
    duplicate_id bigint generated always as identity,
    member_id bigint not null,
    other_member_id bigint not null,
    same_phone boolean not null,
    same_name_and_birth boolean not null,
    state text not null default 'suspected',
    found_at timestamptz not null default now(),
    decided_by text,
    decided_at timestamptz,
    decision_reason text,

    constraint member_duplicate_pkey primary key (duplicate_id),
    constraint member_duplicate_pair_is_unique unique (member_id, other_member_id),
    constraint member_duplicate_pair_is_in_order check (member_id < other_member_id),
    constraint member_duplicate_has_a_reason check (same_phone or same_name_and_birth),
    constraint member_duplicate_state_is_known check (state in ('suspected', 'dismissed', 'merged', 'gone')),
    constraint member_duplicate_decision_has_who_and_when
        check ((state = 'suspected') = (decided_by is null) and (decided_by is null) = (decided_at is null)),
    constraint member_duplicate_member_exists foreign key (member_id) references member (member_id),
    constraint member_duplicate_other_member_exists foreign key (other_member_id) references member (member_id)
);

comment on table member_duplicate is
    'Two members who may be one person, for a person to decide. gone: one of them was merged elsewhere or erased.';

create index member_duplicate_suspected on member_duplicate (duplicate_id) where state = 'suspected';
create index member_duplicate_of_other on member_duplicate (other_member_id);

create table member_merge (
    merged_member_id bigint not null,
    member_id bigint not null,
    status_before text not null,
    reason text not null,
    merged_by text not null,
    merged_at timestamptz not null default now(),

    constraint member_merge_pkey primary key (merged_member_id),
    constraint member_merge_member_exists foreign key (member_id) references member (member_id),
    constraint member_merge_merged_member_exists foreign key (merged_member_id) references member (member_id)
);

comment on table member_merge is 'Who merged which member into which other, when and why. Both keep their histories.';

create index member_merge_of_member on member_merge (member_id);

-- How far the job that compares members has come.
create table member_comparison (
    only_one boolean not null default true,
    member_id bigint not null default 0,
    pass_began_on date,

    constraint member_comparison_pkey primary key (only_one),
    constraint member_comparison_is_one_row check (only_one)
);

comment on column member_comparison.member_id is 'Members up to this number were compared in this pass.';

insert into member_comparison default values;

-- It takes one argument more now.
drop function if exists members_import_apply(
    text[], boolean[], bigint[], bigint[], text[], text[], text[], date[], boolean[], boolean[], bytea[], bytea[], bytea[], bytea[],
    bytea[], bytea[], bytea[]);
