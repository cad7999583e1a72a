-- What controllers decided while they were alone, and how it is told from what was answered.

alter table access_event
    add column controller_open boolean;
comment on column access_event.controller_open is
    'Of a controller''s own decision: whether it says it opened. Where open says otherwise the code was not authentic, and nobody is '
    'counted for it.';

-- A door that stayed shut although the server had let somebody out gives that one back.
alter table access_annulment
    drop constraint access_annulment_takes_back_one_person_at_most,
    add constraint access_annulment_takes_back_one_person_at_most check (inside_change between -1 and 1);
