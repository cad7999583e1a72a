-- Since when an enrolment has its seat: from its beginning, or since its offer was taken.
create or replace function night_school_seated_since(person bigint, enrolment bigint, enrolled_at timestamptz) returns timestamptz
language plpgsql stable
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
begin
    return coalesce(
        (
            select max(enrolment_event.occurred_at)
            from enrolment_event
            where enrolment_event.member_id = person
                and enrolment_event.enrolment_id = enrolment
                and enrolment_event.state_after = 'seated'),
        enrolled_at);
end
$$;
