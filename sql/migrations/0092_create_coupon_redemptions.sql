-- At the venue: what was shown, what was redeemed, what is settled.

create table coupon_redemption (
    venue_id bigint not null,
    request_id uuid not null,
    fingerprint bytea not null,
    device_id bigint,
    outcome text not null,
    reasons text[] not null,
    member_id bigint,
    coupon_id bigint,
    round_id bigint,
    campaign_id bigint,
    state text,
    amount_fen bigint,
    spend_fen bigint not null,
    charged_to text,
    credential_kind text,
    is_offline boolean not null,
    done_by text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    annulled_at timestamptz,
    refunded_at timestamptz,

    constraint coupon_redemption_pkey primary key (venue_id, request_id),
    constraint coupon_redemption_venue_exists foreign key (venue_id) references venue (venue_id),
    constraint coupon_redemption_fingerprint_has_16_bytes check (length(fingerprint) = 16),
    constraint coupon_redemption_outcome_is_known check (outcome in ('redeemed', 'redeemed_twice', 'refused')),
    constraint coupon_redemption_refused_for_reasons
        check (case when outcome = 'refused' then cardinality(reasons) > 0 else is_offline or cardinality(reasons) = 0 end),
    constraint coupon_redemption_is_of_a_coupon
        check ((outcome = 'refused') or (member_id is not null and coupon_id is not null and round_id is not null
                                         and campaign_id is not null and amount_fen is not null and state is not null)),
    constraint coupon_redemption_state_is_known check (state in ('standing', 'annulled', 'refunded')),
    constraint coupon_redemption_is_refused_or_stands check ((outcome = 'refused') = (state is null)),
    constraint coupon_redemption_annulled_has_its_time check ((state is not distinct from 'annulled') = (annulled_at is not null)),
    constraint coupon_redemption_refunded_has_its_time check ((state is not distinct from 'refunded') = (refunded_at is not null)),
    constraint coupon_redemption_twice_is_offline_and_charged
        check ((outcome <> 'redeemed_twice' or charged_to is not null) and (charged_to is null or (is_offline and outcome <> 'refused'))
               and charged_to in ('venue', 'union')),
    constraint coupon_redemption_spend_is_0_to_1000000_yuan check (spend_fen between 0 and 100000000),
    constraint coupon_redemption_credential_is_known check (credential_kind in ('member_code', 'card', 'number', 'coupon_code'))
);

comment on table coupon_redemption is 'What a venue''s device asked with somebody''s code, and what it was told, for ever.';
comment on column coupon_redemption.state is 'standing; annulled: undone by the same device within 15 minutes; refunded: undone later.';
comment on column coupon_redemption.charged_to is
    'Of what was taken without network twice, or beyond what a device may take so: who bears it. Null: the union, as planned.';
comment on column coupon_redemption.credential_kind is 'Null: annulled before it came, so it is never taken.';
comment on column coupon_redemption.occurred_at is 'By the device''s clock; recorded_at is the service''s.';

create unique index coupon_redemption_stands_once on coupon_redemption (member_id, coupon_id)
where outcome = 'redeemed' and state = 'standing';
create index coupon_redemption_of_coupon on coupon_redemption (member_id, coupon_id) where coupon_id is not null;
create index coupon_redemption_offline on coupon_redemption (device_id, occurred_at) where is_offline;

create table coupon_code (
    digest bytea not null,
    member_id bigint not null,
    coupon_id bigint not null,
    expires_at timestamptz not null,

    constraint coupon_code_pkey primary key (digest),
    constraint coupon_code_coupon_exists foreign key (member_id, coupon_id) references coupon (member_id, coupon_id),
    constraint coupon_code_digest_has_32_bytes check (length(digest) = 32)
);

comment on table coupon_code is 'One-time codes (券码) that stand for one coupon, for some minutes; only their HMAC is kept.';

create index coupon_code_of_coupon on coupon_code (member_id, coupon_id);
create index coupon_code_by_expiry on coupon_code (expires_at);

create extension if not exists btree_gist;

create table coupon_settlement (
    settlement_id bigint generated always as identity,
    campaign_id bigint not null,
    from_at timestamptz not null,
    until_at timestamptz not null,
    redemptions integer not null,
    amount_fen bigint not null,
    file bytea not null,
    sha256 bytea not null,
    created_by text not null,
    created_at timestamptz not null,

    constraint coupon_settlement_pkey primary key (settlement_id),
    constraint coupon_settlement_campaign_exists foreign key (campaign_id) references coupon_campaign (campaign_id),
    constraint coupon_settlement_lasts check (until_at > from_at),
    constraint coupon_settlement_hash_has_32_bytes check (length(sha256) = 32),
    constraint coupon_settlement_pays_nothing_twice
        exclude using gist (campaign_id with =, tstzrange(from_at, until_at) with &&)
);

comment on table coupon_settlement is
    'What a campaign''s venues are owed for a period: all that was recorded in it. The file says it by venue, and has its hash.';
