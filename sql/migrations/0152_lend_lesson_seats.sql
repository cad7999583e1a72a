-- A seat for one evening: whoever says in time that they cannot come lends it to who waits for the class.

create table lesson_seat (
    class_id bigint not null,
    number smallint not null,
    member_id bigint not null,
    enrolment_id bigint not null,
    state text not null,
    guest_member_id bigint,
    guest_enrolment_id bigint,
    offered_until timestamptz,
    lent_at timestamptz not null,
    changed_at timestamptz not null,

    constraint lesson_seat_pkey primary key (class_id, number, enrolment_id),
    constraint lesson_seat_roll_exists foreign key (class_id, number) references lesson_roll (class_id, number),
    constraint lesson_seat_enrolment_exists
        foreign key (member_id, enrolment_id) references enrolment (member_id, enrolment_id) on update cascade,
    constraint lesson_seat_guest_exists
        foreign key (guest_member_id, guest_enrolment_id) references enrolment (member_id, enrolment_id) on update cascade,
    constraint lesson_seat_state_is_known check (state in ('open', 'offered', 'taken', 'returned', 'unused')),
    constraint lesson_seat_has_one_guest check ((state in ('offered', 'taken')) = (guest_enrolment_id is not null)),
    constraint lesson_seat_guest_is_whole check ((guest_member_id is null) = (guest_enrolment_id is null)),
    constraint lesson_seat_is_not_lent_to_its_own check (guest_enrolment_id <> enrolment_id),
    constraint lesson_seat_offer_has_an_end check ((state = 'offered') = (offered_until is not null))
);

comment on table lesson_seat is 'A seat lent for one lesson, by whom and to whom.';
comment on column lesson_seat.state is
    'open: nobody who waits can have it, or nobody has been asked; offered; taken; returned: its own person comes after all; unused: the '
    'lesson began.';

create unique index lesson_seat_is_one_a_guest on lesson_seat (class_id, number, guest_enrolment_id)
    where state in ('offered', 'taken');
create index lesson_seat_of_guest on lesson_seat (guest_member_id, class_id, number) where guest_member_id is not null;
create index lesson_seat_to_pass_on on lesson_seat (class_id, number) where state in ('open', 'offered');

create table lesson_seat_offer (
    class_id bigint not null,
    number smallint not null,
    guest_member_id bigint not null,
    guest_enrolment_id bigint not null,
    enrolment_id bigint not null,
    outcome text not null default 'waiting',
    offered_at timestamptz not null,
    offered_until timestamptz not null,
    answered_at timestamptz,
    told_at timestamptz,

    constraint lesson_seat_offer_pkey primary key (class_id, number, guest_enrolment_id),
    constraint lesson_seat_offer_seat_exists
        foreign key (class_id, number, enrolment_id) references lesson_seat (class_id, number, enrolment_id) on update cascade,
    constraint lesson_seat_offer_guest_exists
        foreign key (guest_member_id, guest_enrolment_id) references enrolment (member_id, enrolment_id) on update cascade,
    constraint lesson_seat_offer_outcome_is_known check (outcome in ('waiting', 'taken', 'declined', 'lapsed', 'withdrawn')),
    constraint lesson_seat_offer_is_answered_at_a_time check ((outcome = 'waiting') = (answered_at is null))
);

comment on table lesson_seat_offer is 'Who was asked whether they want a seat for an evening: each of who waits once a lesson.';
comment on column lesson_seat_offer.told_at is 'When the message to the phone was handed over.';

create index lesson_seat_offer_to_tell on lesson_seat_offer (offered_at, class_id, number) where told_at is null;
create index lesson_seat_offer_of_guest on lesson_seat_offer (guest_member_id, class_id, number);
