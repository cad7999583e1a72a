-- Decides whether a pairing code makes a device, by number and digest of the code, and makes it with the key whose digest is given.
-- A wrong code costs the pairing one of its tries; so the caller commits a refusal too.
-- Locks: the pairing.
-- Returns the device's id, or no row when the pairing is unknown, used, expired, out of tries, or the code is wrong: one answer for all.

create or replace function device_pair(
    paired_id bigint,
    given_code_digest bytea,
    new_key_sha256 bytea
) returns table (new_device_id bigint)
language plpgsql
as $$
declare
    pairing device_pairing;
begin
    select * into pairing
    from device_pairing
    where pairing_id = paired_id
    for update;

    if not found or pairing.used_at is not null or pairing.attempts_left = 0 or pairing.expires_at <= clock_timestamp() then
        return;
    end if;

    if pairing.code_digest <> given_code_digest then
        update device_pairing set attempts_left = attempts_left - 1 where pairing_id = paired_id;
        return;
    end if;

    update device_pairing set used_at = clock_timestamp() where pairing_id = paired_id;
    return query
    insert into device (pairing_id, name, profile, key_sha256)
    values (paired_id, pairing.name, pairing.profile, new_key_sha256)
    returning device.device_id;
end
$$;
