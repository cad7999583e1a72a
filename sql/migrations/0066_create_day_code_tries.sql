-- How often day codes were guessed of late: stations_admit bounds it.

-- No foreign key, as for events.
create table day_code_try (
    station_id bigint not null,
    access_point_ids bigint[] not null default '{}',
    tried_at timestamptz[] not null default '{}',
    constraint day_code_try_pkey primary key (station_id),
    constraint day_code_try_access_points_pair_with_times check (cardinality(access_point_ids) = cardinality(tried_at))
) with (fillfactor = 50);
comment on table day_code_try is
    'The day codes typed at a station within the hour that nobody was ever given; at most as many as a station allows.';
