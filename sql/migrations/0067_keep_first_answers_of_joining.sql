-- What an applicant was answered first, so that who repeats the request gets the same bytes, whatever was decided since. And the phone
-- that somebody who comes back gives: it is the member's only once an organizer has approved, for a name and a national id prove nobody.

alter table member_application
    add column first_member_id bigint,
    add column first_state text,
    add column first_submitted_at timestamptz,
    add column wanted_phone_sealed bytea,
    add constraint member_application_wants_a_phone_only_while_it_waits check (wanted_phone_sealed is null or state = 'pending'),
    add constraint member_application_first_answer_is_whole check (
        (first_member_id is null) = (first_state is null) and (first_state is null) = (first_submitted_at is null));
comment on column member_application.first_state is
    'Null, with its neighbours, of applications from before they were kept, and of those that no applicant sent.';
comment on column member_application.wanted_phone_sealed is 'Sealed by the person''s data key, bound to the member''s number.';
