-- Transactions are numbered by the cluster that ran them: in a dump read into another one their numbers say nothing to its own.

alter table access_event add column cluster_number smallint not null default 0;
comment on column access_event.cluster_number is
    'Which of the clusters that this database lived in ran its transaction: the present one''s stands in access_feed, and is the default.';
alter table access_annulment add column cluster_number smallint not null default 0;
comment on column access_annulment.cluster_number is 'As access_event''s.';

alter table access_feed
    add column cluster_number smallint not null default 0,
    add column system_identifier bigint,
    add column fed_at timestamptz;
comment on column access_feed.cluster_number is 'Of the cluster whose transactions the horizon counts.';
comment on column access_feed.system_identifier is 'That cluster, as it names itself. A dump read elsewhere is known by it.';
comment on column access_feed.fed_at is 'When the last run began: what was recorded later it has not counted.';
