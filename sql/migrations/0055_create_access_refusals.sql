-- Whom a door that is alone refuses: the list that controllers hold, with a version that rises with every change of it.
--
-- It is compared with the members and cards when controllers ask, at most every few seconds, and by whoever asks: no trigger, and no
-- writer anywhere that could forget it.

create table access_refusal (
    kind text not null,
    subject_id bigint not null,
    is_refused boolean not null,
    version bigint not null,
    constraint access_refusal_pkey primary key (kind, subject_id),
    constraint access_refusal_kind_is_known check (kind in ('member', 'provisional', 'card', 'pin_card'))
);
comment on column access_refusal.kind is
    'member: neither active nor provisional; provisional: some doors let them in; card: revoked; pin_card: only the server can check it.';
comment on column access_refusal.is_refused is 'False for those that stood on the list once, so that controllers take them off.';
comment on column access_refusal.version is 'The version of the list since which it is so.';

create index access_refusal_by_version on access_refusal (version, kind, subject_id);

create table access_refusal_list (
    list_id smallint not null default 1,
    version bigint not null default 0,
    digest bigint not null default 0,
    compared_at timestamptz not null default 'epoch',
    constraint access_refusal_list_pkey primary key (list_id),
    constraint access_refusal_list_is_one check (list_id = 1)
);
comment on column access_refusal_list.digest is
    'The exclusive or, over all that are refused, of the first 8 bytes of SHA-256 of kind:subject_id. Controllers compute it too.';
insert into access_refusal_list default values;
