-- After the van: that a report is ready, and what is to be done next. What the report says is nobody's business here: there is no column
-- that could hold it.

create table checkup_report (
    member_id bigint not null,
    program_id bigint not null,
    ready_at timestamptz not null,
    ready_by text not null,
    follow_up text,
    follow_up_until date,
    follow_up_at timestamptz,
    follow_up_by text,
    done_at timestamptz,
    done_by text,

    constraint checkup_report_pkey primary key (member_id, program_id),
    constraint checkup_report_member_exists foreign key (member_id) references member (member_id),
    constraint checkup_report_campaign_exists foreign key (program_id) references checkup_campaign (program_id),
    constraint checkup_report_follow_up_is_known check (follow_up in ('collect_report', 'call_back', 'repeat_test', 'see_doctor')),
    constraint checkup_report_follow_up_has_a_deadline
        check ((follow_up is null) = (follow_up_until is null)
               and (follow_up is null) = (follow_up_at is null)
               and (follow_up is null) = (follow_up_by is null)),
    constraint checkup_report_follow_up_is_done_once_needed
        check ((done_at is null) = (done_by is null) and (done_at is null or follow_up is not null))
);

comment on table checkup_report is 'That a person''s report is ready, and what is to follow.';
comment on column checkup_report.follow_up is 'What to do, never why.';

create index checkup_report_of_campaign on checkup_report (program_id, member_id);
create index checkup_report_follow_ups_due on checkup_report (follow_up_until, member_id, program_id)
where follow_up is not null and done_at is null;

create table checkup_message (
    member_id bigint not null,
    program_id bigint not null,
    kind text not null,
    due_on date not null,
    requested_at timestamptz not null,

    constraint checkup_message_pkey primary key (member_id, program_id, kind, due_on),
    constraint checkup_message_member_exists foreign key (member_id) references member (member_id),
    constraint checkup_message_kind_is_known check (kind in ('appointment', 'report_ready', 'follow_up', 'follow_up_due'))
);

comment on table checkup_message is 'What a person was told by a message to the phone, so that it is told once.';
comment on column checkup_message.due_on is 'The day it is about: the session''s, the report''s or the deadline.';
