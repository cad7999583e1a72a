-- Who came to the van without a place and was examined while the network was gone is recorded, and which rules did not admit the person.

alter table checkup_attendance add column against text[] not null default '{}';

comment on column checkup_attendance.against is
    'Reasons for which a walk-in of the paper list would have been refused at the van: the person was examined all the same.';

-- It takes and returns one column more, which replacing it cannot do; the newer one follows with the functions.
drop function if exists checkups_enter_list(bigint, date, bigint[], integer[], text[], timestamptz[], text, bigint);
