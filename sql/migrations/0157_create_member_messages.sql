-- What a member was told, to be read again on a page: a message to a phone is sealed in the outbox, delivered and wiped.

create table member_message (
    member_id bigint not null,
    message_id bigint generated always as identity,
    kind text not null,
    text_zh text not null,
    text_en text not null,
    subject text,
    told_at timestamptz not null default clock_timestamp(),
    read_at timestamptz,

    constraint member_message_pkey primary key (member_id, message_id),
    constraint member_message_member_exists foreign key (member_id) references member (member_id),
    constraint member_message_kind_has_1_to_60_characters check (kind ~ '^[a-z][a-z0-9_.]{0,59}$'),
    constraint member_message_texts_have_1_to_500_characters check (
        char_length(text_zh) between 1 and 500 and char_length(text_en) between 1 and 500),
    constraint member_message_subject_has_1_to_60_characters check (subject ~ '^[a-z_]{1,40}:[0-9]{1,19}$')
);

comment on table member_message is
    'Written in the transaction of the message itself. No codes to sign in with, no phone, no name; gone with the person.';
comment on column member_message.subject is 'What it is about: program:12, policy:4.';

create index member_message_unread on member_message (member_id, message_id) where read_at is null;
create index member_message_by_age on member_message using brin (told_at) with (autosummarize = on);
