-- Checkups: a program whose sessions are times at a van. A campaign says how its places are taken up at the van, packages what is
-- examined, visits where the van stands; a session of the program belongs to one visit.

create table checkup_campaign (
    program_id bigint not null,
    grace_minutes integer not null,
    early_minutes integer not null,
    created_by text not null,
    created_at timestamptz not null default now(),

    constraint checkup_campaign_pkey primary key (program_id),
    constraint checkup_campaign_program_exists foreign key (program_id) references program (program_id),
    constraint checkup_campaign_grace_is_0_to_240_minutes check (grace_minutes between 0 and 240),
    constraint checkup_campaign_early_is_0_to_240_minutes check (early_minutes between 0 and 240)
);

comment on table checkup_campaign is 'A program of checkups (体检活动).';
comment on column checkup_campaign.grace_minutes is
    'So long after its start a session''s place waits for its person; then who waits at the van may have it.';
comment on column checkup_campaign.early_minutes is 'So long before its start somebody may check in.';

create table checkup_package (
    package_id bigint generated always as identity,
    program_id bigint not null,
    name text not null,
    items text[] not null,
    value_fen bigint not null,
    created_at timestamptz not null default now(),

    constraint checkup_package_pkey primary key (package_id),
    constraint checkup_package_is_its_campaigns_own unique (program_id, package_id),
    constraint checkup_package_name_is_its_own unique (program_id, name),
    constraint checkup_package_campaign_exists foreign key (program_id) references checkup_campaign (program_id),
    constraint checkup_package_name_has_1_to_100_characters check (char_length(name) between 1 and 100),
    constraint checkup_package_has_1_to_100_items check (cardinality(items) between 1 and 100),
    constraint checkup_package_value_is_0_to_100000_yuan check (value_fen between 0 and 10000000)
);

comment on table checkup_package is 'What is examined (体检套餐), with its worth in fen.';

create table checkup_add_on (
    package_id bigint not null,
    worker_kind text not null,
    items text[] not null,

    constraint checkup_add_on_pkey primary key (package_id, worker_kind),
    constraint checkup_add_on_package_exists foreign key (package_id) references checkup_package (package_id),
    constraint checkup_add_on_has_1_to_50_items check (cardinality(items) between 1 and 50)
);

comment on table checkup_add_on is 'Items that a package has besides for one kind of worker.';

create table checkup_visit (
    visit_id bigint generated always as identity,
    program_id bigint not null,
    package_id bigint not null,
    host_organization_id bigint not null,
    audience_organization_id bigint,
    site text not null,
    address text not null,
    latitude double precision,
    longitude double precision,
    first_on date not null,
    last_on date not null,
    created_by text not null,
    created_at timestamptz not null default now(),

    constraint checkup_visit_pkey primary key (visit_id),
    constraint checkup_visit_is_its_campaigns_own unique (program_id, visit_id),
    constraint checkup_visit_campaign_exists foreign key (program_id) references checkup_campaign (program_id),
    constraint checkup_visit_package_is_the_campaigns
        foreign key (program_id, package_id) references checkup_package (program_id, package_id),
    constraint checkup_visit_host_exists foreign key (host_organization_id) references organization (organization_id),
    constraint checkup_visit_audience_exists foreign key (audience_organization_id) references organization (organization_id),
    constraint checkup_visit_site_has_1_to_60_characters check (char_length(site) between 1 and 60),
    constraint checkup_visit_site_needs_no_quotes check (site !~ '[,|="[:cntrl:]]'),
    constraint checkup_visit_address_has_1_to_200_characters check (char_length(address) between 1 and 200),
    constraint checkup_visit_place_is_whole check ((latitude is null) = (longitude is null)),
    constraint checkup_visit_latitude_is_on_earth check (latitude between -90 and 90),
    constraint checkup_visit_longitude_is_on_earth check (longitude between -180 and 180),
    constraint checkup_visit_lasts_1_to_60_days check (last_on - first_on between 0 and 59)
);

comment on table checkup_visit is 'A van at one site for some days (流动体检车进园区).';
comment on column checkup_visit.audience_organization_id is
    'Whose members the visit is for, with those of the organizations below; null: for everybody.';
comment on column checkup_visit.latitude is 'Degrees, WGS 84.';

create index checkup_visit_by_first_day on checkup_visit (last_on, visit_id);

create table checkup_session (
    program_id bigint not null,
    number integer not null,
    visit_id bigint not null,

    constraint checkup_session_pkey primary key (program_id, number),
    constraint checkup_session_session_exists
        foreign key (program_id, number) references program_session (program_id, number) on delete cascade,
    constraint checkup_session_visit_exists foreign key (program_id, visit_id) references checkup_visit (program_id, visit_id)
);

comment on table checkup_session is 'Which visit a session of the program belongs to (场次).';

create index checkup_session_of_visit on checkup_session (visit_id, number);
