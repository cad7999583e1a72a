-- A pseudonym to be drawn by, which nobody chooses: 8 of 64 characters, 48 bits of a random UUID, as the number of their ASCII bytes.
create or replace function night_school_ticket() returns bigint
language plpgsql volatile
as $$
declare
    alphabet constant bytea := 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'::bytea;
    random bytea := uuid_send(gen_random_uuid());
    ticket bigint := 0;
    place integer;
begin
    -- Bytes 6 and 8 hold the UUID's version and variant.
    foreach place in array array[0, 1, 2, 3, 4, 5, 10, 11] loop
        ticket := (ticket << 8) + get_byte(alphabet, get_byte(random, place) & 63);
    end loop;
    return ticket;
end
$$;
