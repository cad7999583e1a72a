-- Feedback: stars and a line of those who completed a class. Organizers see averages and lines, never whose they are.

create table enrolment_feedback (
    member_id bigint not null,
    enrolment_id bigint not null,
    class_id bigint not null,
    stars smallint not null,
    line text,
    given_at timestamptz not null,
    changed_at timestamptz not null,

    constraint enrolment_feedback_pkey primary key (enrolment_id),
    constraint enrolment_feedback_enrolment_exists
        foreign key (member_id, enrolment_id) references enrolment (member_id, enrolment_id) on update cascade,
    constraint enrolment_feedback_class_exists foreign key (class_id) references school_class (class_id),
    constraint enrolment_feedback_stars_are_1_to_5 check (stars between 1 and 5),
    constraint enrolment_feedback_line_has_1_to_200_characters check (char_length(line) between 1 and 200)
);

comment on table enrolment_feedback is 'What somebody says of a class they completed, once.';

create index enrolment_feedback_of_class on enrolment_feedback (class_id);
create index enrolment_feedback_of_member on enrolment_feedback (member_id, enrolment_id);
