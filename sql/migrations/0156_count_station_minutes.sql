-- What the live board shows of the last hour, counted by the feed beside the figures: adding up events each second would read them all.

create table station_minute (
    station_id bigint not null,
    minute timestamptz not null,
    entered integer not null,
    refused integer not null,
    constraint station_minute_pkey primary key (station_id, minute)
) with (fillfactor = 50);
create index station_minute_by_minute on station_minute (minute);
comment on table station_minute is
    'Of the last hours, by the minute in which it happened; an entry that was annulled is taken back, so a single row may be negative.';

create table station_last_entry (
    station_id bigint not null,
    entered_at timestamptz not null,
    constraint station_last_entry_pkey primary key (station_id)
) with (fillfactor = 50);
comment on table station_last_entry is 'The latest entry of each station; one that is annulled afterwards stays.';

-- One step down an index for each station, not a reading of all events.
insert into station_last_entry (station_id, entered_at)
select station.station_id, last.occurred_at
from station
cross join lateral (
    select occurred_at
    from access_event
    where access_event.station_id = station.station_id and access_event.open and access_event.direction = 'in'
    order by request_id desc
    limit 1
) last;
