-- What a school asks of those who come, as data: of the school as a whole, or of one of its terms, whose row counts alone then.

create table school_rule (
    school_id bigint not null,
    term_id bigint,
    opens_before_minutes smallint not null,
    late_after_minutes smallint not null,
    absent_after_hours smallint not null,
    excuse_before_hours smallint not null,
    lend_claim_minutes smallint not null,
    warning_after smallint not null,
    lower_priority_after smallint not null,
    lower_priority_days smallint not null,
    certificate_percent smallint not null,
    feedback_days smallint not null,
    version integer not null default 1,
    changed_by text not null,
    changed_at timestamptz not null,

    constraint school_rule_is_one_a_school_or_term unique nulls not distinct (school_id, term_id),
    constraint school_rule_school_exists foreign key (school_id) references school (school_id),
    constraint school_rule_term_is_the_schools foreign key (school_id, term_id) references school_term (school_id, term_id),
    constraint school_rule_opens_0_to_240_minutes_before check (opens_before_minutes between 0 and 240),
    constraint school_rule_late_after_0_to_240_minutes check (late_after_minutes between 0 and 240),
    constraint school_rule_absent_after_0_to_336_hours check (absent_after_hours between 0 and 336),
    constraint school_rule_excuse_0_to_336_hours_before check (excuse_before_hours between 0 and 336),
    constraint school_rule_lend_claim_has_5_to_1440_minutes check (lend_claim_minutes between 5 and 1440),
    constraint school_rule_warning_after_0_to_400 check (warning_after between 0 and 400),
    constraint school_rule_lower_priority_after_0_to_400 check (lower_priority_after between 0 and 400),
    constraint school_rule_lower_priority_lasts_1_to_800_days check (lower_priority_days between 1 and 800),
    constraint school_rule_certificate_takes_1_to_100_percent check (certificate_percent between 1 and 100),
    constraint school_rule_feedback_has_0_to_90_days check (feedback_days between 0 and 90),
    constraint school_rule_version_is_positive check (version > 0)
);

comment on table school_rule is 'What a school asks of those who come. Where there is no row the view school_term_rule has the defaults.';
comment on column school_rule.term_id is 'Null: of all terms of the school that have no row of their own.';
comment on column school_rule.opens_before_minutes is 'From so long before a lesson until its end somebody may be recorded there.';
comment on column school_rule.late_after_minutes is 'Who comes later than so long after the start is late.';
comment on column school_rule.absent_after_hours is
    'So long after its end a lesson waits for devices without network, before who was not seen is absent.';
comment on column school_rule.excuse_before_hours is 'An absence announced so long before the lesson is excused, and lends the seat.';
comment on column school_rule.lend_claim_minutes is 'So long a seat of an evening is kept for whom it is offered to.';
comment on column school_rule.warning_after is 'Absences of one enrolment that bring a warning; 0: none do.';
comment on column school_rule.lower_priority_after is 'Absences of one enrolment that bring a lower priority in later terms; 0: none do.';
comment on column school_rule.lower_priority_days is 'In terms that begin until so long after the end of the term it comes from.';
comment on column school_rule.certificate_percent is 'Of the lessons held, those excused left out, that a certificate takes.';
comment on column school_rule.feedback_days is 'So long somebody may change their feedback.';

create view school_term_rule as
select
    school_term.term_id,
    school_term.school_id,
    coalesce(rule.opens_before_minutes, 30) as opens_before_minutes,
    coalesce(rule.late_after_minutes, 10) as late_after_minutes,
    coalesce(rule.absent_after_hours, 12) as absent_after_hours,
    coalesce(rule.excuse_before_hours, 4) as excuse_before_hours,
    coalesce(rule.lend_claim_minutes, 60) as lend_claim_minutes,
    coalesce(rule.warning_after, 2) as warning_after,
    coalesce(rule.lower_priority_after, 3) as lower_priority_after,
    coalesce(rule.lower_priority_days, 200) as lower_priority_days,
    coalesce(rule.certificate_percent, 75) as certificate_percent,
    coalesce(rule.feedback_days, 14) as feedback_days
from school_term
left join lateral (
    select school_rule.*
    from school_rule
    where school_rule.school_id = school_term.school_id
        and (school_rule.term_id = school_term.term_id or school_rule.term_id is null)
    order by school_rule.term_id nulls last
    limit 1
) rule on true;

comment on view school_term_rule is 'The rules that hold in a term: its own, else its school''s, else these.';
