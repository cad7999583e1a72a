-- Who was forgotten, by whom and why: a number, never a person.

create table member_erasure (
    member_id bigint not null,
    reason text not null,
    erased_by text not null,
    erased_at timestamptz not null default now(),

    constraint member_erasure_pkey primary key (member_id),
    constraint member_erasure_member_exists foreign key (member_id) references member (member_id),
    constraint member_erasure_reason_is_known check (reason in ('asked_by_the_person', 'entered_by_mistake', 'required_by_law'))
);

comment on table member_erasure is
    'A person forgotten: data key, sealed data, indexes, attributes are gone; the member''s number and figures stay.';
