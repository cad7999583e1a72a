-- Coupon campaigns (消费券): money that a union gives away in rounds, to be used at the listed venues; or goods, picked up once.

create table venue (
    venue_id bigint generated always as identity,
    organization_id bigint not null,
    name text not null,
    address text not null,
    latitude double precision,
    longitude double precision,
    closed_at timestamptz,
    close_reason text,
    created_by text not null,
    created_at timestamptz not null,

    constraint venue_pkey primary key (venue_id),
    constraint venue_organization_exists foreign key (organization_id) references organization (organization_id),
    constraint venue_name_has_1_to_100_characters check (char_length(name) between 1 and 100),
    constraint venue_address_has_1_to_200_characters check (char_length(address) between 1 and 200),
    constraint venue_is_closed_for_a_reason check ((closed_at is null) = (close_reason is null)),
    constraint venue_place_is_whole check ((latitude is null) = (longitude is null)),
    constraint venue_latitude_is_on_earth check (latitude between -90 and 90),
    constraint venue_longitude_is_on_earth check (longitude between -180 and 180)
);

comment on table venue is 'A business where coupons are redeemed, or a place where goods are picked up (定点服务单位).';
comment on column venue.organization_id is 'Whose organizers see to it.';
comment on column venue.latitude is 'Degrees, WGS 84.';
comment on column venue.closed_at is 'Since when nothing is redeemed there; what was redeemed is settled as ever.';

create index venue_of_organization on venue (organization_id, venue_id);

create table venue_device (
    device_id bigint not null,
    venue_id bigint not null,
    bound_by text not null,
    bound_at timestamptz not null,

    constraint venue_device_pkey primary key (device_id),
    constraint venue_device_device_exists foreign key (device_id) references device (device_id),
    constraint venue_device_venue_exists foreign key (venue_id) references venue (venue_id)
);

comment on table venue_device is 'Which venue a device redeems at: its key binds it, whatever it says.';

create index venue_device_of_venue on venue_device (venue_id, device_id);

alter table device_pairing drop constraint device_pairing_profile_is_known;
alter table device_pairing add constraint device_pairing_profile_is_known check (profile in ('door', 'guard', 'van', 'venue'));
alter table device drop constraint device_profile_is_known;
alter table device add constraint device_profile_is_known check (profile in ('door', 'guard', 'van', 'venue'));

create table coupon_campaign (
    campaign_id bigint generated always as identity,
    organization_id bigint not null,
    title text not null,
    goods text,
    version integer not null default 1,
    budget_fen bigint not null,
    planned_fen bigint not null default 0,
    face_fen bigint not null,
    minimum_spend_fen bigint not null,
    first_on date not null,
    last_on date not null,
    weekdays smallint not null,
    from_minute smallint not null,
    to_minute smallint not null,
    time_zone text not null,
    cap smallint not null,
    offline_max smallint not null,
    offline_charge text not null,
    paused_at timestamptz,
    pause_reason text,
    ended_at timestamptz,
    created_by text not null,
    created_at timestamptz not null,

    constraint coupon_campaign_pkey primary key (campaign_id),
    constraint coupon_campaign_organization_exists foreign key (organization_id) references organization (organization_id),
    constraint coupon_campaign_title_has_1_to_100_characters check (char_length(title) between 1 and 100),
    constraint coupon_campaign_goods_has_1_to_100_characters check (char_length(goods) between 1 and 100),
    constraint coupon_campaign_version_is_positive check (version > 0),
    constraint coupon_campaign_budget_is_1_fen_to_100_billion check (budget_fen between 1 and 100000000000),
    constraint coupon_campaign_planned_within_budget check (planned_fen between 0 and budget_fen),
    constraint coupon_campaign_face_is_1_fen_to_100000_yuan check (face_fen between 1 and 10000000),
    constraint coupon_campaign_minimum_spend_is_0_to_1000000_yuan check (minimum_spend_fen between 0 and 100000000),
    constraint coupon_campaign_is_valid_for_1_to_1100_days check (last_on - first_on between 0 and 1099),
    constraint coupon_campaign_weekdays_are_some check (weekdays between 1 and 127),
    constraint coupon_campaign_hours_are_some
        check (from_minute between 0 and 1439 and to_minute between 1 and 1440 and from_minute < to_minute),
    constraint coupon_campaign_cap_is_1_to_100 check (cap between 1 and 100),
    constraint coupon_campaign_offline_is_0_to_50 check (offline_max between 0 and 50),
    constraint coupon_campaign_offline_charge_is_known check (offline_charge in ('venue', 'union')),
    constraint coupon_campaign_is_paused_for_a_reason check ((paused_at is null) = (pause_reason is null))
);

comment on table coupon_campaign is 'Coupons of one kind, given away in rounds within one budget.';
comment on column coupon_campaign.goods is 'What is picked up; null: money off a bill.';
comment on column coupon_campaign.planned_fen is
    'What the stock of all rounds is worth, given away or not: the budget''s part that is spoken for.';
comment on column coupon_campaign.face_fen is 'What one coupon is worth; of goods, what they cost the union.';
comment on column coupon_campaign.weekdays is 'On which a coupon is good: bit 0 for Monday.';
comment on column coupon_campaign.from_minute is 'From which minute of the day on a coupon is good, in the time zone, until to_minute.';
comment on column coupon_campaign.cap is 'Coupons that one person has of all rounds together.';
comment on column coupon_campaign.offline_max is 'Coupons that one device may take a day without network.';
comment on column coupon_campaign.offline_charge is
    'Who bears a coupon that was taken twice without network: the later venue, or the union.';

create index coupon_campaign_of_organization on coupon_campaign (organization_id, campaign_id);

create table coupon_campaign_venue (
    campaign_id bigint not null,
    venue_id bigint not null,
    stock integer,
    spoken_for integer not null default 0,
    added_at timestamptz not null,
    removed_at timestamptz,

    constraint coupon_campaign_venue_pkey primary key (campaign_id, venue_id),
    constraint coupon_campaign_venue_campaign_exists foreign key (campaign_id) references coupon_campaign (campaign_id),
    constraint coupon_campaign_venue_venue_exists foreign key (venue_id) references venue (venue_id),
    constraint coupon_campaign_venue_stock_is_0_to_10000000 check (stock between 0 and 10000000),
    constraint coupon_campaign_venue_pick_ups_within_stock check (spoken_for between 0 and coalesce(stock, 2147483647))
);

comment on table coupon_campaign_venue is 'Where the coupons of a campaign are good; venues come and go while it runs.';
comment on column coupon_campaign_venue.stock is 'Of goods: how many can be picked up here.';
comment on column coupon_campaign_venue.spoken_for is 'Of goods: coupons out that are picked up here, those used among them.';

create index coupon_campaign_venue_of_venue on coupon_campaign_venue (venue_id, campaign_id);

create table coupon_campaign_event (
    campaign_id bigint not null,
    event_id bigint generated always as identity,
    round_id bigint,
    step text not null,
    details jsonb not null default '{}',
    reason text,
    done_by text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default now(),

    constraint coupon_campaign_event_pkey primary key (campaign_id, event_id),
    constraint coupon_campaign_event_campaign_exists foreign key (campaign_id) references coupon_campaign (campaign_id)
);

comment on table coupon_campaign_event is 'What happened to a campaign or one of its rounds, who did it and why.';
