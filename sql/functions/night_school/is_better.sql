-- Of two enrolments in one course: whether the first is to stay. A seat before an offer before a place in the queue before an application;
-- of equals the earlier in the queue, and then the one handed in first.
create or replace function night_school_is_better(one enrolment, other enrolment) returns boolean
language sql immutable
as $$
    select
        (array_position(array['seated', 'offered', 'waitlisted', 'applied'], one.state), coalesce(one.queue_number, 0), one.enrolled_at)
        < (array_position(array['seated', 'offered', 'waitlisted', 'applied'], other.state), coalesce(other.queue_number, 0),
            other.enrolled_at)
$$;
