-- night_school_carry_marks: who was merged goes on under another number, and so does what their lessons have of them.
--
-- Decides    of each course in which the one who ended has no seat and no place any more and the one who goes on has: marks, seats lent
--            and seats of an evening, warnings and lower priorities go over to the enrolment there is now, where it has none of its own
--            for the same lesson. What is over, completed with its certificate and feedback, stays where it is: it is found by either
--            number.
-- Writes     lesson_attendance, lesson_seat, lesson_seat_offer, enrolment_standing; lesson_attendance_change, for absences are weighed
--            again.
-- Locks      nothing beside what it changes: in the transaction of the merge, after the enrolments went over.
create or replace function night_school_carry_marks(ended bigint, survivor bigint) returns void
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
    pair record;
begin
    for pair in
        select mine.enrolment_id as old, theirs.enrolment_id as new, theirs.class_id
        from enrolment mine
        cross join lateral (
            select enrolment.enrolment_id, enrolment.class_id
            from enrolment
            where enrolment.member_id = survivor
                and enrolment.course_id = mine.course_id
                and enrolment.term_id = mine.term_id
                and enrolment.state in ('seated', 'waitlisted', 'offered')
            limit 1
            offset 0
        ) theirs
        where mine.member_id = ended and mine.state in ('withdrawn', 'dropped')
        order by mine.enrolment_id
    loop
        update lesson_attendance mark
        set member_id = survivor, enrolment_id = pair.new
        where mark.member_id = ended
            and mark.enrolment_id = pair.old
            and not exists (
                select
                from lesson_attendance known
                where known.class_id = mark.class_id and known.number = mark.number and known.enrolment_id = pair.new);
        update lesson_seat seat
        set member_id = survivor, enrolment_id = pair.new
        where seat.member_id = ended
            and seat.enrolment_id = pair.old
            and not exists (
                select
                from lesson_seat known
                where known.class_id = seat.class_id
                    and known.number = seat.number
                    and pair.new in (known.enrolment_id, known.guest_enrolment_id));
        with moved as (
            update lesson_seat_offer asked
            set guest_member_id = survivor, guest_enrolment_id = pair.new
            where asked.guest_member_id = ended
                and asked.guest_enrolment_id = pair.old
                and not exists (
                    select
                    from lesson_seat_offer known
                    where known.class_id = asked.class_id
                        and known.number = asked.number
                        and known.guest_enrolment_id = pair.new)
            returning asked.class_id, asked.number, asked.enrolment_id
        )
        update lesson_seat
        set guest_member_id = survivor, guest_enrolment_id = pair.new
        from moved
        where lesson_seat.class_id = moved.class_id
            and lesson_seat.number = moved.number
            and lesson_seat.enrolment_id = moved.enrolment_id
            and lesson_seat.guest_enrolment_id = pair.old;
        update enrolment_standing standing
        set member_id = survivor, enrolment_id = pair.new
        where standing.member_id = ended
            and standing.enrolment_id = pair.old
            and not exists (
                select
                from enrolment_standing known
                where known.enrolment_id = pair.new and known.kind = standing.kind);
        insert into lesson_attendance_change (member_id, enrolment_id, class_id)
        select survivor, pair.new, pair.class_id
        where pair.class_id is not null;
    end loop;
end
$$;
