import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// What is done for every alarm and every policy that is tried goes by keys, however many events lie behind.
@Suite struct StationPlanTests {
    @Test func `alarms are judged, and policies tried, by keys`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database, stations: 3, members: 64)
            let scans = scene.members.enumerated().map { scene.scan(scene.code($1), at: scene.doors[$0 % 3][0]) }
            _ = try await scene.access.admit(batch: scans)
            _ = try await database.query(
                """
                insert into access_point_refusal (access_point_id, station_id, minute, refused)
                select \(scene.front.accessPoint), \(scene.front.station), now() - n * interval '1 minute', 3
                from generate_series(0, 5000) n
                """)
            _ = try await database.query(
                """
                insert into station_visit_figure (station_id, dimension, span, starts_on, key, entries)
                select \(scene.front.station), 'hour', 'day', current_date - n / 24, lpad((n % 24)::text, 2, '0'), 1
                from generate_series(0, 5000) n
                """)
            _ = try await database.query(
                """
                insert into alarm (kind, station_id, access_point_id, raised_at, cause, cause_lasts, closed_at, closed_by)
                select 'many_refusals', \(scene.front.station), \(scene.front.accessPoint), now(), '{}', false, now(), 'test'
                from generate_series(1, 5000)
                """)
            _ = try await database.query("update station set promised_open = true")
            _ = try await database.query("analyze")
            let judged = try await tableReads(database) { (transaction) async throws(PostgresError) in
                _ = try await transaction.query("select * from stations_evaluate_alarms(0)")
            }
            for table in ["access_point_refusal", "station_visit_figure", "alarm", "access_event"] {
                #expect(!judged.whole.contains { $0.hasPrefix(table) }, "\(judged.whole)")
            }
            #expect(judged.byKey["access_point_refusal"] ?? 0 <= 20 && judged.byKey["alarm"] ?? 0 <= 10, "\(judged.byKey)")
            let statement = AccessPolicyStore.statement(.standard, at: scene.front.accessPoint, days: 7, capacity: nil, offset: 0)
            let tried = try await tableReads(database) { (transaction) async throws(PostgresError) in
                _ = try await transaction.query(statement)
            }
            #expect(!tried.whole.contains { $0.hasPrefix("access_event") || $0 == "access_credential" }, "\(tried.whole)")
        }
    }
}
