package import Crypto
package import HTTP
package import Postgres
package import Registry
package import Runtime
package import Scheduler

/// Programs, as `waystation` puts them together: what checkups, insurance, night schools and draws share.
package struct Programs: Sendable {
    package let programs: ProgramStore
    package let awards: AwardStore
    package let routes: [Route]
    package let jobs: [Job]

    /// - Parameter clock: decides, by its offset, about everything that opens, closes and runs out.
    package init(database: Database, registry: Registry, keys: Keys, clock: Clock, log: Log = .silent) {
        let programs = ProgramStore(database, clock: clock)
        self.programs = programs
        let awards = AwardStore(database, clock: clock)
        self.awards = awards
        routes = []
        jobs = []
    }
}
