-- night_school_lesson_person: how somebody stands with a lesson.
--
-- Decides    by all numbers of the person: whose seat it is (an enrolment seated or completed; one that was dropped as long as that came
--            later than the moment), or else the seat that is lent to them for the evening; what is on the roll of it already, and what
--            became of the own seat that was lent.
-- Returns    one row, or none where they have neither.
create or replace function night_school_lesson_person(class bigint, lesson_number smallint, person bigint, moment timestamptz)
returns table (
    member_id bigint, enrolment_id bigint, is_guest boolean, mark text, mark_source text, marked_at timestamptz, lent text)
language plpgsql stable
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
    numbers bigint[];
begin
    numbers := array(
        select coalesce(shown.merged_into, shown.member_id) from member shown where shown.member_id = person
        union
        select merged.member_id
        from member shown
        join member merged on merged.merged_into = coalesce(shown.merged_into, shown.member_id)
        where shown.member_id = person);

    return query
    select
        seat.member_id, seat.enrolment_id, seat.is_guest, mark.state, mark.source, mark.occurred_at,
        case when not seat.is_guest then (
            select lesson_seat.state
            from lesson_seat
            where lesson_seat.class_id = class
                and lesson_seat.number = lesson_number
                and lesson_seat.enrolment_id = seat.enrolment_id
        ) end
    from (
        select own.member_id, own.enrolment_id, own.is_guest
        from (
            select enrolment.member_id, enrolment.enrolment_id, false as is_guest
            from enrolment
            where enrolment.member_id = any (numbers)
                and enrolment.class_id = class
                and (enrolment.state in ('seated', 'completed') or enrolment.state = 'dropped' and enrolment.changed_at > moment)
            union all
            select lesson_seat.guest_member_id, lesson_seat.guest_enrolment_id, true
            from lesson_seat
            where lesson_seat.guest_member_id = any (numbers)
                and lesson_seat.class_id = class
                and lesson_seat.number = lesson_number
                and lesson_seat.state = 'taken'
        ) own
        order by own.is_guest, own.enrolment_id desc
        limit 1
    ) seat
    left join lesson_attendance mark
        on mark.class_id = class
        and mark.number = lesson_number
        and mark.enrolment_id = seat.enrolment_id;
end
$$;
