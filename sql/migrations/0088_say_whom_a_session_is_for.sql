-- A van that comes to a park is for those who work there: whoever does not belong to the session's audience cannot wish for it.

alter table program_session
    add column audience_id bigint,
    add constraint program_session_audience_exists foreign key (audience_id) references organization (organization_id);

comment on column program_session.audience_id is
    'Whose members may wish for it, with those of the organizations below; null: everybody''s who may apply.';
