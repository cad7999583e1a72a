-- Its columns shrink, which replacing a function cannot do; the newer one follows with the functions. What was announced never changes,
-- so who keeps it by its hash judges wishes and benefits beforehand.
drop function if exists programs_apply(
    bigint[], bigint[], bytea[], text[], bigint[], boolean[], bigint[], integer[], bigint[], smallint[], text[], text[], boolean[], bigint);
