-- A device at a checkup van: it checks people in.

alter table device_pairing drop constraint device_pairing_profile_is_known;
alter table device_pairing add constraint device_pairing_profile_is_known check (profile in ('door', 'guard', 'van'));
alter table device drop constraint device_profile_is_known;
alter table device add constraint device_profile_is_known check (profile in ('door', 'guard', 'van'));
