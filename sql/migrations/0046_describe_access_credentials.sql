-- What a list shows of a credential, who ended it and why; and which print of a door's code is in force.

alter table access_credential
    add column label text,
    add column revoked_by text,
    add column revoked_reason text,
    add constraint access_credential_label_has_1_to_20_characters check (length(label) between 1 and 20),
    add constraint access_credential_revocation_says_who_and_why check (
        (revoked_at is null) = (revoked_by is null) and (revoked_at is null) = (revoked_reason is null)),
    add constraint access_credential_revoked_reason_is_known check (
        revoked_reason in ('lost', 'stolen', 'replaced', 'damaged', 'mistake', 'other'));
comment on column access_credential.label is 'A number''s last digits; the rest stands nowhere in clear.';

alter table access_point
    add column door_print integer not null default 1,
    add constraint access_point_door_print_is_positive check (door_print > 0);
comment on column access_point.door_print is 'The number of the printed door code in force: raising it ends all prints before.';
