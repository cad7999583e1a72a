-- A class that is to have fewer seats than are taken: one organizer proposes, another confirms, and only then people lose their seats.

create table class_seat_cut (
    class_id bigint not null,
    cut_id bigint generated always as identity,
    capacity integer not null,
    reason text not null,
    proposed_by text not null,
    proposed_at timestamptz not null,

    constraint class_seat_cut_pkey primary key (class_id),
    constraint class_seat_cut_id_is_its_own unique (cut_id),
    constraint class_seat_cut_class_exists foreign key (class_id) references school_class (class_id),
    constraint class_seat_cut_leaves_1_seat_or_more check (capacity >= 1),
    constraint class_seat_cut_has_a_reason check (char_length(reason) between 1 and 500)
);

comment on table class_seat_cut is 'A proposal that takes seats away from people, waiting for a second organizer.';
comment on column class_seat_cut.cut_id is 'Another one with each proposal: a confirmation names it.';
