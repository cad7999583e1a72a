/// What a redemption costs PostgreSQL without Waystation: one statement written for one coupon, for pgbench with 32 clients.
///
/// The same reads (device, venue, code, campaign with its days and hours, whether the venue takes it), the same decision and the same rows
/// written (redemption, coupon, event, the round's counts, the code gone) as `coupons_redeem`, but neither batches nor other coupons to
/// choose from, and without the look-up of a repeat's first answer: in this work nothing repeats. No HTTP, no JSON, no name to show. The
/// code is found by its coupon, for pgbench makes no HMAC.
enum RedemptionPeer {
    /// To be run with `-D n=0`: each client redeems the coupons `first` + client · `each` + 1, 2, 3 …
    static func script(first: Int, each: Int, of count: Int) -> String {
        #"""
        \set n :n + 1
        \set coupon \#(first) + :client_id * \#(each) + :n
        \set member 1 + (:coupon * \#(RedemptionHouse.stride)) % \#(count)
        \set device 1 + :coupon % \#(RedemptionHouse.devices)
        \set tail 100000000000 + :coupon
        with place as (
            select venue_device.venue_id
            from venue_device
            join device using (device_id)
            join venue using (venue_id)
            where venue_device.device_id = :device::bigint and device.revoked_at is null and venue.closed_at is null
        ),
        code as (
            delete from coupon_code
            where member_id = :member::bigint and coupon_id = :coupon::bigint and expires_at > clock_timestamp()
            returning member_id, coupon_id
        ),
        used as (
            update coupon
            set state = 'redeemed', changed_at = clock_timestamp()
            from code
            cross join place
            cross join coupon_campaign campaign
            join coupon_campaign_venue taking using (campaign_id)
            where coupon.member_id = code.member_id and coupon.coupon_id = code.coupon_id
                and coupon.state in ('claimed', 'annulled', 'refunded')
                and campaign.campaign_id = coupon.campaign_id and campaign.paused_at is null and campaign.minimum_spend_fen <= 12000
                and taking.venue_id = place.venue_id and taking.removed_at is null
                and coupons_out_of_window(
                    campaign.first_on, campaign.last_on, campaign.weekdays, campaign.from_minute, campaign.to_minute,
                    clock_timestamp() at time zone campaign.time_zone) = '{}'
            returning coupon.member_id, coupon.coupon_id, coupon.round_id, coupon.campaign_id, place.venue_id, coupon.face_fen, changed_at
        ),
        kept as (
            insert into coupon_redemption (
                venue_id, request_id, fingerprint, device_id, outcome, reasons, member_id, coupon_id, round_id, campaign_id, state,
                amount_fen, spend_fen, credential_kind, is_offline, done_by, occurred_at, recorded_at)
            select
                venue_id, ('01900000-0000-7000-9000-' || :tail::text)::uuid, '\x00112233445566778899aabbccddeeff', :device::bigint,
                'redeemed', '{}', member_id, coupon_id, round_id, campaign_id, 'standing', least(face_fen, 12000), 12000, 'coupon_code',
                false, 'device:' || :device::text, changed_at, changed_at
            from used
        ),
        told as (
            insert into coupon_event (
                member_id, coupon_id, round_id, campaign_id, event, venue_id, device_id, amount_fen, spend_fen, done_by, occurred_at,
                recorded_at)
            select
                member_id, coupon_id, round_id, campaign_id, 'redeemed', venue_id, :device::bigint, least(face_fen, 12000), 12000,
                'device:' || :device::text, changed_at, changed_at
            from used
        )
        update coupon_round
        set held = held - 1, redeemed = redeemed + 1
        from used
        where coupon_round.round_id = used.round_id;
        """#
    }
}
