-- Whoever confirms a cut says which one was looked at: a number that no later proposal for the session has.

alter table program_session_cut
    add column cut_id bigint generated always as identity,
    add constraint program_session_cut_id_is_its_own unique (cut_id);

comment on column program_session_cut.cut_id is 'Another one with each proposal: a confirmation names it.';
