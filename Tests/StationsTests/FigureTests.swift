import FoundationEssentials
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

@Suite struct FigureTests {
    private static func year(_ now: Int64) throws -> VisitPeriod {
        let today = Int(now / 86_400_000_000)
        return try #require(
            VisitPeriod(first: CalendarDate(daysSince1970: today - 400), last: CalendarDate(daysSince1970: today + 1)))
    }

    private static func lines(
        _ figures: FigureStore, by grouping: VisitGrouping, _ now: Int64, station: ID<Station>
    ) async throws -> [String: VisitFigures] {
        let lines = try await figures.lines(by: grouping, try year(now), station: station, scope: .everything)
        return Dictionary(uniqueKeysWithValues: lines.map { ($0.key, $0.figures) })
    }

    /// All rows of figures and passages as text, but those that are all zero.
    static func contents(_ database: Database) async throws -> [String] {
        var rows: [String] = []
        for row in try await database.query(
            """
            select figure::text from station_visit_figure figure
            where (entries, exits, automatic_exits, refused, dwells, dwell_seconds) <> (0, 0, 0, 0, 0, 0)
            union all
            select passage::text from member_passage passage
            order by 1
            """)
        { rows.append(try row.decode(0)) }
        return rows
    }

    @Test(arguments: 0..<3) func `random events and annulments, late and out of order, are counted once each`(_ run: Int) async throws {
        let seed = SeededGenerator.seeds(1)[0]
        try await withDatabase { database in
            var random = SeededGenerator(seed: seed)
            let scene = try await StationScene(database, stations: 2, members: 6)
            let figures = FigureStore(database, clock: scene.clock)
            let now = scene.clock.nowMicroseconds
            var maker = EventMaker(scene)
            for _ in 0..<25 {
                let made = (0..<Int.random(in: 1...30, using: &random)).map { _ in
                    EventMaker.random(scene, around: now, spread: random.chance(70) ? 2 : 120, &random)
                }
                try await maker.write(made, in: database)
                while random.chance(40), let event = maker.events.randomElement(using: &random) {
                    try await maker.annul(event, in: database)
                }
                if random.chance(60) { try await figures.feed(eventsMax: Int32.random(in: 1...60, using: &random)) }
            }
            try await figures.catchUp(database, eventsMax: 50)
            for station in scene.doors.map({ $0[0].station }) {
                let hours = try await Self.lines(figures, by: .hour, now, station: station)
                #expect(hours == maker.expected(station, by: EventMaker.hour), "seed \(seed)")
                let days = try await Self.lines(figures, by: .day, now, station: station)
                #expect(days == maker.expected(station, by: { EventMaker.day($0).description }), "seed \(seed)")
                let weekdays = try await Self.lines(figures, by: .weekday, now, station: station)
                // 1970-01-01 was a Thursday.
                #expect(weekdays == maker.expected(station, by: { "\((EventMaker.day($0).daysSince1970 + 3) % 7 + 1)" }), "seed \(seed)")
                let kinds = try await Self.lines(figures, by: .workerKind, now, station: station)
                #expect(kinds == maker.expected(station, by: { $0.workerKind ?? "unknown" }), "seed \(seed)")
                let organizations = try await Self.lines(figures, by: .organization, now, station: station)
                #expect(organizations == maker.expected(station, by: { $0.organization?.description ?? "unknown" }), "seed \(seed)")
            }
            let incremental = try await Self.contents(database)
            #expect(try await figures.rebuild() == maker.events.count, "seed \(seed)")
            #expect(try await Self.contents(database) == incremental, "seed \(seed): made anew they are the same")
            #expect(try await figures.feed().fed == 0, "seed \(seed)")
        }
    }

    @Test func `an event committed after later ones were counted is not missed`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let figures = FigureStore(database, clock: scene.clock)
            var random = SeededGenerator(seed: 1)
            let now = scene.clock.nowMicroseconds
            let late = EventMaker.random(scene, around: now, spread: 1, &random)
            let early = (0..<3).map { _ in EventMaker.random(scene, around: now, spread: 1, &random) }
            let (maker, fedMeanwhile) = try await database.transaction { transaction in
                var maker = EventMaker(scene)
                try await maker.write([late], in: transaction)
                // On another connection, with a later transaction id.
                try await maker.write(early, in: database)
                let asOf = try await figures.asOf()
                let fed = try await figures.feed().fed
                #expect(try await figures.asOf() == asOf, "something is under way that is not counted yet")
                return (maker, fed)
            }
            #expect(fedMeanwhile == 0, "an open transaction holds back all that began after it")
            #expect(try await figures.catchUp(database) == maker.events.count)
            #expect(try await figures.feed().fed == 0)
        }
    }

    @Test func `as of tells what is counted`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let figures = FigureStore(database, clock: scene.clock)
            #expect(try await figures.asOf().microseconds == 0, "nothing is counted yet")
            try await figures.feed()
            let first = try await figures.asOf()
            let admission = try await scene.admit(scene.scan(scene.code(scene.members[0]), at: scene.front))
            let decidedAt = try #require(admission.decision).decidedAt
            #expect(first < decidedAt)
            // Other tests' transactions on this cluster may hold the horizon back for a while.
            while try await figures.asOf() <= decidedAt { try await figures.feed() }
            let lines = try await Self.lines(figures, by: .hour, scene.clock.nowMicroseconds, station: scene.front.station)
            #expect(lines.values.map(\.entries).reduce(0, +) == 1)
        }
    }

    @Test func `feeds at the same time count nothing twice`() async throws {
        let seed = SeededGenerator.seeds(1)[0]
        try await withDatabase { database in
            var random = SeededGenerator(seed: seed)
            let scene = try await StationScene(database, stations: 2, members: 6)
            let figures = FigureStore(database, clock: scene.clock)
            var maker = EventMaker(scene)
            for _ in 0..<20 {
                let made = (0..<20).map { _ in EventMaker.random(scene, around: scene.clock.nowMicroseconds, spread: 3, &random) }
                try await maker.write(made, in: database)
            }
            let total = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        var fed = 0
                        while true {
                            let (count, hasMore) = try await figures.feed(eventsMax: 7)
                            fed += count
                            if !hasMore { return fed }
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(total + (try await figures.catchUp(database)) == 400, "seed \(seed)")
            let incremental = try await Self.contents(database)
            try await figures.rebuild()
            #expect(try await Self.contents(database) == incremental, "seed \(seed)")
        }
    }

    @Test func `passages are told once to those who receive webhooks, and not at all where nobody does`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let figures = FigureStore(database, clock: scene.clock)
            func pass(_ direction: AccessDirection) async throws {
                let scans = scene.members.map { scene.scan(scene.code($0), at: scene.front, direction) }
                let refused = scene.scan("nonsense", at: scene.front)
                _ = try await scene.access.admit(batch: scans + [refused])
                try await figures.catchUp(database)
            }
            func told(_ type: String) async throws -> [String] {
                let rows = try await database.query("select subject from outbox_event where type = \(type) order by event_id")
                return try rows.map { try $0.decode(0, as: String.self) }
            }
            func receive(_ organization: ID<Organization>?, _ types: [String], state: String = "active") async throws {
                _ = try await database.query(
                    """
                    insert into webhook_endpoint (
                        organization_id, url, description, event_types, state, disabled_reason, secret_sealed, created_by)
                    values (\(organization), 'https://example.org', '', \(types), \(state),
                        case when \(state) = 'disabled' then 'gone' end, '\\x00', 'test')
                    """)
            }
            let other: ID<Organization> = try await database.query(
                "select organization_id from registry_organization_create(null, 'city', 'Rencheng')"
            ).single.decode(0)
            try await receive(other, [])
            try await receive(nil, ["member.joined"])
            try await receive(nil, [], state: "disabled")
            try await pass(.inward)
            #expect(try await told("station.entered").isEmpty)
            try await receive(scene.organization, ["station.exited"])
            try await pass(.outward)
            #expect(try await told("station.entered").isEmpty)
            #expect(try await told("station.exited").sorted() == scene.members.map { "member:\($0)" }.sorted())
            try await receive(nil, [])
            try await pass(.inward)
            #expect(try await told("station.entered").count == scene.members.count)
            #expect(try await told("station.exited").count == scene.members.count)
            let data = try await database.query("select data from outbox_event where type = 'station.exited' limit 1").single
            let text: String = try data.decode(0)
            for key in ["stationId", "accessPointId", "memberId", "requestId", "occurredAt", "dwellSeconds"] {
                #expect(text.contains("\"\(key)\""))
            }
        }
    }
}
