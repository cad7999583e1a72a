import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

@Suite struct FigurePlanTests {
    /// The tables that a statement reads whole although that was made dear.
    private static func readWhole(_ database: Database, _ statement: SQL) async throws -> Set<String> {
        try await database.transaction { (transaction) async throws(PostgresError) in
            func scans() async throws(PostgresError) -> [String: Int64] {
                var scans: [String: Int64] = [:]
                for row in try await transaction.query("select relname::text, seq_scan from pg_stat_xact_user_tables") {
                    scans[try row.decode(0)] = try row.decode(1)
                }
                return scans
            }
            _ = try await transaction.query("set local enable_seqscan = off")
            // Those of earlier transactions on this connection may not have been passed on yet.
            let before = try await scans()
            _ = try await transaction.query(statement)
            return Set(try await scans().filter { $0.value > before[$0.key] ?? 0 }.keys)
        }
    }

    @Test func `new events, reports and histories are read by keys`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let figures = FigureStore(database, clock: scene.clock)
            var random = SeededGenerator(seed: 1)
            var maker = EventMaker(scene)
            let made = (0..<200).map { _ in EventMaker.random(scene, around: scene.clock.nowMicroseconds, spread: 40, &random) }
            try await maker.write(made, in: database)
            try await figures.catchUp(database)
            _ = try await database.query("analyze")
            try await maker.write([EventMaker.random(scene, around: scene.clock.nowMicroseconds, spread: 1, &random)], in: database)
            let feed = try await Self.readWhole(database, "select * from stations_feed(100)")
            #expect(feed.filter { $0.hasPrefix("access_event") || ["access_annulment", "member_passage", "member"].contains($0) } == [])
            let today = CalendarDate(daysSince1970: Int(scene.clock.nowSeconds / 86_400))
            let period = try #require(VisitPeriod(first: CalendarDate(daysSince1970: today.daysSince1970 - 100), last: today))
            for grouping in VisitGrouping.allCases {
                let statement = FigureStore.statement(by: grouping, period, station: nil, scope: .everything)
                #expect(try await !Self.readWhole(database, statement).contains("station_visit_figure"), "\(grouping)")
            }
            let visits = PassageStore.statement(of: [scene.members[0]], before: nil, limit: 50)
            #expect(try await !Self.readWhole(database, visits).contains("member_passage"))
        }
    }
}
