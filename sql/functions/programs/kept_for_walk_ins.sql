-- How many seats of a session are kept for walk-ins still: their share without what walk-ins have of it. Those who were called into more
-- than the share have the seats of others, and nothing is kept for them.
create or replace function programs_kept_for_walk_ins(of_program bigint, of_number integer, share integer)
returns integer
language sql
stable
as $$
    select case
        when share = 0 then 0
        else greatest(
            0,
            share - (
                select count(*)
                from program_award
                where program_award.program_id = of_program
                    and program_award.number = of_number
                    and program_award.source = 'walk_in'
                    and programs_holds_place(program_award.state)
            )::integer)
    end
$$;
