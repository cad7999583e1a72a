-- An address at which a phone's calendar asks for a member's lessons: who knows it may read them, so it can be changed and ended.

create table calendar_address (
    member_id bigint not null,
    token_sha256 bytea not null,
    made_at timestamptz not null,

    constraint calendar_address_pkey primary key (member_id),
    constraint calendar_address_token_is_its_own unique (token_sha256),
    constraint calendar_address_token_has_32_bytes check (length(token_sha256) = 32),
    constraint calendar_address_member_exists foreign key (member_id) references member (member_id)
);

comment on table calendar_address is 'One a member: a new one ends the one before.';
