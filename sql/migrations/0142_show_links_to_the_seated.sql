-- Links of lessons online are given to who has a seat: the function asks who looks.
drop function if exists night_school_view_lessons(bigint[], smallint[], bigint);

-- Enrolments of who is no member any more are looked for by those who have some that are not over.
create index enrolment_going_on on enrolment (member_id) where state in ('applied', 'seated', 'waitlisted', 'offered');
