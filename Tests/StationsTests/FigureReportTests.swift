import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// Reports against events counted one by one, whatever they add up: totals, months, days, some stations of many.
@Suite struct FigureReportTests {
    private static let zones: [(name: String, ahead: Int64)] = [
        ("Asia/Shanghai", 28_800), ("Asia/Kathmandu", 20_700), ("Etc/GMT+11", -39_600), ("Pacific/Kiritimati", 50_400),
    ]

    /// Nine stations on four clocks, in three parts of a tree, visited for four months, some of it delivered twice, some taken back.
    private static func fill(
        _ scene: StationScene, _ figures: FigureStore, _ now: Int64, _ random: inout SeededGenerator
    ) async throws -> (maker: EventMaker, parts: [ID<Organization>: Set<ID<Station>>]) {
        let north = try await scene.organization(below: scene.organization, name: "north")
        let far = try await scene.organization(below: north, name: "far north")
        let south = try await scene.organization(below: scene.organization, name: "south")
        let homes = [scene.organization, scene.organization, north, north, north, far, far, south, south]
        var maker = EventMaker(scene)
        for (index, station) in scene.doors.map({ $0[0].station }).enumerated() {
            let zone = zones[index % zones.count]
            maker.offsets[station] = zone.ahead
            _ = try await scene.database.query(
                "update station set organization_id = \(homes[index]), time_zone = \(zone.name) where station_id = \(station)")
        }
        for _ in 0..<15 {
            let made = (0..<40).map { _ in EventMaker.random(scene, around: now, spread: 120, &random) }
            try await maker.write(made, in: scene.database)
            if random.chance(50) { try await maker.write(Array(maker.events.shuffled(using: &random).prefix(10)), in: scene.database) }
            if random.chance(50), let event = maker.events.randomElement(using: &random) {
                try await maker.annul(event, in: scene.database)
            }
            if random.chance(50) { try await figures.feed(eventsMax: Int32.random(in: 1...60, using: &random)) }
        }
        try await figures.catchUp(scene.database, eventsMax: 100)
        var parts: [ID<Organization>: Set<ID<Station>>] = [:]
        for (station, home) in zip(scene.doors.map({ $0[0].station }), homes) {
            for part in [scene.organization, north, far, south]
            where part == home || part == scene.organization || part == north && home == far {
                parts[part, default: []].insert(station)
            }
        }
        return (maker, parts)
    }

    @Test(arguments: 0..<3) func `whole months, ragged ends, subtrees and clocks add up to the events counted one by one`(_ run: Int)
        async throws
    {
        let seed = SeededGenerator.seeds(1)[0]
        try await withDatabase { database in
            var random = SeededGenerator(seed: seed)
            let scene = try await StationScene(database, stations: 9, members: 6)
            let figures = FigureStore(database, clock: scene.clock)
            let now = scene.clock.nowMicroseconds
            let today = Int(now / 86_400_000_000)
            let (maker, parts) = try await Self.fill(scene, figures, now, &random)
            var scopes = parts.map { (scope: Scope(subtrees: [$0.key]), stations: $0.value) }
            scopes.append((.everything, Set(scene.doors.map { $0[0].station })))
            for (scope, stations) in scopes {
                for _ in 0..<3 {
                    let first = today - Int.random(in: 0...125, using: &random)
                    let last = Int.random(in: first...today + 1, using: &random)
                    let period = try #require(
                        VisitPeriod(first: CalendarDate(daysSince1970: first), last: CalendarDate(daysSince1970: last)))
                    for (grouping, key) in [
                        (VisitGrouping.hour, { maker.hour($0) }), (.weekday, { maker.weekday($0) }), (.day, { maker.day($0).description }),
                        (.weekdayHour, { "\(maker.weekday($0))-\(maker.hour($0))" }),
                        (.station, { $0.station.description }), (.workerKind, { $0.workerKind ?? "unknown" }),
                        (.organization, { $0.organization?.description ?? "unknown" }),
                    ] as [(VisitGrouping, (EventMaker.Made) -> String)] {
                        let lines = try await figures.lines(by: grouping, period, station: nil, scope: scope)
                        let expected = maker.expected(by: key) { event in
                            stations.contains(event.station) && (period.first...period.last).contains(maker.day(event))
                        }
                        #expect(
                            Dictionary(uniqueKeysWithValues: lines.map { ($0.key, $0.figures) }) == expected,
                            "seed \(seed), \(stations.count) stations, \(period), by \(grouping)")
                    }
                }
            }
            let incremental = try await FigureTests.contents(database)
            #expect(try await figures.rebuild() == maker.events.count, "seed \(seed)")
            #expect(try await FigureTests.contents(database) == incremental, "seed \(seed): made anew they are the same")
        }
    }
}
