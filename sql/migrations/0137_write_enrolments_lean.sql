-- What an enrolment writes is looked up by what it was decided with, under the locks of its classes: keys that say again what its own keys
-- say are looked up once less each.

-- The enrolment beside it names the member, and its class the term; a count of seats stands for nothing without them.
alter table member_term
    drop constraint member_term_member_exists,
    drop constraint member_term_term_exists;

-- Whoever writes it holds the class's count of seats, which has a key to the class.
alter table class_queue drop constraint class_queue_class_exists;
