-- checkups_add_sessions: the times of a visit, in bulk.
--
-- Decides    from the first of `starts_from` on, every `every_minutes` a session of as many minutes, as long as it ends by `until`, on
--            each day: all by the clock of the program's time zone. A visit has one session at a time. Walk-ins have their part of the
--            seats, to the nearest whole one. Whom the visit is for, the sessions are for.
-- Writes     program_session and checkup_session, and the program's version. The caller holds the program.
-- Returns    the numbers of the new sessions; none when one of them is there already.
create or replace function checkups_add_sessions(
    asked_visit_id bigint,
    days date[],
    starts_from time,
    until time,
    every_minutes integer,
    seats integer,
    walk_in_percent integer)
returns setof integer
language plpgsql
as $$
#variable_conflict use_column
declare
    visit checkup_visit;
    zone text;
    name text;
    last_number integer;
begin
    select checkup_visit.* into visit from checkup_visit where checkup_visit.visit_id = asked_visit_id;
    select program.time_zone into zone from program where program.program_id = visit.program_id;

    -- Two vans at one site are told apart by the visit's number.
    select visit.site || case when count(*) > 0 then ' #' || visit.visit_id else '' end
    into name
    from checkup_visit other
    where other.program_id = visit.program_id and other.site = visit.site and other.visit_id < visit.visit_id;

    select coalesce(max(program_session.number), 0) into last_number
    from program_session
    where program_session.program_id = visit.program_id;

    return query
    with slot as (
        select
            last_number + row_number() over (order by slot.starts_at) as number,
            to_char(slot.starts_at, 'YYYY-MM-DD HH24:MI') || ' ' || name as title,
            slot.starts_at at time zone zone as starts_at,
            (slot.starts_at + every_minutes * interval '1 minute') at time zone zone as ends_at
        from (
            select generate_series(
                day.day + starts_from, day.day + until - every_minutes * interval '1 minute', every_minutes * interval '1 minute'
            ) as starts_at
            from unnest(days) as day (day)
        ) slot
    ),
    made as (
        insert into program_session (program_id, number, title, capacity, walk_in, starts_at, ends_at, audience_id)
        select
            visit.program_id, slot.number::integer, slot.title, seats, round(seats * walk_in_percent / 100.0)::integer, slot.starts_at,
            slot.ends_at, visit.audience_organization_id
        from slot
        where not exists (
            select from slot double
            join program_session on program_session.program_id = visit.program_id and program_session.title = double.title)
        order by slot.number
        returning number
    ),
    linked as (
        insert into checkup_session (program_id, number, visit_id)
        select visit.program_id, made.number, visit.visit_id
        from made
        order by made.number
        returning number
    )
    select linked.number
    from linked
    order by linked.number;

    update program set version = version + 1 where program.program_id = visit.program_id;
end
$$;
