-- Lends these seats for one lesson, each once, and offers them at once. Callers hold the roll.
create or replace function night_school_open_seats(
    class bigint, lesson_number smallint, member_ids bigint[], enrolment_ids bigint[], clock_offset_us bigint)
returns void
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
begin
    insert into lesson_seat (class_id, number, member_id, enrolment_id, state, lent_at, changed_at)
    select class, lesson_number, seat.member_id, seat.enrolment_id, 'open', now.instant, now.instant
    from unnest(member_ids, enrolment_ids) as seat (member_id, enrolment_id)
    cross join (select clock_timestamp() + clock_offset_us * interval '1 microsecond' as instant) now
    order by seat.enrolment_id
    on conflict do nothing;
    perform night_school_lend_seats(class, lesson_number, clock_offset_us);
end
$$;
