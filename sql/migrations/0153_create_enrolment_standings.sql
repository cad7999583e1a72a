-- What absences without excuse bring: a warning, then a lower priority in later terms. Draws may read it, nothing else: doors, benefits
-- and first come never do.

create table enrolment_standing (
    standing_id bigint generated always as identity,
    school_id bigint not null,
    term_id bigint not null,
    class_id bigint not null,
    member_id bigint not null,
    enrolment_id bigint not null,
    kind text not null,
    absences smallint not null,
    threshold smallint not null,
    from_on date not null,
    until_on date not null,
    created_at timestamptz not null,
    told_at timestamptz,
    lifted_at timestamptz,
    lifted_by text,
    lift_reason text,

    constraint enrolment_standing_pkey primary key (standing_id),
    constraint enrolment_standing_is_one_a_kind unique (enrolment_id, kind),
    constraint enrolment_standing_term_is_the_schools
        foreign key (school_id, term_id) references school_term (school_id, term_id),
    constraint enrolment_standing_class_exists foreign key (class_id) references school_class (class_id),
    constraint enrolment_standing_enrolment_exists
        foreign key (member_id, enrolment_id) references enrolment (member_id, enrolment_id) on update cascade,
    constraint enrolment_standing_kind_is_known check (kind in ('warning', 'lower_priority')),
    constraint enrolment_standing_has_absences_enough check (threshold > 0 and absences >= threshold),
    constraint enrolment_standing_has_days check (from_on < until_on),
    constraint enrolment_standing_is_lifted_by_somebody
        check ((lifted_at is null) = (lifted_by is null) and (lifted_at is null) = (lift_reason is null)),
    constraint enrolment_standing_is_lifted_for_a_known_reason check (lift_reason in ('absence_corrected', 'appeal_accepted'))
);

comment on table enrolment_standing is 'That somebody was absent without excuse more often than the rules allow.';
comment on column enrolment_standing.absences is 'How many there were when it came about.';
comment on column enrolment_standing.from_on is
    'lower_priority: it counts in draws of the school''s other terms that begin from this day on, before until_on.';

create index enrolment_standing_of_member on enrolment_standing (member_id, school_id);
create index enrolment_standing_of_school on enrolment_standing (school_id, standing_id);
create index enrolment_standing_to_tell on enrolment_standing (standing_id) where told_at is null;

create table standing_appeal (
    standing_id bigint not null,
    ground text not null,
    state text not null default 'filed',
    filed_by text not null,
    filed_at timestamptz not null,
    decision_reason text,
    decided_by text,
    decided_at timestamptz,
    told_at timestamptz,

    constraint standing_appeal_pkey primary key (standing_id),
    constraint standing_appeal_standing_exists foreign key (standing_id) references enrolment_standing (standing_id),
    constraint standing_appeal_ground_is_known check (ground in ('was_there', 'had_announced', 'work', 'emergency', 'other')),
    constraint standing_appeal_state_is_known check (state in ('filed', 'accepted', 'refused')),
    constraint standing_appeal_is_decided_by_somebody
        check ((state = 'filed') = (decided_by is null) and (state = 'filed') = (decided_at is null)),
    constraint standing_appeal_is_refused_for_a_reason check (state <> 'refused' or decision_reason is not null),
    constraint standing_appeal_reason_has_1_to_500_characters check (char_length(decision_reason) between 1 and 500)
);

comment on table standing_appeal is 'Against a standing, once: who asks, on what ground, and what an organizer decided.';
comment on column standing_appeal.ground is 'One of a list: what befell the person has no column to stand in.';

create index standing_appeal_to_decide on standing_appeal (standing_id) where state = 'filed';
create index standing_appeal_to_tell on standing_appeal (standing_id) where state <> 'filed' and told_at is null;
