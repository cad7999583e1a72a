-- programs_join_applications: of several applications of one person, under numbers that were merged, which one stands?
--
-- Decides    the one that was changed last is the person's: it stands under the number that goes on. Where that number has one of its own,
--            this goes under the merged number, and takes no part. What was published of them stays: the ticket, and all else that the
--            digest of the applications is made of.
-- Writes     the member's number of program_application.
-- Locks      the program; then the applications.
-- Returns    how many applications stand under another number now; none when asked again.
create or replace function programs_join_applications(of_program bigint)
returns integer
language plpgsql
as $$
#variable_conflict use_column
declare
    movers program_application[];
    owners bigint[];
begin
    perform from program where program.program_id = of_program for no key update;

    -- Of each person the newest, where another number than the one that goes on has it, and the one that has to give way to it.
    with newest as materialized (
        select distinct on (member.merged_into)
            program_application as application, member.merged_into as heir, program_application.changed_at,
            program_application.member_id
        from program_application
        join member on member.member_id = program_application.member_id
        where program_application.program_id = of_program and member.merged_into is not null
        order by member.merged_into, program_application.changed_at desc, program_application.member_id
    )
    select array_agg(moved.application), array_agg(moved.owner)
    into movers, owners
    from (
        select newest.application, newest.heir as owner
        from newest
        left join program_application own on own.member_id = newest.heir and own.program_id = of_program
        where own.member_id is null or own.changed_at < newest.changed_at
        union all
        select own, newest.member_id
        from newest
        join program_application own on own.member_id = newest.heir and own.program_id = of_program
        where own.changed_at < newest.changed_at
    ) moved;
    if movers is null then
        return 0;
    end if;

    -- Two that change places cannot be updated one after the other.
    delete from program_application
    where program_application.program_id = of_program
        and program_application.member_id in (select application.member_id from unnest(movers) as application);
    insert into program_application (
        member_id, program_id, ticket, state, wishes, organization_id, area_id, priority, points, groups, evidence, applied_by, applied_at,
        changed_at)
    select
        owners[application.ordinality], application.program_id, application.ticket, application.state, application.wishes,
        application.organization_id, application.area_id, application.priority, application.points, application.groups,
        application.evidence, application.applied_by, application.applied_at, application.changed_at
    from unnest(movers) with ordinality as application;
    return cardinality(movers);
end
$$;
