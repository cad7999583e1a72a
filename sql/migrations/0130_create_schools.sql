-- Night schools (职工夜校): a school has terms, rooms and a catalogue of courses; teachers and experts belong to an organization, for one
-- expert teaches at many schools.

create table school (
    school_id bigint generated always as identity,
    organization_id bigint not null,
    name text not null,
    time_zone text not null default 'Asia/Shanghai',
    version integer not null default 1,
    created_by text not null,
    created_at timestamptz not null default now(),

    constraint school_pkey primary key (school_id),
    constraint school_organization_exists foreign key (organization_id) references organization (organization_id),
    constraint school_name_is_its_own unique (organization_id, name),
    constraint school_name_has_1_to_100_characters check (char_length(name) between 1 and 100),
    constraint school_time_zone_is_china check (time_zone = 'Asia/Shanghai'),
    constraint school_version_is_positive check (version > 0)
);

comment on table school is 'A night school of an organization.';
comment on column school.time_zone is 'Its lessons'' days and hours are those of this zone.';

create table school_term (
    term_id bigint generated always as identity,
    school_id bigint not null,
    name text not null,
    starts_on date not null,
    ends_on date not null,
    enrolment_cap smallint,
    version integer not null default 1,
    created_by text not null,
    created_at timestamptz not null default now(),

    constraint school_term_pkey primary key (term_id),
    constraint school_term_is_its_schools_own unique (school_id, term_id),
    constraint school_term_name_is_its_own unique (school_id, name),
    constraint school_term_school_exists foreign key (school_id) references school (school_id),
    constraint school_term_name_has_1_to_100_characters check (char_length(name) between 1 and 100),
    constraint school_term_has_1_to_400_days check (ends_on - starts_on between 0 and 399),
    constraint school_term_enrolment_cap_is_1_to_50 check (enrolment_cap between 1 and 50),
    constraint school_term_version_is_positive check (version > 0)
);

comment on table school_term is 'A season of classes.';
comment on column school_term.ends_on is 'The last day on which there may be a lesson.';
comment on column school_term.enrolment_cap is 'Classes of the term that one member has a seat in at most; null: as many as they like.';

create table school_holiday (
    term_id bigint not null,
    day_on date not null,
    name text not null,

    constraint school_holiday_pkey primary key (term_id, day_on),
    constraint school_holiday_term_exists foreign key (term_id) references school_term (term_id),
    constraint school_holiday_name_has_1_to_40_characters check (char_length(name) between 1 and 40)
);

comment on table school_holiday is 'A day of a term without lessons.';

create table course_category (
    category_id bigint generated always as identity,
    school_id bigint,
    code text not null,
    name text not null,
    name_en text not null,
    created_at timestamptz not null default now(),

    constraint course_category_pkey primary key (category_id),
    constraint course_category_code_is_its_own unique nulls not distinct (school_id, code),
    constraint course_category_school_exists foreign key (school_id) references school (school_id),
    constraint course_category_code_has_1_to_40_characters check (code ~ '^[a-z][a-z0-9_]{0,39}$'),
    constraint course_category_name_has_1_to_40_characters
        check (char_length(name) between 1 and 40 and char_length(name_en) between 1 and 60)
);

comment on table course_category is 'What a catalogue is divided into ("4+N"): four that all schools have, and each school''s own.';
comment on column course_category.school_id is 'Null: one of the four of all schools, whose code no school may give again.';

insert into course_category (code, name, name_en)
values
    ('skills', '技能提升', 'Skills'), ('culture', '文化艺术', 'Culture and arts'), ('health', '健康运动', 'Health and sport'),
    ('life', '生活美学', 'Everyday life');

create table teacher (
    teacher_id bigint generated always as identity,
    organization_id bigint not null,
    member_id bigint,
    kind text not null,
    name text not null,
    introduction text,
    version integer not null default 1,
    created_by text not null,
    created_at timestamptz not null default now(),

    constraint teacher_pkey primary key (teacher_id),
    constraint teacher_organization_exists foreign key (organization_id) references organization (organization_id),
    constraint teacher_member_exists foreign key (member_id) references member (member_id),
    constraint teacher_kind_is_known check (kind in ('staff', 'expert')),
    constraint teacher_name_has_1_to_40_characters check (char_length(name) between 1 and 40),
    constraint teacher_introduction_has_1_to_1000_characters check (char_length(introduction) between 1 and 1000),
    constraint teacher_version_is_positive check (version > 0)
);

comment on table teacher is 'Who teaches: of the staff, or of the pool of visiting experts. The name stands in the public catalogue.';
comment on column teacher.organization_id is 'Schools of it and of those below may have them teach.';
comment on column teacher.member_id is 'The same person in the register, if they are a member and it is known.';

create index teacher_of_organization on teacher (organization_id, teacher_id);
create index teacher_of_member on teacher (member_id) where member_id is not null;

create table teacher_office (
    teacher_id bigint not null,
    days daterange not null,

    constraint teacher_office_teacher_exists foreign key (teacher_id) references teacher (teacher_id),
    constraint teacher_office_has_days check (not isempty(days) and not lower_inf(days)),
    constraint teacher_office_is_held_once exclude using gist (teacher_id with =, days with &&)
);

comment on table teacher_office is 'A term of office (聘期): days on which they may teach. Without an end: until one is set.';

create table classroom (
    room_id bigint generated always as identity,
    school_id bigint not null,
    site text not null,
    name text not null,
    address text not null,
    seats integer not null,
    version integer not null default 1,
    created_by text not null,
    created_at timestamptz not null default now(),

    constraint classroom_pkey primary key (room_id),
    constraint classroom_is_its_schools_own unique (school_id, room_id),
    constraint classroom_name_is_its_own unique (school_id, site, name),
    constraint classroom_school_exists foreign key (school_id) references school (school_id),
    constraint classroom_site_has_1_to_100_characters check (char_length(site) between 1 and 100),
    constraint classroom_name_has_1_to_40_characters check (char_length(name) between 1 and 40),
    constraint classroom_address_has_1_to_200_characters check (char_length(address) between 1 and 200),
    constraint classroom_seats_are_1_to_100000 check (seats between 1 and 100000),
    constraint classroom_version_is_positive check (version > 0)
);

comment on table classroom is 'A room at a site of the school.';
