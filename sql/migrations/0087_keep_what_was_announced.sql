-- What was announced, byte for byte: its SHA-256 is the program's rules_hash, so anybody can see that nothing was changed afterwards.

alter table program add column announcement bytea;

alter table program
    add constraint program_announcement_is_what_was_hashed
    check (rules_hash is null or (announcement is not null and rules_hash = sha256(announcement)));

comment on column program.announcement is 'JSON: what is shared, by which rules, in which sessions, when, and the lottery''s commitment.';
