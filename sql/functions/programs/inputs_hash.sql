-- The digest of a program's applications, published when it closes.
--
-- Decides    nothing.
-- Locks      nothing; the caller holds the program's row, so no application changes meanwhile.
-- Returns    SHA-256 of one line an application that was not withdrawn, by rising ticket:
--            ticket,class,points,groups,organization,area,wish|wish…  with a line feed after each; groups as the number of the mask,
--            area empty if there is none. No application at all: the digest of nothing.
create or replace function programs_inputs_hash(of_program bigint)
returns bytea
language sql
stable
as $$
    select sha256(coalesce(string_agg(
        rtrim(int8send(ticket), '\x00'::bytea)
            || convert_to(
                format(
                    E',%s,%s,%s,%s,%s,%s\n', priority, points, groups, organization_id, area_id, array_to_string(wishes, '|')),
                'UTF8'),
        ''::bytea
        order by ticket), ''::bytea))
    from program_application
    where program_id = of_program and state = 'applied'
$$;
