-- Its columns grow, which replacing a function cannot do; the newer one follows with the functions.
drop function if exists programs_apply(
    bigint[], bigint[], bytea[], text[], bigint[], boolean[], bigint[], integer[], bigint[], smallint[], text[], text[], boolean[], bigint);

-- Places given besides the run's: whoever waits is told how many went before.
create index program_award_beside_the_run on program_award (program_id, member_id) where source <> 'run';
