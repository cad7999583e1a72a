-- Entries that were accepted and then taken back by their door, because nobody went through.

-- The event itself stays as it was answered, and its code stays used. No foreign key, as for events.
create table access_annulment (
    station_id bigint not null,
    request_id uuid not null,
    access_point_id bigint not null,
    member_id bigint not null,
    device_id bigint not null,
    reason text not null,
    inside_change smallint not null,
    presence_restored boolean not null,
    people_inside integer not null,
    annulled_at timestamptz not null,
    constraint access_annulment_pkey primary key (station_id, request_id),
    constraint access_annulment_reason_is_known check (reason in ('nobody_entered', 'door_stuck', 'reply_lost', 'other')),
    constraint access_annulment_takes_back_one_person_at_most check (inside_change between -1 and 0)
);
comment on column access_annulment.inside_change is
    'Belongs to the station''s occupancy beside the inside_change of its events: -1 when the entry had counted and was still the latest.';
comment on column access_annulment.presence_restored is 'Whether the entry was still the member''s latest act at the station.';
comment on column access_annulment.people_inside is 'After it, as answered: a repeat is answered alike.';
