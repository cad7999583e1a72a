package import Crypto
package import HTTP
package import Postgres
package import Programs
package import Registry
package import Runtime
package import Scheduler

/// The checkups feature, as `waystation` puts it together: campaigns are programs, sessions are times at a van.
///
/// To be made before the database is started, for the vans' connections are opened with it.
package struct Checkups: Sendable {
    package let campaigns: CampaignStore
    package let visits: VisitStore
    package let checkIns: CheckInStore
    package let walkIns: WalkInStore
    package let days: DayListStore
    package let reports: ReportStore
    package let routes: [Route]
    package let jobs: [Job]

    private static let closedAtOnce: Int32 = 200

    /// - Parameter clock: decides about codes here and, by its offset, about everything else in the database.
    package init(database: Database, registry: Registry, programs: Programs, keys: Keys, clock: Clock) {
        let campaigns = CampaignStore(database)
        let visits = VisitStore(database, clock: clock)
        let checkIns = CheckInStore(database, clock: clock)
        let walkIns = WalkInStore(database, programs: programs.programs, clock: clock)
        let days = DayListStore(database, programs: programs.programs, clock: clock)
        let reports = ReportStore(database, clock: clock)
        let own = OwnCheckupStore(database, clock: clock)
        self.campaigns = campaigns
        self.visits = visits
        self.checkIns = checkIns
        self.walkIns = walkIns
        self.days = days
        self.reports = reports
        let (audit, idempotency) = (registry.audit, registry.idempotency)
        let reach = VisitReach(visits: visits)
        let people = VanPeople(members: registry.members, organizations: registry.organizations)
        routes =
            CampaignRoutes(
                campaigns: campaigns, visits: visits, audit: audit, idempotency: idempotency
            ).all
            + VisitRoutes(
                reach: reach, campaigns: campaigns, programs: programs.programs, audit: audit, idempotency: idempotency
            ).all
            + OwnVisitRoutes(visits: visits).all
            + VanRoutes(reach: reach, checkIns: checkIns, walkIns: walkIns, reader: VanCodeReader(keys), people: people, clock: clock).all
            + DayListRoutes(
                reach: reach, campaigns: campaigns, days: days, members: registry.members, audit: audit, idempotency: idempotency
            ).all
            + ReportRoutes(reports: reports, campaigns: campaigns, audit: audit, idempotency: idempotency).all
            + CheckupFigureRoutes(figures: CheckupFigureStore(database), campaigns: campaigns).all
            + OwnCheckupRoutes(own: own, checkIns: checkIns, reports: reports, members: registry.members).all
        let reminders = CheckupReminders(reports: reports, members: registry.members, outbox: registry.outbox)
        jobs = [
            Job("checkups.close_days", every: .seconds(60)) {
                try await days.closeDays(limit: Self.closedAtOnce) == Self.closedAtOnce ? .more : .idle
            },
            Job("checkups.reminders", every: .seconds(60)) { try await reminders.run() ? .more : .idle },
        ]
        let personal = CheckupPersonalData(own: own, people: CheckupPersonStore(database: database))
        registry.persons.sections.add(personal.section)
    }
}
