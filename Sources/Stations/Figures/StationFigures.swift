package import HTTP
package import Postgres
package import Registry
package import Runtime
package import Scheduler

/// What the stations tell of their visits: figures, histories, and the jobs that keep them.
package struct StationFigures: Sendable {
    package let figures: FigureStore
    package let passages: PassageStore
    package let occupancy: OccupancyStore
    package let alarms: AlarmStore
    package let routes: [Route]
    package let jobs: [Job]

    package init(database: Database, registry: Registry, stations: StationStore, clock: Clock, metrics: Metrics) {
        let figures = FigureStore(database, clock: clock)
        let passages = PassageStore(database)
        self.figures = figures
        let occupancy = OccupancyStore(database, clock: clock)
        let alarms = AlarmStore(database, registry: registry, clock: clock)
        let gauges = StationGauges(metrics)
        self.passages = passages
        self.occupancy = occupancy
        self.alarms = alarms
        routes =
            VisitRoutes(
                figures: figures, passages: passages, stations: stations, organizations: registry.organizations, clock: clock
            ).all + AlarmRoutes(alarms: alarms).all
            + PublicStationRoutes(stations: PublicStationStore(database, clock: clock)).all
        jobs = [
            Job("stations.feed", every: .seconds(1)) { try await figures.feed().hasMore ? .more : .idle },
            Job("stations.nightly_exit", every: .seconds(300)) {
                if try await occupancy.closeVisits() == OccupancyStore.visitsMax { return .more }
                gauges.note(outOfBalance: try await occupancy.outOfBalance().count)
                return .idle
            },
            Job("stations.alarms", every: .seconds(10)) {
                try await alarms.evaluate()
                gauges.note(open: try await alarms.openCounts())
                return .idle
            },
        ]
    }
}
