package import HTTP
package import Postgres
package import Registry
package import Runtime
package import Scheduler

/// What the stations tell of their visits: figures, histories, and the jobs that keep them.
package struct StationFigures: Sendable {
    package let figures: FigureStore
    package let passages: PassageStore
    package let routes: [Route]
    package let jobs: [Job]

    package init(database: Database, registry: Registry, stations: StationStore, clock: Clock) {
        let figures = FigureStore(database, clock: clock)
        let passages = PassageStore(database)
        self.figures = figures
        self.passages = passages
        routes =
            VisitRoutes(
                figures: figures, passages: passages, stations: stations, organizations: registry.organizations, clock: clock
            ).all
        jobs = [
            Job("stations.feed", every: .seconds(1)) { try await figures.feed().hasMore ? .more : .idle }
        ]
    }
}
