-- Enrolments (报名): a member's seat in one class of a course, or one place in the queue for all of its classes that the member
-- wishes for.

-- A seat that is offered is nobody else's.
alter table class_seat_count
    add column offered integer not null default 0,
    drop constraint class_seated_within_capacity,
    add constraint class_seated_within_capacity check (seated >= 0 and offered >= 0 and seated + offered <= capacity);

comment on column class_seat_count.offered is 'Seats kept for who has an offer.';

alter table school_term
    add column offer_hours smallint not null default 24,
    add constraint school_term_offer_hours_are_1_to_336 check (offer_hours between 1 and 336);

comment on column school_term.offer_hours is 'How long a seat that came free is kept for whom it is offered to.';

create table member_term (
    member_id bigint not null,
    term_id bigint not null,
    taken smallint not null default 0,

    constraint member_term_pkey primary key (member_id, term_id),
    constraint member_term_member_exists foreign key (member_id) references member (member_id),
    constraint member_term_term_exists foreign key (term_id) references school_term (term_id),
    constraint member_term_taken_is_not_negative check (taken >= 0)
) with (fillfactor = 70);

comment on table member_term is
    'Seats that a member has, had to the end or is offered in a term. Whoever gives or takes one locks this row, after the counts of the '
    'classes: so two classes cannot seat one person beyond the cap, or at the same hour.';

create sequence enrolment_queue;

create table enrolment (
    member_id bigint not null,
    enrolment_id bigint generated always as identity,
    term_id bigint not null,
    course_id bigint not null,
    state text not null,
    class_id bigint,
    wishes bigint[] not null,
    queue_number bigint,
    offered_until timestamptz,
    request_id uuid not null,
    answer text not null,
    reason text,
    version integer not null default 1,
    enrolled_by text not null,
    enrolled_at timestamptz not null,
    changed_at timestamptz not null,

    constraint enrolment_pkey primary key (member_id, enrolment_id),
    constraint enrolment_answers_a_request_once unique (member_id, request_id),
    constraint enrolment_member_exists foreign key (member_id) references member (member_id),
    constraint enrolment_class_is_of_its_course_and_term
        foreign key (class_id, course_id, term_id) references school_class (class_id, course_id, term_id),
    constraint enrolment_state_is_known
        check (state in ('seated', 'waitlisted', 'offered', 'declined', 'lapsed', 'withdrawn', 'completed', 'dropped')),
    constraint enrolment_answer_is_known check (answer in ('seated', 'waitlisted')),
    constraint enrolment_wishes_are_1_to_8 check (cardinality(wishes) between 1 and 8),
    constraint enrolment_seat_is_in_a_class check (state not in ('seated', 'offered', 'completed', 'dropped') or class_id is not null),
    constraint enrolment_waits_with_a_number check (state <> 'waitlisted' or (class_id is null and queue_number is not null)),
    constraint enrolment_offer_has_an_end check ((state = 'offered') = (offered_until is not null)),
    constraint enrolment_reason_has_1_to_500_characters check (char_length(reason) between 1 and 500),
    constraint enrolment_version_is_positive check (version > 0)
) with (fillfactor = 70);

comment on table enrolment is 'What became of one request for a seat in a course.';
comment on column enrolment.class_id is 'Where the seat is or was; null while it waits, and where it never had one.';
comment on column enrolment.wishes is 'Classes of the course, the dearest first.';
comment on column enrolment.queue_number is 'Its place in the order of arrival, the same for all its wishes; null of who never waited.';
comment on column enrolment.request_id is 'The caller''s: a repeat is told what the first was told.';
comment on column enrolment.answer is 'What the request was told.';

create unique index enrolment_is_one_a_course_and_term on enrolment (member_id, course_id, term_id)
    where state in ('seated', 'waitlisted', 'offered');
create index enrolment_of_class on enrolment (class_id, member_id) where class_id is not null;
create index enrolment_offer_due on enrolment (offered_until, member_id, enrolment_id) where state = 'offered';

create table class_queue (
    class_id bigint not null,
    queue_number bigint not null,
    member_id bigint not null,
    enrolment_id bigint not null,

    constraint class_queue_pkey primary key (class_id, queue_number),
    constraint class_queue_class_exists foreign key (class_id) references school_class (class_id),
    constraint class_queue_enrolment_exists foreign key (member_id, enrolment_id) references enrolment (member_id, enrolment_id)
);

comment on table class_queue is 'Who waits for a class, in the order of arrival at the database.';

create table enrolment_event (
    member_id bigint not null,
    enrolment_id bigint not null,
    event_id bigint generated always as identity,
    state_before text not null,
    state_after text not null,
    class_id bigint,
    reason text,
    done_by text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default now(),

    constraint enrolment_event_pkey primary key (member_id, enrolment_id, event_id)
);

comment on table enrolment_event is 'Every change of an enrolment after the first: who, when, why.';
