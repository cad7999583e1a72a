-- A session that is to have fewer seats than places are held in it: one organizer proposes, another confirms, and only then people lose
-- their places.

create table program_session_cut (
    program_id bigint not null,
    number integer not null,
    capacity integer not null,
    reason text not null,
    proposed_by text not null,
    proposed_at timestamptz not null,

    constraint program_session_cut_pkey primary key (program_id, number),
    constraint program_session_cut_session_exists
        foreign key (program_id, number) references program_session (program_id, number) on delete cascade,
    constraint program_session_cut_leaves_0_seats_or_more check (capacity >= 0),
    constraint program_session_cut_has_a_reason check (char_length(reason) between 1 and 500)
);

comment on table program_session_cut is 'A proposal that takes places away from people, waiting for a second organizer.';
