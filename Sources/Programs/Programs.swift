package import Crypto
package import HTTP
package import Postgres
package import Registry
package import Runtime
package import Scheduler

/// Programs, as `waystation` puts them together: what checkups, insurance, night schools and draws share.
package struct Programs: Sendable {
    package let programs: ProgramStore
    package let life: ProgramLife
    package let applications: ProgramApplicationStore
    package let sharing: Sharing
    package let routes: [Route]
    package let jobs: [Job]
    package let handlers: [QueuedJobHandler]

    package var awards: AwardStore { sharing.awards }

    /// - Parameter clock: decides, by its offset, about everything that opens, closes and runs out.
    package init(database: Database, registry: Registry, keys: Keys, clock: Clock, log: Log = .silent) {
        let programs = ProgramStore(database, clock: clock)
        let life = ProgramLife(programs, keys: keys, clock: clock)
        self.programs = programs
        self.life = life
        let applying = Applying(database: database, registry: registry, programs: programs, keys: keys, clock: clock)
        applications = applying.applications
        let sharing = Sharing(life, database: database, registry: registry, clock: clock)
        self.sharing = sharing
        let timetable = ProgramTimetable(life, log: log) {
            try await sharing.runByTimetable($0)
        } publish: {
            try await sharing.publishByTimetable($0)
        }
        registry.decisions.add(ProgramDecisionStore.all)
        routes =
            ProgramRoutes(
                programs: programs, life: life, organizations: registry.organizations, idempotency: registry.idempotency
            ).all
            + applying.routes
            + sharing.routes
        jobs = [timetable.job] + sharing.jobs
        handlers = sharing.handlers
    }
}
