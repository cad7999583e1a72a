import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

@Suite struct AdmitPlanTests {
    @Test func `a batch of scans reads every table by its keys`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database, stations: 2, members: 64)
            let doors = scene.doors.flatMap(\.self)
            let scans = scene.members.enumerated().map { scene.scan(scene.code($1), at: doors[$0 % doors.count]) }
            _ = try await scene.access.admit(batch: scans)
            _ = try await database.query("analyze")
            // Some are new, some repeat.
            let again = scans.prefix(10) + scene.members.prefix(20).map { scene.scan(scene.code($0), at: doors[0], .outward) }
            let scanned = try await database.transaction { (transaction) async throws(PostgresError) in
                _ = try await transaction.query(AccessStore.statement(Array(again), 0))
                // What this transaction has read so far, whatever the statements inside the function were.
                return try await Self.tables(transaction, "seq_scan > 0")
            }
            #expect(scanned.isEmpty)
            let byIndex = try await database.transaction { (transaction) async throws(PostgresError) in
                _ = try await transaction.query(AccessStore.statement(Array(again), 0))
                return try await Self.tables(transaction, "idx_scan > 0")
            }
            #expect(
                Set(["access_point", "access_presence", "device_access_point", "member", "station", "station_occupancy"]).isSubset(
                    of: byIndex))
        }
    }

    @Test func `a plan made on empty tables still goes by keys when they have grown`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database, members: 64)
            // Two halves, so that the second one's members are not found when they are looked for.
            let scans = scene.members.map { scene.scan(scene.code($0), at: scene.front) }
            // In one transaction, and so on one connection, which keeps its plans.
            let fetched = try await database.transaction { (transaction) async throws(PostgresError) in
                _ = try await transaction.query("analyze access_presence, station_occupancy, access_event")
                _ = try await transaction.query(AccessStore.statement(Array(scans.prefix(32)), 0))
                _ = try await transaction.query(
                    """
                    insert into access_presence (station_id, member_id)
                    select \(scene.front.station), -n from generate_series(1, 5000) n
                    """)
                let fetches: SQL = "select idx_tup_fetch from pg_stat_xact_user_tables where relname = 'access_presence'"
                let before = try await transaction.query(fetches).single.decode(0, as: Int.self)
                _ = try await transaction.query(AccessStore.statement(Array(scans.suffix(32)), 0))
                return try await transaction.query(fetches).single.decode(0, as: Int.self) - before
            }
            #expect(fetched <= 32 * 6)
        }
    }

    @Test func `the newest scans of a station are read by the key`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database, members: 1)
            _ = try await scene.admit(scene.scan(scene.code(scene.members[0]), at: scene.front))
            let scanned = try await database.transaction { (transaction) async throws(PostgresError) in
                // Small tables are scanned whole otherwise.
                _ = try await transaction.query("set local enable_seqscan = off")
                _ = try await transaction.query(AccessStore.eventsStatement(of: scene.front.station, before: nil, limit: 50))
                return try await Self.tables(transaction, "seq_scan > 0")
            }
            #expect(scanned.isEmpty)
        }
    }

    private static func tables(_ querying: any Querying, _ condition: String) async throws(PostgresError) -> [String] {
        var tables: [String] = []
        for row in try await querying.query("select relname::text from pg_stat_xact_user_tables where \(raw: condition)") {
            tables.append(try row.decode(0))
        }
        return tables
    }
}
