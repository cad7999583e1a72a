-- Lessons: one evening of a class each. Seats, attendance and views are counted elsewhere, for these rows stand in GiST indexes.

create table lesson (
    class_id bigint not null,
    number smallint not null,
    state text not null default 'planned',
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    room_id bigint,
    teacher_id bigint,
    link text,
    sequence integer not null default 0,
    reason text,
    reason_en text,
    changed_at timestamptz not null,

    constraint lesson_pkey primary key (class_id, number),
    constraint lesson_class_exists foreign key (class_id) references school_class (class_id),
    constraint lesson_room_exists foreign key (room_id) references classroom (room_id),
    constraint lesson_teacher_exists foreign key (teacher_id) references teacher (teacher_id),
    constraint lesson_number_is_1_to_400 check (number between 1 and 400),
    constraint lesson_state_is_known check (state in ('planned', 'moved', 'cancelled', 'held')),
    constraint lesson_lasts_10_minutes_to_12_hours
        check (ends_at - starts_at between interval '10 minutes' and interval '12 hours'),
    constraint lesson_is_in_a_room_or_online check (num_nonnulls(room_id, link) <= 1),
    constraint lesson_link_has_8_to_500_characters check (char_length(link) between 8 and 500),
    constraint lesson_is_moved_or_cancelled_for_a_reason check (state not in ('moved', 'cancelled') or reason is not null),
    constraint lesson_of_class_follows_another
        exclude using gist (class_id with =, tstzrange(starts_at, ends_at) with &&) where (state <> 'cancelled'),
    constraint lesson_room_has_one_at_a_time
        exclude using gist (room_id with =, tstzrange(starts_at, ends_at) with &&) where (state <> 'cancelled'),
    constraint lesson_teacher_gives_one_at_a_time
        exclude using gist (teacher_id with =, tstzrange(starts_at, ends_at) with &&) where (state <> 'cancelled')
);

comment on table lesson is 'One evening of a class (课时). Those of drafts keep their room and their teacher as others do.';
comment on column lesson.sequence is 'How often it was moved or cancelled: SEQUENCE of its calendar entry.';

create index lesson_to_be_held on lesson (ends_at, class_id, number) where state in ('planned', 'moved');

create table lesson_view (
    class_id bigint not null,
    number smallint not null,
    seen_on date not null,
    views bigint not null,

    constraint lesson_view_pkey primary key (class_id, number, seen_on),
    constraint lesson_view_lesson_exists foreign key (class_id, number) references lesson (class_id, number),
    constraint lesson_view_is_counted check (views > 0)
) with (fillfactor = 50);

comment on table lesson_view is 'How often an online lesson''s link was opened, a row a day: many views are one update.';
