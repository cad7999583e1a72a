package import Crypto
package import HTTP
package import Postgres
package import Programs
package import Registry
package import Runtime
package import Scheduler

/// The coupons feature, as `waystation` puts it together: campaigns, rounds that a crowd races for, venues that redeem.
///
/// To be made before the database is started, for its connections are opened with it.
package struct Coupons: Sendable {
    package let campaigns: CouponCampaignStore
    package let rounds: CouponRoundStore
    package let life: RoundLife
    package let claims: ClaimStore
    let redeeming: Redeeming
    /// Counts how claims are answered: to be started and stopped with the server.
    package let tally: ClaimTally
    package let routes: [Route]
    package let jobs: [Job]

    /// - Parameters:
    ///   - clock: decides about codes here and, by its offset, about everything else in the database.
    ///   - limits: how many claims one address and one account may send.
    package init(
        database: Database, registry: Registry, programs: Programs, keys: Keys, clock: Clock, log: Log = .silent,
        limits: ClaimLimiter.Limits = ClaimLimiter.Limits()
    ) {
        let campaigns = CouponCampaignStore(database, clock: clock)
        let rounds = CouponRoundStore(database, clock: clock)
        let claims = ClaimStore(database, applications: programs.applications, clock: clock)
        self.campaigns = campaigns
        self.rounds = rounds
        self.claims = claims
        let figures = RoundFigureStore(database: database, clockOffsetMicroseconds: clock.offsetMicroseconds)
        let tally = ClaimTally(figures: figures, clock: clock, loop: database.loops[0], log: log)
        self.tally = tally
        let life = RoundLife(
            campaigns: campaigns, rounds: rounds, programs: programs, audit: registry.audit, outbox: registry.outbox,
            sealer: Sealer(keys), clock: clock)
        self.life = life
        let own = OwnCouponStore(database: database, clockOffsetMicroseconds: clock.offsetMicroseconds)
        let redeeming = Redeeming(database: database, registry: registry, keys: keys, clock: clock)
        self.redeeming = redeeming
        let eligibility = RoundEligibility(rounds: claims.rounds, candidates: CandidateStore(database))
        routes =
            CouponCampaignRoutes(campaigns: campaigns, audit: registry.audit, idempotency: registry.idempotency).all
            + CouponRoundRoutes(
                campaigns: campaigns, rounds: rounds, life: life, figures: figures, idempotency: registry.idempotency
            ).all
            + RoundCouponRoutes(rounds: rounds, coupons: RoundCouponStore(database: database), members: registry.members).all
            + RoundEventRoutes(
                claims: claims, own: own, eligibility: eligibility, rounds: rounds, figures: figures, loops: database.loops
            ).all
            + ClaimRoutes(
                claims: claims, own: own, eligibility: eligibility, members: registry.members, limiter: ClaimLimiter(limits), tally: tally
            ).all
            + redeeming.routes
        jobs =
            CouponJobs(
                database: database,
                rounds: RoundDueStore(database: database, clockOffsetMicroseconds: clock.offsetMicroseconds), life: life,
                sealer: Sealer(keys)
            ).all
            + redeeming.jobs
        registry.persons.sections.add(CouponPersonalData(own: own, people: CouponPersonStore()).section)
    }
}
