-- Courses, and the classes in which they are taught: a class is one run of a course in a term, with seats.

create table course (
    course_id bigint generated always as identity,
    school_id bigint not null,
    category_id bigint not null,
    title text not null,
    title_en text,
    description text,
    description_en text,
    version integer not null default 1,
    created_by text not null,
    created_at timestamptz not null default now(),

    constraint course_pkey primary key (course_id),
    constraint course_is_its_schools_own unique (school_id, course_id),
    constraint course_school_exists foreign key (school_id) references school (school_id),
    constraint course_category_exists foreign key (category_id) references course_category (category_id),
    constraint course_title_has_1_to_100_characters
        check (char_length(title) between 1 and 100 and char_length(title_en) between 1 and 100),
    constraint course_description_has_1_to_2000_characters
        check (char_length(description) between 1 and 2000 and char_length(description_en) between 1 and 2000),
    constraint course_version_is_positive check (version > 0)
);

comment on table course is 'What is taught (课程). The same title may come again: a course is known by its number.';

create index course_of_category on course (category_id, course_id);

create table school_class (
    class_id bigint generated always as identity,
    school_id bigint not null,
    term_id bigint not null,
    course_id bigint not null,
    label text not null,
    kind text not null,
    teacher_id bigint,
    room_id bigint,
    link text,
    minimum integer,
    decide_on date,
    decided_at timestamptz,
    fee_fen integer not null default 0,
    reduced_fees jsonb not null default '[]',
    audience jsonb,
    enrolment_mode text not null,
    opens_at timestamptz,
    closes_at timestamptz,
    pattern jsonb not null,
    state text not null default 'draft',
    version integer not null default 1,
    first_at timestamptz not null,
    last_until timestamptz not null,
    published_at timestamptz,
    cancel_reason text,
    cancel_reason_en text,
    created_by text not null,
    created_at timestamptz not null,

    constraint school_class_pkey primary key (class_id),
    constraint school_class_names_its_course_and_term unique (class_id, course_id, term_id),
    constraint school_class_term_is_the_schools foreign key (school_id, term_id) references school_term (school_id, term_id),
    constraint school_class_course_is_the_schools foreign key (school_id, course_id) references course (school_id, course_id),
    constraint school_class_room_is_the_schools foreign key (school_id, room_id) references classroom (school_id, room_id),
    constraint school_class_teacher_exists foreign key (teacher_id) references teacher (teacher_id),
    constraint school_class_label_has_1_to_40_characters check (char_length(label) between 1 and 40),
    constraint school_class_kind_is_known check (kind in ('class', 'master_lecture', 'online')),
    constraint school_class_is_in_a_room_or_online
        check (case when kind = 'online' then room_id is null else link is null end),
    constraint school_class_link_has_8_to_500_characters check (char_length(link) between 8 and 500),
    constraint school_class_minimum_is_positive check (minimum > 0),
    constraint school_class_minimum_is_decided_on_a_day check ((minimum is null) = (decide_on is null)),
    constraint school_class_fee_is_0_to_100000_yuan check (fee_fen between 0 and 10000000),
    constraint school_class_enrolment_mode_is_known check (enrolment_mode in ('first_come', 'draw', 'draw_then_first_come')),
    constraint school_class_opens_before_it_closes check (opens_at < closes_at),
    constraint school_class_state_is_known check (state in ('draft', 'published', 'running', 'ended', 'cancelled')),
    constraint school_class_is_whole_once_published
        check (state in ('draft', 'cancelled')
               or (published_at is not null and teacher_id is not null and num_nonnulls(room_id, link) = 1 and opens_at is not null
                   and closes_at is not null)),
    constraint school_class_is_cancelled_for_a_reason check ((state = 'cancelled') = (cancel_reason is not null)),
    constraint school_class_lessons_follow_each_other check (first_at < last_until),
    constraint school_class_version_is_positive check (version > 0)
);

comment on table school_class is 'One run of a course in a term, with seats (班).';
comment on column school_class.kind is 'class; master_lecture: one lesson for 200 and more; online: no room, but a link.';
comment on column school_class.minimum is 'With fewer seated on the day decide_on the class is cancelled.';
comment on column school_class.decided_at is 'When the minimum was looked at: once.';
comment on column school_class.reduced_fees is 'A list of {condition, fen}: the least of those whose condition holds is paid.';
comment on column school_class.audience is 'A Condition that whoever enrols must fulfil; null: every active member.';
comment on column school_class.pattern is 'What its lessons were made of.';
comment on column school_class.first_at is 'When its first lesson begins that is not cancelled.';
comment on column school_class.last_until is 'When its last lesson ends that is not cancelled.';
comment on constraint school_class_names_its_course_and_term on school_class is
    'For enrolments: their foreign key binds the course and the term, by which they are counted and kept single.';

create unique index school_class_label_is_its_own on school_class (term_id, course_id, label) where state <> 'cancelled';
create index school_class_of_course on school_class (course_id, class_id);
create index school_class_of_term on school_class (term_id, class_id);
create index school_class_of_school on school_class (school_id, class_id);
create index school_class_of_room on school_class (room_id) where room_id is not null;
create index school_class_to_decide on school_class (decide_on, class_id) where state = 'published' and decided_at is null;
create index school_class_to_start on school_class (first_at, class_id) where state = 'published';
create index school_class_to_end on school_class (last_until, class_id) where state = 'running';

create table class_seat_count (
    class_id bigint not null,
    capacity integer not null,
    seated integer not null default 0,
    waiting integer not null default 0,

    constraint class_seat_count_pkey primary key (class_id),
    constraint class_seat_count_class_exists foreign key (class_id) references school_class (class_id),
    constraint class_capacity_is_1_to_100000 check (capacity between 1 and 100000),
    constraint class_seated_within_capacity check (seated between 0 and capacity),
    constraint class_waiting_is_not_negative check (waiting >= 0)
) with (fillfactor = 50);

comment on table class_seat_count is
    'A class''s seats: narrow, for every enrolment changes it. Who seats somebody locks this row and reads the class''s state after it; '
    'who ends or cancels a class locks the class, then this row.';

create table school_class_event (
    class_id bigint not null,
    event_id bigint generated always as identity,
    lesson_number smallint,
    step text not null,
    details jsonb not null default '{}',
    reason text,
    reason_en text,
    done_by text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default now(),

    constraint school_class_event_pkey primary key (class_id, event_id),
    constraint school_class_event_class_exists foreign key (class_id) references school_class (class_id)
);

comment on table school_class_event is 'What happened to a class or one of its lessons, who did it and why.';
comment on column school_class_event.occurred_at is
    'By the service''s clock, which an operator may have set ahead; recorded_at is the database''s own.';
