-- Scans decided before this had a plain SHA-256: repeating one of them is refused as another scan, and the door is asked anew.

comment on column access_event.fingerprint is
    'HMAC-SHA-256, cut to 16 bytes, of code, access point, direction and occurredAt under a key of the key file: tells a repeat from '
    'another scan under the same request id, and whoever has only the database nothing.';
