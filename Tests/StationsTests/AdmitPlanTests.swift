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
            // Cards with PINs, organizations and a capacity, so that every look-up is made.
            for (index, member) in scene.members.prefix(8).enumerated() {
                try await scene.insert(
                    AdmitModel.Card(kind: .card, member: member, pinDigest: StationScene.digest(0), organization: scene.organization),
                    digest: StationScene.digest(UInt8(index)))
            }
            try await scene.set(AccessPolicy(organizationIds: [scene.organization]), at: doors[0])
            try await scene.set(AdmitModel.Place(organization: scene.organization, capacity: 100), of: doors[0].station)
            let cards = (0..<8).map { index in
                scene.scan(.card(digest: StationScene.digest(index), pinDigest: StationScene.digest(index % 2)), at: doors[0])
            }
            // Some are new, some repeat.
            let again = cards + scans.prefix(10) + scene.members.prefix(20).map { scene.scan(scene.code($0), at: doors[0], .outward) }
            let scanned = try await database.transaction { (transaction) async throws(PostgresError) in
                _ = try await transaction.query(AccessStore.statement(Array(again), scene.fingerprints, 0))
                // What this transaction has read so far, whatever the statements inside the function were.
                return try await Self.tables(transaction, "seq_scan > 0")
            }
            #expect(scanned.isEmpty)
            let byIndex = try await database.transaction { (transaction) async throws(PostgresError) in
                _ = try await transaction.query(AccessStore.statement(Array(again), scene.fingerprints, 0))
                return try await Self.tables(transaction, "idx_scan > 0")
            }
            #expect(
                Set([
                    "access_credential", "access_point", "access_presence", "device_access_point", "member", "organization_ancestor",
                    "station", "station_occupancy",
                ]).isSubset(of: byIndex))
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
                _ = try await transaction.query(AccessStore.statement(Array(scans.prefix(32)), scene.fingerprints, 0))
                _ = try await transaction.query(
                    """
                    insert into access_presence (station_id, member_id)
                    select \(scene.front.station), -n from generate_series(1, 5000) n
                    """)
                let fetches: SQL = "select idx_tup_fetch from pg_stat_xact_user_tables where relname = 'access_presence'"
                let before = try await transaction.query(fetches).single.decode(0, as: Int.self)
                _ = try await transaction.query(AccessStore.statement(Array(scans.suffix(32)), scene.fingerprints, 0))
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
