-- Certificates of completion (结业证书): for who came often enough, once the class is over and all its lessons are accounted for.

create table class_completion (
    class_id bigint not null,
    decided_at timestamptz not null,

    constraint class_completion_pkey primary key (class_id),
    constraint class_completion_class_exists foreign key (class_id) references school_class (class_id)
);

comment on table class_completion is
    'That a class''s certificates were given. The row goes when a mark is corrected, and it is looked at again.';

create index school_class_ended on school_class (last_until, class_id) where state = 'ended';

create table completion_certificate (
    certificate_id bigint generated always as identity,
    member_id bigint not null,
    enrolment_id bigint not null,
    class_id bigint not null,
    lessons_came smallint not null,
    lessons_counted smallint not null,
    minutes integer not null,
    issued_on date not null,
    issued_at timestamptz not null,
    revoked_at timestamptz,
    revoked_by text,
    revoke_reason text,

    constraint completion_certificate_pkey primary key (certificate_id),
    constraint completion_certificate_is_one_an_enrolment unique (enrolment_id),
    constraint completion_certificate_class_exists foreign key (class_id) references school_class (class_id),
    constraint completion_certificate_enrolment_exists
        foreign key (member_id, enrolment_id) references enrolment (member_id, enrolment_id) on update cascade,
    constraint completion_certificate_came_to_some check (lessons_came between 1 and lessons_counted),
    constraint completion_certificate_minutes_are_positive check (minutes > 0),
    constraint completion_certificate_is_revoked_for_a_reason
        check ((revoked_at is null) = (revoked_by is null) and (revoked_at is null) = (revoke_reason is null)),
    constraint completion_certificate_revoke_reason_has_1_to_500_characters check (char_length(revoke_reason) between 1 and 500)
);

comment on table completion_certificate is 'That somebody completed a class. The name is the register''s: it stands nowhere here.';
comment on column completion_certificate.minutes is 'Of the lessons they came to.';

create index completion_certificate_of_member on completion_certificate (member_id, certificate_id);
create index completion_certificate_of_class on completion_certificate (class_id, certificate_id);
