-- A roster stays as it was sent: how its file is written, and the numbers that stood in it, whatever is changed or issued later.

alter table insurance_roster add column file_form jsonb not null;

comment on column insurance_roster.file_form is 'The insurer''s as it was when the roster was made.';

alter table insurance_roster_line add column policy_number text;

comment on column insurance_roster_line.policy_number is 'The number that the insurer had given beforehand, if it had.';
