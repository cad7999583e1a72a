-- Applications: one a person and program, changeable until the program closes, with what was known of the person frozen beside the wishes.

create table program_application (
    member_id bigint not null,
    program_id bigint not null,
    ticket bigint not null,
    state text not null default 'applied',
    wishes integer[] not null,
    organization_id bigint not null,
    area_id bigint,
    priority integer not null,
    points bigint not null default 0,
    groups smallint not null default 0,
    evidence jsonb not null default '{}',
    applied_by text not null,
    applied_at timestamptz not null,
    changed_at timestamptz not null,

    constraint program_application_pkey primary key (member_id, program_id),
    constraint program_application_ticket_is_its_own unique (program_id, ticket),
    constraint program_application_member_exists foreign key (member_id) references member (member_id),
    constraint program_application_program_exists foreign key (program_id) references program (program_id),
    constraint program_application_state_is_known check (state in ('applied', 'withdrawn')),
    constraint program_application_has_1_to_8_wishes check (cardinality(wishes) between 1 and 8),
    constraint program_application_priority_is_1_to_65535 check (priority between 1 and 65535),
    constraint program_application_points_fit_32_bits check (points between 0 and 4294967295),
    constraint program_application_groups_fit_8_bits check (groups between 0 and 255)
);

comment on table program_application is 'A person''s wishes in one program.';
comment on column program_application.ticket is
    'The pseudonym under which the person is shared out and published: up to 8 ASCII characters, big-endian, as a signed number.';
comment on column program_application.wishes is 'Numbers of the program''s sessions, the dearest first.';
comment on column program_application.area_id is 'In mode local: the area of the program''s sessions that the person belongs to.';
comment on column program_application.priority is 'The class by the program''s rules, 1 for those who go first.';
comment on column program_application.groups is 'The groups by the program''s rules; bit 0 for the first.';
comment on column program_application.evidence is
    'What the rules looked at, as it was known when the person applied: values, evidence, days.';
comment on column program_application.applied_by is 'The subject of who applied: member:12, or account:1 on behalf of the person.';

create table benefit (
    member_id bigint not null,
    benefit_id bigint generated always as identity,
    family text not null,
    period text not null,
    state text not null,
    program_id bigint,
    held_at timestamptz not null,
    changed_at timestamptz not null,

    constraint benefit_pkey primary key (member_id, benefit_id),
    constraint benefit_member_exists foreign key (member_id) references member (member_id),
    constraint benefit_program_exists foreign key (program_id) references program (program_id),
    constraint benefit_state_is_known check (state in ('held', 'confirmed', 'used', 'freed'))
);

comment on table benefit is 'What a person has of a family in a period, wherever it was given.';

create unique index benefit_is_one_a_family_and_period on benefit (member_id, family, period)
where state in ('held', 'confirmed', 'used');
