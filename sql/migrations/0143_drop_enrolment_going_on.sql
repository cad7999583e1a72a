-- The key of who has one of a course begins with the member and holds the same rows.
drop index enrolment_going_on;
