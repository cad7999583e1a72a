-- Figures count all who asked for a course in a term, the odds those who had to wait: one key for both.
drop index enrolment_of_who_waited;
create index enrolment_of_course on enrolment (course_id, term_id, first_place);
