-- What members were told of their policies by a message to the phone, each once.

create table policy_message (
    member_id bigint not null,
    policy_id bigint not null,
    kind text not null,
    due_on date not null,
    requested_at timestamptz not null,

    constraint policy_message_pkey primary key (member_id, policy_id, kind, due_on),
    constraint policy_message_policy_exists foreign key (member_id, policy_id) references policy (member_id, policy_id),
    constraint policy_message_kind_is_known check (kind in ('accept_due', 'cover_ends'))
);

comment on table policy_message is 'What a person was told by a message to the phone, so that it is told once.';
comment on column policy_message.due_on is 'The day it is about, in China: the last to accept, or the last that is covered.';

alter table insurance_batch add column reminded_at timestamptz;

comment on column insurance_batch.reminded_at is
    'When it was last looked at for whom to remind, and nobody was left. Batches with nothing ripe within the days of a reminder are not '
    'looked at.';
