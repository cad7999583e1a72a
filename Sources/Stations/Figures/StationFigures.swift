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
    package let archive: EventArchiveStore
    package let routes: [Route]
    package let jobs: [Job]

    /// - Parameter keepMonths: events older than so many whole months are dropped once exported; 0 keeps them for ever.
    package init(
        database: Database, registry: Registry, stations: StationStore, access: AccessStore, clock: Clock, metrics: Metrics,
        keepMonths: Int32
    ) {
        let figures = FigureStore(database, clock: clock)
        let passages = PassageStore(database)
        self.figures = figures
        let occupancy = OccupancyStore(database, clock: clock)
        let alarms = AlarmStore(database, registry: registry, clock: clock)
        let archive = EventArchiveStore(database, audit: registry.audit, clock: clock)
        let boards = StationBoardStore(database, clock: clock)
        let gauges = StationGauges(metrics)
        self.archive = archive
        self.passages = passages
        self.occupancy = occupancy
        self.alarms = alarms
        routes =
            VisitRoutes(
                figures: figures, passages: passages, stations: stations, organizations: registry.organizations,
                members: registry.members, clock: clock
            ).all + AlarmRoutes(alarms: alarms).all
            + StationBoardRoutes(
                boards: boards, desks: StationBoardDesks(boards, accounts: registry.accounts, clock: clock, loops: database.loops),
                clock: clock
            ).all
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
            Job("stations.minutes", every: .seconds(300)) {
                try await boards.purgeMinutes(limit: 10_000) == 10_000 ? .more : .idle
            },
            Job("stations.partitions", every: .seconds(3_600)) {
                _ = try await access.makePartitions(monthsAhead: 3)
                gauges.note(strayEvents: try await archive.strayCount())
                return .idle
            },
            Job("stations.retention", every: .seconds(600)) {
                guard keepMonths > 0 else { return .idle }
                if try await passages.purge(olderThanMonths: keepMonths, limit: 10_000, clockOffsetMicroseconds: clock.offsetMicroseconds)
                    == 10_000
                {
                    return .more
                }
                var unexported = 0
                for month in try await archive.monthsToRetire(keeping: keepMonths) {
                    switch try await archive.retire(month) {
                    // One a run: the others follow at once.
                    case .dropped: return .more
                    case .notExported, .changedSince: unexported += 1
                    case .later: break
                    }
                }
                gauges.note(monthsToExport: unexported)
                return .idle
            },
        ]
    }
}
