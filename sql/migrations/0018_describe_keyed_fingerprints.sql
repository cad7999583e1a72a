-- Fingerprints of requests are keyed from here on: a body may hold little that a thief of the database could not guess.

comment on column idempotency_key.fingerprint is
    'HMAC-SHA-256 of method, path and body under a key of the key file: another request under the same key is refused.';
