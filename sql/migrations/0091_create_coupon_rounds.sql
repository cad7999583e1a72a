-- Rounds (轮), claims (抢券) and coupons.

create table coupon_round (
    round_id bigint generated always as identity,
    campaign_id bigint not null,
    number smallint not null,
    state text not null default 'draft',
    version integer not null default 1,
    mode text not null,
    opens_at timestamptz not null,
    closes_at timestamptz not null,
    stock integer not null,
    planned_stock integer not null,
    face_fen bigint not null,
    cap smallint not null,
    equal_start_seconds smallint,
    leftover text not null,
    reserves_end_at timestamptz,
    rules jsonb not null,
    rules_hash bytea,
    lottery_secret_sealed bytea,
    lottery_commitment bytea,
    program_id bigint,
    announced_at timestamptz,
    shuffled_at timestamptz,
    closed_at timestamptz,
    cancel_reason text,
    paused_at timestamptz,
    pause_reason text,
    arrivals bigint not null default 0,
    issued integer not null default 0,
    held integer not null default 0,
    redeemed integer not null default 0,
    expired integer not null default 0,
    returned integer not null default 0,
    reissued integer not null default 0,
    reopens_at timestamptz,
    sold_out_at timestamptz,

    constraint coupon_round_pkey primary key (round_id),
    constraint coupon_round_campaign_exists foreign key (campaign_id) references coupon_campaign (campaign_id),
    constraint coupon_round_is_its_campaigns_own unique (campaign_id, number),
    constraint coupon_round_program_exists foreign key (program_id) references program (program_id),
    constraint coupon_round_number_is_1_to_1000 check (number between 1 and 1000),
    constraint coupon_round_state_is_known check (state in ('draft', 'announced', 'closed', 'cancelled')),
    constraint coupon_round_version_is_positive check (version > 0),
    constraint coupon_round_mode_is_known check (mode in ('race', 'equal_start', 'draw')),
    constraint coupon_round_closes_after_it_opens check (closes_at > opens_at),
    constraint coupon_round_stock_is_0_to_10000000 check (stock between 0 and 10000000),
    constraint coupon_round_face_is_positive check (face_fen > 0),
    constraint coupon_round_cap_is_1_to_100 check (cap between 1 and 100),
    constraint coupon_round_equal_start_lasts_1_to_3600_seconds
        check ((mode = 'equal_start') = (equal_start_seconds is not null) and equal_start_seconds between 1 and 3600),
    constraint coupon_round_leftover_is_known check (leftover in ('carry', 'return')),
    constraint coupon_round_is_frozen_once_announced
        check (state in ('draft', 'cancelled') or (rules_hash is not null and announced_at is not null)),
    constraint coupon_round_draws_by_a_commitment
        check (mode <> 'equal_start' or state in ('draft', 'cancelled')
               or (lottery_secret_sealed is not null and lottery_commitment is not null)),
    constraint coupon_round_draw_is_a_program
        check (mode <> 'draw' or state in ('draft', 'cancelled') or program_id is not null),
    constraint coupon_round_is_cancelled_for_a_reason check ((state = 'cancelled') = (cancel_reason is not null)),
    constraint coupon_round_is_paused_for_a_reason check ((paused_at is null) = (pause_reason is null)),
    constraint coupon_round_counts_are_not_negative
        check (held >= 0 and redeemed >= 0 and expired >= 0 and returned >= 0 and reissued >= 0 and arrivals >= 0),
    constraint coupon_round_ledger_balances check (issued = held + redeemed + expired + returned),
    constraint coupon_round_issued_within_stock check (issued - reissued between 0 and stock),
    constraint coupon_round_reissues_what_came_back check (reissued <= returned)
);

comment on table coupon_round is
    'A drop of a fixed number of coupons; when it opens and closes the clock says, whatever a job has tidied up.';
comment on column coupon_round.shuffled_at is
    'When the claims of the first seconds were shuffled and served; of a draw, when its winners were given their coupons.';
comment on column coupon_round.mode is
    'race: who comes first; equal_start: all of the first seconds are shuffled, then a race; draw: shared out as a program.';
comment on column coupon_round.stock is
    'What may be given out: with what an earlier round carried over, without what went on or back when it closed.';
comment on column coupon_round.planned_stock is 'The stock as the organizer wrote it.';
comment on column coupon_round.cap is 'Coupons that one person has of this round.';
comment on column coupon_round.leftover is 'What becomes of stock that is left when it closes: the next round''s, or back to the budget.';
comment on column coupon_round.reserves_end_at is 'When what is kept for groups is everybody''s; null: never.';
comment on column coupon_round.rules is 'ProgramRules as JSON: eligibility, groups, and as floors the stock kept for them.';
comment on column coupon_round.arrivals is 'Claims that wait or waited for the shuffle: numbers them in order of arrival.';
comment on column coupon_round.issued is
    'Coupons given out, ever: the ledger. held: usable; returned: given back, of which reissued became stock again.';
comment on column coupon_round.reopens_at is
    'What was given back is stock from then on: not before every server has forgotten that it was told of none being left.';
comment on column coupon_round.sold_out_at is 'When nothing was left for the first time.';

create index coupon_round_of_program on coupon_round (program_id) where program_id is not null;
create index coupon_round_announced on coupon_round (closes_at, round_id) where state = 'announced';

create table coupon_reserve (
    round_id bigint not null,
    number smallint not null,
    name text not null,
    size integer not null,
    taken integer not null default 0,
    returned integer not null default 0,

    constraint coupon_reserve_pkey primary key (round_id, number),
    constraint coupon_reserve_round_exists foreign key (round_id) references coupon_round (round_id),
    constraint coupon_reserve_number_is_0_to_7 check (number between 0 and 7),
    constraint coupon_reserve_taken_within_size check (taken between 0 and size),
    constraint coupon_reserve_returned_within_taken check (returned between 0 and taken)
);

comment on table coupon_reserve is 'Stock that is kept for a group: its members take from it first, others never.';
comment on column coupon_reserve.number is 'The group''s bit.';
comment on column coupon_reserve.returned is 'Of those taken, what was given back and is no stock yet.';

create table coupon (
    member_id bigint not null,
    coupon_id bigint generated by default as identity,
    round_id bigint not null,
    campaign_id bigint not null,
    slot smallint not null,
    reserve smallint,
    state text not null,
    face_fen bigint not null,
    organization_id bigint not null,
    groups smallint not null,
    venue_id bigint,
    claimed_at timestamptz not null,
    changed_at timestamptz not null,

    constraint coupon_pkey primary key (member_id, coupon_id),
    constraint coupon_state_is_known
        check (state in ('claimed', 'redeemed', 'annulled', 'refunded', 'expired', 'returned')),
    constraint coupon_slot_is_1_to_100 check (slot between 1 and 100)
);

comment on table coupon is
    'A coupon that somebody has, and what became of it. Whose it is comes from member in the statement that writes it; a foreign key besides
would lock the member once more for each coupon, a quarter of what giving one out costs, and members are never deleted.';
comment on column coupon.state is
    'claimed, annulled, refunded: usable (its last use was taken back); redeemed: used; expired: it is too late; returned: given back.';
comment on column coupon.slot is 'Which of the person''s coupons of this round it is: at most the round''s cap.';
comment on column coupon.reserve is 'Of which group''s reserve it was; null: of everybody''s stock.';
comment on column coupon.organization_id is 'Where the person belonged when it was claimed; groups likewise: for figures.';
comment on column coupon.venue_id is 'Of goods: where they are picked up.';

create unique index coupon_is_one_a_slot on coupon (member_id, round_id, slot) where state <> 'returned';
create index coupon_of_round on coupon (round_id, coupon_id);
create index coupon_usable on coupon (campaign_id, coupon_id) where state in ('claimed', 'annulled', 'refunded');

create table coupon_claim (
    member_id bigint not null,
    request_id uuid not null,
    round_id bigint not null,
    venue_id bigint,
    state text not null,
    reason text,
    coupon_id bigint,
    ticket bigint,
    arrival bigint,
    groups smallint not null default 0,
    claimed_at timestamptz not null,
    decided_at timestamptz,

    constraint coupon_claim_pkey primary key (member_id, request_id),
    constraint coupon_claim_state_is_known check (state in ('pending', 'won', 'lost')),
    constraint coupon_claim_won_has_a_coupon check ((state = 'won') = (coupon_id is not null)),
    constraint coupon_claim_lost_for_a_reason check ((state = 'lost') = (reason is not null)),
    constraint coupon_claim_is_decided_or_pending check ((state = 'pending') = (decided_at is null)),
    constraint coupon_claim_pending_has_a_ticket check (state <> 'pending' or (ticket is not null and arrival is not null))
);

comment on table coupon_claim is
    'A claim that took something or waits, with what became of it: the answer to its request id, for ever. Who was refused left no row.';
comment on column coupon_claim.ticket is 'Of a claim that was shuffled: the number that the lottery draws by.';
comment on column coupon_claim.arrival is 'Of a claim that waited: in which order they came.';

create index coupon_claim_of_round on coupon_claim (round_id, member_id);
create index coupon_claim_pending on coupon_claim (round_id, arrival) where state = 'pending';

create table coupon_event (
    member_id bigint not null,
    coupon_id bigint not null,
    event_id bigint generated always as identity,
    round_id bigint not null,
    campaign_id bigint not null,
    event text not null,
    venue_id bigint,
    device_id bigint,
    amount_fen bigint not null,
    spend_fen bigint,
    reason text,
    charged_to text,
    done_by text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,

    constraint coupon_event_pkey primary key (member_id, coupon_id, event_id),
    constraint coupon_event_is_known
        check (event in ('redeemed', 'redeemed_twice', 'annulled', 'refunded', 'expired', 'returned')),
    constraint coupon_event_of_a_use_has_its_venue
        check ((event in ('redeemed', 'redeemed_twice', 'annulled', 'refunded')) = (venue_id is not null)),
    constraint coupon_event_of_a_second_use_is_charged
        check ((event <> 'redeemed_twice' or charged_to is not null) and (charged_to is null or venue_id is not null)
               and charged_to in ('venue', 'union'))
);

comment on table coupon_event is
    'What became of a coupon: who, when it happened and when we learned of it. With the coupons themselves they add up to the ledger.';
comment on column coupon_event.amount_fen is 'What the coupon is worth.';
comment on column coupon_event.spend_fen is 'What was spent with it.';
comment on column coupon_event.charged_to is
    'Of a coupon taken without network a second time, or beyond what a device may take so: who bears it. Null: the union, as planned.';

create index coupon_event_of_venue on coupon_event (campaign_id, venue_id, recorded_at) where venue_id is not null;
create index coupon_event_of_round on coupon_event (round_id, recorded_at);

create table coupon_round_second (
    round_id bigint not null,
    outcome text not null,
    second timestamptz not null,
    claims integer not null,

    constraint coupon_round_second_pkey primary key (round_id, outcome, second),
    constraint coupon_round_second_round_exists foreign key (round_id) references coupon_round (round_id),
    constraint coupon_round_second_claims_are_positive check (claims > 0)
);

comment on table coupon_round_second is
    'Claims answered a second, by their answers, as the servers counted them: what refusals leave instead of a row each. A server that is
killed loses its last second.';
