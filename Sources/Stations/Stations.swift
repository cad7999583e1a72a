package import Crypto
package import HTTP
package import Postgres
package import Registry
package import Runtime
package import Scheduler

/// The stations feature, as `waystation` puts it together: stores, routes, figures and demo data.
///
/// To be made before the database is started, for the doors' connections are opened with it; then `prepare` before the first request.
package struct Stations: Sendable {
    package let stations: StationStore
    package let accessPoints: AccessPointStore
    package let access: AccessStore
    package let ways: WaysIn
    package let visits: StationFigures
    package let routes: [Route]
    package let jobs: [Job]
    let database: Database

    /// - Parameters:
    ///   - clock: decides about codes here and, by its offset, about everything else in the database.
    ///   - keepMonths: events older than so many whole months are dropped once exported; 0 keeps them for ever.
    package init(database: Database, registry: Registry, keys: Keys, clock: Clock, metrics: Metrics, keepMonths: Int32 = 0) {
        let stations = StationStore(database)
        let accessPoints = AccessPointStore(database)
        let policies = AccessPolicyStore(database, clock: clock)
        let access = AccessStore(database, keys: keys, clock: clock)
        self.stations = stations
        self.accessPoints = accessPoints
        self.access = access
        self.database = database
        let visits = StationFigures(
            database: database, registry: registry, stations: stations, access: access, clock: clock, metrics: metrics,
            keepMonths: keepMonths)
        self.visits = visits
        let figures = ScanFigures(metrics, coalescer: access.figures)
        let ways = WaysIn(database: database, registry: registry, access: access, keys: keys, clock: clock, figures: figures)
        self.ways = ways
        let personal = StationPersonalData(passages: PassageStore(database), credentials: ways.credentials)
        for section in personal.sections { registry.persons.sections.add(section) }
        registry.decisions.add(StationDecisionStore.all)
        jobs = visits.jobs + ways.jobs
        let members = ScanMembers(members: registry.members, organizations: registry.organizations)
        let reach = StationReachStore(database: database)
        let all =
            AccessRoutes(access: access, reach: reach, reader: ScanReader(keys), members: members, clock: clock, figures: figures).all
            + ways.routes
            + StationRoutes(
                stations: stations, organizations: registry.organizations, accessPoints: accessPoints, policies: policies,
                idempotency: registry.idempotency
            ).all
            + DoorStateRoutes(stations: stations, commands: ways.commands, idempotency: registry.idempotency).all
            + AccessPointRoutes(
                stations: stations, accessPoints: accessPoints, policies: policies, reach: reach, idempotency: registry.idempotency
            ).all
            + AccessPolicyRoutes(
                stations: stations, accessPoints: accessPoints, policies: policies, commands: ways.commands,
                idempotency: registry.idempotency
            ).all
            + OwnAccessPointRoutes(accessPoints: accessPoints).all
            + DoorSyncRoutes(store: DoorSyncStore(database, keys: keys, clock: clock)).all
            + JournalRoutes(journal: JournalStore(database, keys: keys, clock: clock), metrics: metrics).all
            + visits.routes
        routes = all.map { $0.reaching(reach) }
    }

    /// Makes the events' partitions of the coming three months where they are missing.
    package func prepare() async throws(PostgresError) {
        _ = try await access.makePartitions(monthsAhead: 3)
    }
}
