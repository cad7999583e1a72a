-- What is known of a member beyond the membership, with who stands for it and since when: a claim for each time it was told.
--
-- Values are coded (a choice, a yes or no, a day, a region, an occupation), never free text, so they identify nobody by themselves
-- and rules may read them in SQL. They are deleted when the person is erased.

create table member_attribute (
    member_id bigint not null,
    attribute text not null,
    claim_id bigint generated always as identity,
    value text not null,
    evidence text not null,
    evidenced_on date not null,
    source text,
    recorded_by text not null,
    recorded_at timestamptz not null default now(),

    constraint member_attribute_pkey primary key (member_id, attribute, claim_id),
    constraint member_attribute_member_exists foreign key (member_id) references member (member_id),
    constraint member_attribute_evidence_is_known check (evidence in ('self_declared', 'certified', 'verified')),
    constraint member_attribute_value_has_1_to_100_characters check (char_length(value) between 1 and 100),
    constraint member_attribute_source_has_1_to_100_characters check (char_length(source) between 1 and 100)
);

comment on table member_attribute is 'A claim about a member. All are kept; member_attribute_current tells which one holds.';
comment on column member_attribute.attribute is 'A code of the catalogue: education, skill_grade … worker_kind.';
comment on column member_attribute.evidence is
    'Who stands for it: the member (self_declared), the organization (certified), a register held elsewhere (verified).';
comment on column member_attribute.evidenced_on is 'The day for which it is told.';
comment on column member_attribute.source is 'Of a verified value: the register.';
comment on column member_attribute.recorded_by is 'The subject of the principal, as in the logs: account:1, member:12.';

-- Which claim holds: the strongest evidence, of these the latest day, of these the last one told.
create view member_attribute_current as
select distinct on (member_id, attribute)
    member_id, attribute, claim_id, value, evidence, evidenced_on, source, recorded_by, recorded_at
from member_attribute
order by
    member_id,
    attribute,
    case evidence when 'verified' then 3 when 'certified' then 2 else 1 end desc,
    evidenced_on desc,
    claim_id desc;

comment on view member_attribute_current is 'The claim that holds of each member and attribute.';

-- An import brings what nobody stands for: it must not overwrite what somebody does.
alter table member
    add column evidenced text[] not null default '{}',
    add constraint member_evidenced_are_columns
        check (evidenced <@ array['worker_kind', 'employment_form', 'hardship_post', 'employer_checkup']);

comment on column member.evidenced is
    'Which of worker_kind, employment_form, hardship_post and employer_checkup follow from a claim that is more than self-declared.';
