-- Awards: a place that somebody was given, and all that became of it.

create table program_award (
    member_id bigint not null,
    program_id bigint not null,
    number integer not null,
    state text not null,
    source text not null,
    run_number integer,
    offered_until timestamptz,
    changed_at timestamptz not null,
    version integer not null default 1,

    constraint program_award_pkey primary key (member_id, program_id),
    constraint program_award_member_exists foreign key (member_id) references member (member_id),
    constraint program_award_session_exists foreign key (program_id, number) references program_session (program_id, number),
    constraint program_award_state_is_known
        check (state in ('placed', 'offered', 'confirmed', 'declined', 'lapsed', 'withdrawn', 'attended', 'excused', 'no_show', 'used')),
    constraint program_award_source_is_known check (source in ('run', 'tick', 'walk_in', 'organizer')),
    constraint program_award_offer_ends check ((state = 'offered') <= (offered_until is not null))
);

comment on table program_award is
    'States that hold a place: placed, offered, confirmed, attended, no_show, used. The others have given it back.';
comment on column program_award.source is 'What gave the place: a run, a tick of the waitlist, the van''s door, an organizer.';

create index program_award_of_program on program_award (program_id, number, state, member_id);
create index program_award_offers_due on program_award (offered_until, program_id, member_id) where state = 'offered';

create table program_award_event (
    member_id bigint not null,
    program_id bigint not null,
    event_id bigint generated always as identity,
    state_before text,
    state_after text not null,
    number_before integer,
    number_after integer not null,
    reason text,
    done_by text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default now(),

    constraint program_award_event_pkey primary key (member_id, program_id, event_id)
);

comment on table program_award_event is 'Every change of an award: who, when, why.';

create index program_award_event_of_program on program_award_event (program_id, event_id);
