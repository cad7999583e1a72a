import FoundationEssentials
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// What is asked often, or under a member's lock, goes by keys.
@Suite struct WaysPlanTests {
    /// The tables that `statement` read whole, in a database with some thousands of rows in each.
    private func tablesReadWhole(
        _ scene: StationScene, _ statement: @escaping @Sendable (any Querying) async throws(PostgresError) -> Void
    ) async throws -> [String] {
        try await scene.database.transaction { (transaction) async throws(PostgresError) in
            try await statement(transaction)
            let rows = try await transaction.query(
                """
                select relname::text from pg_stat_xact_user_tables
                where seq_scan > 0 and relname in (
                    'access_event', 'access_command', 'access_presence', 'access_annulment', 'access_credential', 'member')
                    or seq_scan > 0 and relname like 'access_event%'
                """)
            var tables: [String] = []
            for row in rows { tables.append(try row.decode(0)) }
            return tables
        }
    }

    private func crowded(_ database: Database) async throws -> StationScene {
        let scene = try await StationScene(database, stations: 2, members: 200)
        let scans = scene.members.map { scene.scan(scene.code($0), at: scene.front) }
        for start in stride(from: 0, to: scans.count, by: 64) {
            _ = try await scene.access.admit(batch: Array(scans[start..<min(start + 64, scans.count)]))
        }
        _ = try await database.query(
            """
            insert into access_command (access_point_id, kind, request_id, created_at, expires_at)
            select \(scene.front.accessPoint) + n % 4, 'open', gen_random_uuid(), now() - n * interval '1 s',
                now() - (n - 10) * interval '1 s'
            from generate_series(1, 5000) n
            """)
        _ = try await database.query(
            """
            insert into access_credential (credential_digest, kind, member_id, created_by)
            select sha256(n::text::bytea), 'number', \(scene.members[0]) + n % 200, 'test' from generate_series(1, 5000) n
            """)
        _ = try await database.query("analyze")
        return scene
    }

    @Test func `commands, annulments, cards and askings go by keys`() async throws {
        try await withDatabase { database in
            let scene = try await crowded(database)
            let store = AccessCommandStore(database, clock: scene.clock)
            let (devices, points) = ([scene.front.device, scene.back.device], [scene.front.accessPoint, scene.back.accessPoint])
            let waiting = try await tablesReadWhole(scene) { (transaction) async throws(PostgresError) in
                _ = try await transaction.query(store.inForceStatement(devices, points))
            }
            #expect(waiting == [])
            let event: UUID = try await database.query("select request_id from access_event limit 1").single.decode(0)
            let annulment = Annulment(requestID: event, deviceID: scene.front.device, accessPointID: scene.front.accessPoint)
            let annulled = try await tablesReadWhole(scene) { (transaction) async throws(PostgresError) in
                _ = try await transaction.query(AnnulmentStore.statement([annulment, annulment], 0))
            }
            #expect(annulled == [])
            let reader = ScanReader(scene.keys)
            let now = scene.clock.nowMicroseconds
            let credentials: [ScanCredential] = [
                reader.read("NFC:DEADBEEF", pin: "1357", nowMicroseconds: now), reader.read("12345678", pin: nil, nowMicroseconds: now),
                .doorCode(scene.members[0], code: "WSD1:", refusal: nil), .doorCode(scene.members[1], code: "WSD1:", refusal: nil),
            ]
            let scans = credentials.map {
                AccessScan(
                    requestID: StationScene.requestID(), deviceID: nil, accessPointID: scene.front.accessPoint, direction: .outward,
                    occurredAt: Timestamp(microseconds: now), credential: $0)
            }
            let asked = try await tablesReadWhole(scene) { (transaction) async throws(PostgresError) in
                _ = try await transaction.query(AccessStore.statement(scans, scene.fingerprints, 0))
            }
            #expect(asked == [])
            #expect(
                try await database.query("select count(*) from access_command where expires_at > now() + interval '5 s'").single.decode(0)
                    > 0)
        }
    }
}
