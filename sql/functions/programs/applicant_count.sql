-- Adds to the counts of applicants: one for each program named, as often as it is named.
--
-- Decides    nothing.
-- Locks      the counts' rows of this connection's slot, by program.
-- Plan       in plpgsql, which keeps it: in sql it would be parsed and planned at every call.
create or replace function programs_count_applicants(program_ids bigint[], change integer)
returns void
language plpgsql
as $$
begin
    insert into program_applicant_count (program_id, slot, applicants)
    select counted.program_id, pg_backend_pid() % 32, change * count(*)
    from unnest(program_ids) as counted (program_id)
    group by counted.program_id
    order by counted.program_id
    on conflict on constraint program_applicant_count_pkey
    do update set applicants = program_applicant_count.applicants + excluded.applicants;
end
$$;

-- In mode local: the area of the program's sessions that the organization lies in, the nearest above it; null elsewhere.
create or replace function programs_area(of_program bigint, of_organization bigint, is_local boolean)
returns bigint
language sql
stable
as $$
    select ancestor.ancestor_id
    from organization_ancestor ancestor
    where
        is_local
        and ancestor.organization_id = of_organization
        and exists (
            select from program_session session
            where session.program_id = of_program and session.area_id = ancestor.ancestor_id)
    order by ancestor.distance
    limit 1
$$;
