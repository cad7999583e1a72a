import Crypto
import MemberCode
import Postgres
import Registry
import Runtime

/// What devices hold for the time without network: every statement about it.
struct OfflineAllowanceStore: Sendable {
    private let database: Database
    private let clockOffsetMicroseconds: Int64
    private let publicKeys: [OfflineAllowance.PublicKey]

    /// - Parameter keys: their public halves are given to devices.
    init(_ database: Database, keys: Keys, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
        publicKeys = keys.memberCodePublicKeys.sorted { $0.key < $1.key }.map {
            OfflineAllowance.PublicKey(id: $0.key, key: Base64URL.encode($0.value.bytes))
        }
    }

    static func statement(_ device: ID<Device>, _ clockOffsetMicroseconds: Int64) -> SQL {
        """
        select
            here.instant, venue.venue_id, venue.name, venue.closed_at is not null, campaign.campaign_id, campaign.title, campaign.goods,
            campaign.face_fen, campaign.minimum_spend_fen, campaign.first_on, campaign.last_on, campaign.weekdays, campaign.from_minute,
            campaign.to_minute, campaign.time_zone, campaign.paused_at is not null, campaign.offline_max,
            (
                select count(*)
                from coupon_redemption taken
                where
                    taken.device_id = venue_device.device_id
                    and taken.is_offline
                    and taken.occurred_at >= date_trunc('day', here.instant, campaign.time_zone)
                    and taken.campaign_id = campaign.campaign_id
                    and taken.state <> 'annulled')
        from (select clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond' as instant) here
        cross join venue_device
        join venue using (venue_id)
        left join coupon_campaign_venue taking on taking.venue_id = venue.venue_id and taking.removed_at is null
        left join coupon_campaign campaign
            on campaign.campaign_id = taking.campaign_id
            and campaign.last_on >= (here.instant at time zone campaign.time_zone)::date
        where venue_device.device_id = \(device)
        order by campaign.last_on, campaign.campaign_id
        limit \(OfflineAllowance.campaignsMax)
        """
    }

    /// Nil when the device redeems at no venue.
    func allowance(of device: ID<Device>) async throws(PostgresError) -> OfflineAllowance? {
        let rows = try await database.query(Self.statement(device, clockOffsetMicroseconds))
        guard let first = rows.first else { return nil }
        var campaigns: [OfflineAllowance.Campaign] = []
        for row in rows {
            guard let id = try row.decode(4, as: ID<CouponCampaign>?.self) else { continue }
            campaigns.append(
                OfflineAllowance.Campaign(
                    id: id, title: try row.decode(5), goods: try row.decode(6), faceFen: try row.decode(7),
                    minimumSpendFen: try row.decode(8), firstOn: try row.decode(9, as: CalendarDate.self).description,
                    lastOn: try row.decode(10, as: CalendarDate.self).description,
                    weekdays: CouponWindow.weekdays(ofMask: try row.decode(11)), fromMinute: try row.decode(12),
                    toMinute: try row.decode(13), timeZone: try row.decode(14), isPaused: try row.decode(15),
                    offlineMax: try row.decode(16), takenToday: try row.decode(17)))
        }
        return OfflineAllowance(
            serverTime: try first.decode(0, as: Timestamp.self).description,
            venue: OfflineAllowance.Counter(id: try first.decode(1), name: try first.decode(2), isClosed: try first.decode(3)),
            campaigns: campaigns, publicKeys: publicKeys)
    }
}
