-- Which claims hold, in a column of their own: rules are tried upon millions of members at once, and sorting all that was ever told of
-- them takes longer than anybody waits.

alter table member_attribute add column is_current boolean not null default false;

comment on column member_attribute.is_current is
    'Whether it is the claim that holds (member_attribute_current). Not kept for self-declared worker_kind, employment_form, hardship_post
and employer_checkup: there the column of member holds.';

update member_attribute
set is_current = true
from member_attribute_current held
where
    member_attribute.member_id = held.member_id
    and member_attribute.attribute = held.attribute
    and member_attribute.claim_id = held.claim_id
    and (
        held.evidence <> 'self_declared'
        or held.attribute not in ('worker_kind', 'employment_form', 'hardship_post', 'employer_checkup'));

create unique index member_attribute_has_one_that_holds on member_attribute (member_id, attribute) where is_current;

create index member_attribute_held on member_attribute (attribute, value, evidence, member_id) where is_current;

-- How many have applied: counted where they apply, in some rows a program, so that those who apply at once do not wait for each other.
create table program_applicant_count (
    program_id bigint not null,
    slot integer not null,
    applicants integer not null,

    constraint program_applicant_count_pkey primary key (program_id, slot),
    constraint program_applicant_count_program_exists foreign key (program_id) references program (program_id),
    constraint program_applicant_count_slot_is_0_to_31 check (slot between 0 and 31)
);

comment on table program_applicant_count is
    'Applications of a program that were not withdrawn: the sum of its rows, each of which may be negative.';
