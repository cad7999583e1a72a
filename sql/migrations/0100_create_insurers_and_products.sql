-- Insurance gifts (赠送意外伤害保险): who insures, and what a policy of theirs covers.

create table insurer (
    insurer_id bigint generated always as identity,
    organization_id bigint not null,
    name text not null,
    hotline text not null,
    file_form jsonb not null,
    version integer not null default 1,
    created_by text not null,
    created_at timestamptz not null,

    constraint insurer_pkey primary key (insurer_id),
    constraint insurer_organization_exists foreign key (organization_id) references organization (organization_id),
    constraint insurer_name_has_1_to_100_characters check (char_length(name) between 1 and 100),
    constraint insurer_hotline_has_3_to_40_characters check (char_length(hotline) between 3 and 40),
    constraint insurer_version_is_positive check (version > 0)
);

comment on table insurer is 'A company, or a mutual-aid society of the union (职工互助保障), that gives policies their numbers.';
comment on column insurer.organization_id is 'Whose organizers see to it.';
comment on column insurer.file_form is 'How its files are written: encoding, columns of a roster and of a result file, in their order.';

create index insurer_of_organization on insurer (organization_id, insurer_id);

create table insurance_product (
    product_id bigint generated always as identity,
    insurer_id bigint not null,
    name text not null,
    name_en text,
    family text not null,
    sum_insured_fen bigint not null,
    covers jsonb not null,
    age_min smallint not null,
    age_max smallint not null,
    sex text,
    worker_kinds text[] not null default '{}',
    is_accepted_by_member boolean not null,
    accept_days smallint,
    beneficiary text not null,
    on_leaving text not null,
    on_transfer text not null,
    claim_advice text not null,
    claim_advice_en text,
    version integer not null default 1,
    created_by text not null,
    created_at timestamptz not null,

    constraint insurance_product_pkey primary key (product_id),
    constraint insurance_product_insurer_exists foreign key (insurer_id) references insurer (insurer_id),
    constraint insurance_product_name_has_1_to_100_characters check (char_length(name) between 1 and 100),
    constraint insurance_product_name_en_has_1_to_100_characters check (char_length(name_en) between 1 and 100),
    constraint insurance_product_family_has_1_to_40_characters check (family ~ '^[a-z][a-z0-9_]{0,39}$'),
    constraint insurance_product_sum_is_1_fen_to_1_billion_yuan check (sum_insured_fen between 1 and 100000000000),
    constraint insurance_product_ages_are_0_to_120 check (0 <= age_min and age_min <= age_max and age_max <= 120),
    constraint insurance_product_sex_is_known check (sex in ('female', 'male')),
    constraint insurance_product_acceptance_has_days check (is_accepted_by_member = (accept_days is not null)),
    constraint insurance_product_is_accepted_within_1_to_366_days check (accept_days between 1 and 366),
    constraint insurance_product_beneficiary_is_known check (beneficiary in ('statutory', 'named')),
    constraint insurance_product_named_beneficiary_is_told_on_acceptance check (beneficiary = 'statutory' or is_accepted_by_member),
    constraint insurance_product_on_leaving_is_known check (on_leaving in ('keeps', 'ends')),
    constraint insurance_product_on_transfer_is_known check (on_transfer in ('keeps', 'ends')),
    constraint insurance_product_advice_has_1_to_2000_characters
        check (char_length(claim_advice) between 1 and 2000 and char_length(claim_advice_en) between 1 and 2000),
    constraint insurance_product_version_is_positive check (version > 0)
);

comment on table insurance_product is 'What a policy covers, and for whom it may be written.';
comment on column insurance_product.family is 'Nobody holds two policies of a family over the same days, whoever gave them.';
comment on column insurance_product.covers is 'What is paid for what: a list of name, nameEn and fen.';
comment on column insurance_product.age_min is 'In full years on the first day of the cover.';
comment on column insurance_product.sex is 'Null: both.';
comment on column insurance_product.worker_kinds is 'Occupations that the insurer takes; none named: all.';
comment on column insurance_product.is_accepted_by_member is
    'Whether the member must accept the policy before it covers; else it covers from its first day on once it is issued.';
comment on column insurance_product.beneficiary is 'Who gets a death benefit: the heirs by law (statutory), or whom the member names.';
comment on column insurance_product.on_leaving is 'Whether the cover of somebody who leaves the union goes on or ends.';
comment on column insurance_product.on_transfer is
    'Whether the cover of somebody who moves out of the batch''s organizations goes on or ends.';

create index insurance_product_of_insurer on insurance_product (insurer_id, product_id);
