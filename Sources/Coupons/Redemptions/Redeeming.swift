package import Crypto
package import HTTP
package import Postgres
package import Registry
package import Runtime
package import Scheduler

/// What happens at the venue: venues, redeeming and taking back, one-time codes, settlements.
///
/// To be made before the database is started, for its connections are opened with it.
package struct Redeeming: Sendable {
    package let venues: VenueStore
    package let taking: CampaignVenueStore
    package let redemptions: RedemptionStore
    package let codes: CouponCodeStore
    package let settlements: SettlementStore
    package let routes: [Route]
    package let jobs: [Job]

    private static let purgedAtOnce = 5_000

    /// - Parameter clock: decides about codes here and, by its offset, about everything else in the database.
    package init(database: Database, registry: Registry, keys: Keys, clock: Clock) {
        let venues = VenueStore(database, clock: clock)
        let taking = CampaignVenueStore(database, clock: clock)
        let redemptions = RedemptionStore(database, clock: clock)
        let codes = CouponCodeStore(database, keys: keys, clock: clock)
        let settlements = SettlementStore(database, clock: clock)
        self.venues = venues
        self.taking = taking
        self.redemptions = redemptions
        self.codes = codes
        self.settlements = settlements
        let (audit, idempotency) = (registry.audit, registry.idempotency)
        routes =
            VenueRoutes(venues: venues, devices: registry.devices, audit: audit, idempotency: idempotency).all
            + CampaignVenueRoutes(taking: taking, venues: venues, audit: audit, idempotency: idempotency).all
            + RedemptionRoutes(
                redemptions: redemptions, reader: VenueCodeReader(keys), members: registry.members,
                shown: ShownMembers(database, registry.members), audit: audit, idempotency: idempotency, clock: clock
            ).all
            + VenueRedemptionRoutes(redemptions: VenueRedemptionStore(database: database), members: registry.members).all
            + DeviceAndCodeRoutes(
                allowances: OfflineAllowanceStore(database, keys: keys, clock: clock), codes: codes, members: registry.members
            ).all
            + SettlementRoutes(settlements: settlements, taking: taking, audit: audit, idempotency: idempotency).all
        jobs = [
            Job("coupons.purge_codes", every: .seconds(600)) {
                try await codes.purge(limit: Self.purgedAtOnce) == Self.purgedAtOnce ? .more : .idle
            }
        ]
    }
}
