-- Figures over all stations together, beside those of each: a year of 100 stations by their visitors' organizations was 240,000 rows
-- to add up, and is 2,400.

-- The feed waits, and its next run finds the function gone until its new form, which counts totals, is there.
select from access_feed for update;
drop function if exists stations_count_events(xid8, xid8, uuid, uuid);

insert into station_visit_figure
select
    0, dimension, span, starts_on, key, sum(entries), sum(exits), sum(automatic_exits), sum(refused), sum(dwells), sum(dwell_seconds),
    sum(dwells_to_5), sum(dwells_to_10), sum(dwells_to_20), sum(dwells_to_30), sum(dwells_to_45), sum(dwells_to_60), sum(dwells_to_90),
    sum(dwells_to_120), sum(dwells_to_240), sum(dwells_to_480), sum(dwells_beyond)
from station_visit_figure
group by dimension, span, starts_on, key;

insert into station_visit_figure_kept
select
    month, 0, dimension, span, starts_on, key, sum(entries), sum(exits), sum(automatic_exits), sum(refused), sum(dwells),
    sum(dwell_seconds), sum(dwells_to_5), sum(dwells_to_10), sum(dwells_to_20), sum(dwells_to_30), sum(dwells_to_45), sum(dwells_to_60),
    sum(dwells_to_90), sum(dwells_to_120), sum(dwells_to_240), sum(dwells_to_480), sum(dwells_beyond)
from station_visit_figure_kept
group by month, dimension, span, starts_on, key;

comment on column station_visit_figure.station_id is 'Or 0: all stations together, each day by each station''s own clock.';
