import FoundationEssentials
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// The rows behind the figures of visits: what a report counts is what the list shows.
@Suite struct AccessEventListTests {
    /// Every page of the list.
    private static func all(_ access: AccessStore, _ station: ID<Station>, _ filter: AccessEventFilter) async throws -> [String] {
        var found: [String] = []
        var cursor: UUID?
        repeat {
            let page = try await access.events(of: station, filter, before: cursor, limit: 7).map(\.requestId)
            found += page
            cursor = page.count < 7 ? nil : page.last.flatMap { UUID(uuidString: $0) }
        } while cursor != nil
        return found
    }

    @Test(arguments: 0..<3) func `by day, hour, weekday and result the list holds just what the figures count, on any clock`(_ run: Int)
        async throws
    {
        let seed = SeededGenerator.seeds(1)[0]
        try await withDatabase { database in
            var random = SeededGenerator(seed: seed)
            let scene = try await StationScene(database, stations: 2, members: 6)
            let stations = scene.doors.map { $0[0].station }
            let now = scene.clock.nowMicroseconds
            var maker = EventMaker(scene)
            maker.offsets[stations[1]] = 20_700
            _ = try await database.query("update station set time_zone = 'Asia/Kathmandu' where station_id = \(stations[1])")
            try await maker.write((0..<300).map { _ in EventMaker.random(scene, around: now, spread: 12, &random) }, in: database)
            for _ in 0..<20 {
                guard let event = maker.events.randomElement(using: &random) else { break }
                if event.isOpen, event.direction == .inward { try await maker.annul(event, in: database) }
            }
            let today = Int(now / 86_400_000_000)
            let filters = Self.each(1...7, \.weekday) + Self.each(0...23, \.hour) + (0..<40).map { _ in Self.random(today, &random) }
            for filter in filters {
                let station = stations[Int.random(in: 0..<2, using: &random)]
                let expected = maker.events.filter { event in
                    event.station == station && (filter.from ?? maker.day(event)) <= maker.day(event)
                        && maker.day(event) <= (filter.to ?? maker.day(event))
                        && filter.hour.map { Int($0) == Int(maker.hour(event)) } ?? true
                        && filter.weekday.map { "\($0)" == maker.weekday(event) } ?? true
                        && Self.isWanted(event, filter.result, maker)
                }
                let found = try await Self.all(scene.access, station, filter)
                #expect(found == expected.map(\.requestID.lowercased).sorted(by: >), "seed \(seed): \(filter)")
            }
        }
    }

    private static func each(_ values: ClosedRange<Int32>, _ part: WritableKeyPath<AccessEventFilter, Int32?>) -> [AccessEventFilter] {
        values.map { value in
            var filter = AccessEventFilter()
            filter[keyPath: part] = value
            return filter
        }
    }

    private static func random(_ today: Int, _ random: inout SeededGenerator) -> AccessEventFilter {
        var filter = AccessEventFilter()
        let first = today - Int.random(in: 0..<12, using: &random)
        if random.chance(70) { filter.from = CalendarDate(daysSince1970: first) }
        if random.chance(70) { filter.to = CalendarDate(daysSince1970: first + Int.random(in: 0..<12, using: &random)) }
        if random.chance(50) { filter.hour = Int32.random(in: 0..<24, using: &random) }
        if random.chance(50) { filter.weekday = Int32.random(in: 1...7, using: &random) }
        filter.result = random.chance(30) ? nil : AccessEventFilter.Result.allCases.randomElement(using: &random)
        return filter
    }

    private static func isWanted(_ event: EventMaker.Made, _ result: AccessEventFilter.Result?, _ maker: EventMaker) -> Bool {
        switch result {
        case nil: true
        case .entered: event.isOpen && event.direction == .inward && !maker.annulled.contains(event.requestID)
        case .left: event.isOpen && event.direction == .outward
        case .refused: !event.isOpen
        }
    }
}
