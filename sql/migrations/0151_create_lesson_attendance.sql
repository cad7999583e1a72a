-- Who came to a lesson: scanned at the room's device, entered by the teacher, announced by the member, or written once it was over.

alter table device_pairing drop constraint device_pairing_profile_is_known;
alter table device_pairing
    add constraint device_pairing_profile_is_known check (profile in ('door', 'guard', 'van', 'venue', 'classroom'));
alter table device drop constraint device_profile_is_known;
alter table device add constraint device_profile_is_known check (profile in ('door', 'guard', 'van', 'venue', 'classroom'));

create table classroom_device (
    device_id bigint not null,
    room_id bigint not null,
    bound_by text not null,
    bound_at timestamptz not null,

    constraint classroom_device_pkey primary key (device_id),
    constraint classroom_device_device_exists foreign key (device_id) references device (device_id),
    constraint classroom_device_room_exists foreign key (room_id) references classroom (room_id)
);

comment on table classroom_device is 'In which room a device stands: it records for lessons there alone.';

create index classroom_device_of_room on classroom_device (room_id, device_id);

create table lesson_roll (
    class_id bigint not null,
    number smallint not null,
    closed_at timestamptz,
    was_taken boolean,

    constraint lesson_roll_pkey primary key (class_id, number),
    constraint lesson_roll_lesson_exists foreign key (class_id, number) references lesson (class_id, number),
    constraint lesson_roll_is_closed_with_an_answer check ((closed_at is null) = (was_taken is null))
);

comment on table lesson_roll is
    'The lock of a lesson: whoever records somebody, lends a seat or writes the absent holds it, so of two one comes after the other.';
comment on column lesson_roll.closed_at is 'When who was not seen was written as absent: once.';
comment on column lesson_roll.was_taken is
    'Whether anybody was seen at all. Where nobody took the roll nobody is absent, and it is no lesson of the rate.';

create index lesson_ended on lesson (ends_at, class_id, number) where state = 'held';

create table lesson_attendance (
    class_id bigint not null,
    number smallint not null,
    member_id bigint not null,
    enrolment_id bigint not null,
    state text not null,
    is_guest boolean not null,
    source text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    recorded_by text not null,

    constraint lesson_attendance_pkey primary key (class_id, number, enrolment_id),
    constraint lesson_attendance_roll_exists foreign key (class_id, number) references lesson_roll (class_id, number),
    constraint lesson_attendance_enrolment_exists
        foreign key (member_id, enrolment_id) references enrolment (member_id, enrolment_id) on update cascade,
    constraint lesson_attendance_state_is_known check (state in ('attended', 'late', 'excused', 'absent')),
    constraint lesson_attendance_source_is_known check (source in ('scan', 'list', 'member', 'job')),
    constraint lesson_attendance_member_only_excuses check (source <> 'member' or state = 'excused'),
    constraint lesson_attendance_job_only_finds_absent check (source <> 'job' or state = 'absent'),
    constraint lesson_attendance_scan_only_finds_present check (source <> 'scan' or state in ('attended', 'late'))
);

comment on table lesson_attendance is 'Who came to a lesson and who did not, when, and how we know.';
comment on column lesson_attendance.is_guest is 'In a seat lent for the evening: it counts for no rate.';
comment on column lesson_attendance.occurred_at is
    'The true time: when the code was read, the line entered, the absence announced. Of two that differ the later one counts, of scans '
    'the earliest.';

create index lesson_attendance_of_member on lesson_attendance (member_id, enrolment_id, class_id, number);

create table lesson_attendance_change (
    change_id bigint generated always as identity,
    member_id bigint not null,
    enrolment_id bigint not null,
    class_id bigint not null,

    constraint lesson_attendance_change_pkey primary key (change_id),
    constraint lesson_attendance_change_enrolment_exists
        foreign key (member_id, enrolment_id) references enrolment (member_id, enrolment_id) on update cascade
);

comment on table lesson_attendance_change is 'Enrolments whose marks changed, until a job has weighed their absences again.';

create table lesson_scan (
    class_id bigint not null,
    number smallint not null,
    request_id uuid not null,
    fingerprint bytea not null,
    member_id bigint,
    outcome text not null,
    state text,
    is_guest boolean not null,
    reasons text[] not null,
    credential_kind text not null,
    is_offline boolean not null,
    done_by text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,

    constraint lesson_scan_pkey primary key (class_id, number, request_id),
    constraint lesson_scan_roll_exists foreign key (class_id, number) references lesson_roll (class_id, number),
    constraint lesson_scan_fingerprint_has_16_bytes check (length(fingerprint) = 16),
    constraint lesson_scan_outcome_is_known check (outcome in ('recorded', 'refused')),
    constraint lesson_scan_recorded_with_a_state check ((outcome = 'recorded') = (state is not null)),
    constraint lesson_scan_state_is_known check (state in ('attended', 'late')),
    constraint lesson_scan_refused_for_reasons check ((outcome = 'refused') = (cardinality(reasons) > 0)),
    constraint lesson_scan_credential_is_known check (credential_kind in ('member_code', 'card', 'number'))
);

comment on table lesson_scan is 'What a room''s device or an organizer asked with a member''s code, and what it was told, for ever.';
comment on column lesson_scan.occurred_at is 'By the device''s clock; recorded_at is the service''s.';

create index lesson_scan_of_member on lesson_scan (member_id, class_id) where member_id is not null;
