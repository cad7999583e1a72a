-- night_school_record_marks: writes marks that were decided, and what follows from them. Callers hold the rolls; of one person and lesson
-- there is one mark.
--
-- Writes     lesson_attendance; lesson_seat and its offer, where who had lent the seat comes after all; lesson_roll, where nobody had
--            taken it until now; lesson_attendance_change, for the job that weighs absences and gives certificates.
create or replace function night_school_record_marks(
    class_ids bigint[],
    numbers smallint[],
    member_ids bigint[],
    enrolment_ids bigint[],
    guests boolean[],
    states text[],
    sources text[],
    occurred_ats timestamptz[],
    done_by text[],
    instant timestamptz)
returns void
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
begin
    insert into lesson_attendance as known (
        class_id, number, member_id, enrolment_id, state, is_guest, source, occurred_at, recorded_at, recorded_by)
    select
        mark.class_id, mark.number, mark.member_id, mark.enrolment_id, mark.state, mark.is_guest, mark.source, mark.occurred_at, instant,
        mark.done_by
    from unnest(class_ids, numbers, member_ids, enrolment_ids, states, guests, sources, occurred_ats, done_by)
        as mark (class_id, number, member_id, enrolment_id, state, is_guest, source, occurred_at, done_by)
    order by mark.class_id, mark.number, mark.enrolment_id
    on conflict on constraint lesson_attendance_pkey do update
    set
        state = excluded.state, is_guest = excluded.is_guest, source = excluded.source, occurred_at = excluded.occurred_at,
        recorded_at = excluded.recorded_at, recorded_by = excluded.recorded_by;

    with back as (
        update lesson_seat
        set state = 'returned', guest_member_id = null, guest_enrolment_id = null, offered_until = null, changed_at = instant
        from unnest(class_ids, numbers, enrolment_ids, states) as mark (class_id, number, enrolment_id, state)
        where lesson_seat.class_id = mark.class_id
            and lesson_seat.number = mark.number
            and lesson_seat.enrolment_id = mark.enrolment_id
            and lesson_seat.state in ('open', 'offered')
            and mark.state in ('attended', 'late')
        returning lesson_seat.class_id, lesson_seat.number, lesson_seat.enrolment_id
    )
    update lesson_seat_offer
    set outcome = 'withdrawn', answered_at = instant
    from back
    where lesson_seat_offer.class_id = back.class_id
        and lesson_seat_offer.number = back.number
        and lesson_seat_offer.enrolment_id = back.enrolment_id
        and lesson_seat_offer.outcome = 'waiting';

    update lesson_roll
    set closed_at = null, was_taken = null
    from unnest(class_ids, numbers, states) as mark (class_id, number, state)
    where lesson_roll.class_id = mark.class_id
        and lesson_roll.number = mark.number
        and not lesson_roll.was_taken
        and mark.state in ('attended', 'late');

    insert into lesson_attendance_change (member_id, enrolment_id, class_id)
    select mark.member_id, mark.enrolment_id, mark.class_id
    from unnest(class_ids, member_ids, enrolment_ids, guests) as mark (class_id, member_id, enrolment_id, is_guest)
    where not mark.is_guest;
end
$$;
