-- What an applicant was answered first, so that who repeats the request gets the same bytes, whatever was decided since.

alter table member_application
    add column first_member_id bigint,
    add column first_state text,
    add column first_submitted_at timestamptz,
    add constraint member_application_first_answer_is_whole check (
        (first_member_id is null) = (first_state is null) and (first_state is null) = (first_submitted_at is null));
comment on column member_application.first_state is
    'Null, with its neighbours, of applications from before they were kept, and of those that no applicant sent.';
