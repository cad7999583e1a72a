import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// What the live board says of stations.
@Suite struct StationBoardTests {
    private static func rows(
        _ scene: StationScene, below roots: [ID<Organization>]? = nil, later seconds: Int64 = 0
    ) async throws -> [StationBoardRow] {
        let boards = StationBoardStore(
            scene.database, clock: Clock(offsetMicroseconds: scene.clock.offsetMicroseconds + seconds * 1_000_000))
        return try await boards.rows(below: roots ?? [], everything: roots == nil)
    }

    @Test func `people, entries, refusals and the last entry are the doors' own`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database, stations: 2, members: 4)
            _ = try await database.query("update station set capacity = 12 where station_id = \(scene.front.station)")
            let codes = scene.members.map { scene.code($0) }
            for code in codes[..<3] { #expect(try await scene.admit(scene.scan(code, at: scene.front)).isOpen) }
            #expect(try await !scene.admit(scene.scan(codes[0], at: scene.front)).isOpen, "shown twice")
            #expect(try await scene.admit(scene.scan(scene.code(scene.members[1]), at: scene.front, .outward)).isOpen)
            let annulled = scene.scan(codes[3], at: scene.back)
            #expect(try await scene.admit(annulled).isOpen)
            let figures = FigureStore(database, clock: scene.clock)
            try await figures.catchUp(database, eventsMax: 50)
            let before = try #require(try await Self.rows(scene).first?.line)
            #expect(before.entriesLastHour == 4 && before.peopleInside == 3)
            let taken = try await AnnulmentStore(database, clock: scene.clock).annul([
                Annulment(requestID: annulled.requestID, deviceID: scene.back.device, accessPointID: scene.back.accessPoint)
            ])
            #expect(taken.count == 1)
            try await figures.catchUp(database, eventsMax: 50)

            let rows = try await Self.rows(scene)
            #expect(rows.map(\.line.id) == scene.doors.map { $0[0].station })
            let line = rows[0].line
            #expect(line.peopleInside == 2 && line.capacity == 12 && line.isOpen && line.doorState == .normal)
            #expect(line.entriesLastHour == 3 && line.refusalsLastHour == 1)
            let last = try #require(line.lastEntryAt.flatMap { Timestamp(dateTime: $0) })
            #expect(abs(last.microseconds - scene.clock.nowMicroseconds) < 60_000_000)
            let other = rows[1].line
            #expect(other.entriesLastHour == 0 && other.peopleInside == 0 && other.lastEntryAt == nil && other.heardAt == nil)

            let later = try #require(try await Self.rows(scene, later: 3_721).first?.line)
            #expect(later.entriesLastHour == 0 && later.refusalsLastHour == 0 && later.lastEntryAt == line.lastEntryAt)
            let boards = StationBoardStore(database, clock: Clock(offsetMicroseconds: 4 * 3_600_000_000))
            #expect(try await boards.purgeMinutes(limit: 10_000) > 0)
            #expect(try await database.query("select from station_minute union all select from access_point_refusal").isEmpty)
        }
    }

    @Test func `an entry that was annulled before it was counted never counts`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let scan = scene.scan(scene.code(scene.members[0]), at: scene.front)
            #expect(try await scene.admit(scan).isOpen)
            _ = try await AnnulmentStore(database, clock: scene.clock).annul([
                Annulment(requestID: scan.requestID, deviceID: scene.front.device, accessPointID: scene.front.accessPoint)
            ])
            try await FigureStore(database, clock: scene.clock).catchUp(database, eventsMax: 50)
            let sum: Int64 = try await database.query("select coalesce(sum(entered), 0) from station_minute").single.decode(0)
            #expect(sum == 0)
        }
    }

    @Test func `doors that are locked down, alarms and silent controllers show`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database, stations: 2)
            let registry = Registry(database: database, keys: scene.keys, loops: TestLoops.all)
            let alarms = AlarmStore(database, registry: registry, clock: scene.clock)
            func beat(_ door: StationScene.Door, _ state: DoorState = .closed) async throws {
                let now = Timestamp(microseconds: scene.clock.nowMicroseconds)
                let heartbeat = Heartbeat(occurredAt: now.description, softwareVersion: "1.0", doorState: state)
                #expect(try await alarms.heard(heartbeat, occurredAt: now, from: door.device, at: door.accessPoint) != nil)
            }
            try await beat(scene.front)
            try await beat(scene.back)
            let well = try #require(try await Self.rows(scene).first?.line)
            #expect(well.controllers == 2 && well.controllersSilent == 0 && well.heardAt != nil && well.alarmsOpen == 0)
            #expect(well.worstAlarm == nil)

            try await beat(scene.front, .forced)
            try await beat(scene.doors[1][0], .held)
            _ = try await database.query(
                "update device_heartbeat set received_at = received_at - interval '121 s' where device_id = \(scene.back.device)")
            try await alarms.evaluate()
            _ = try await database.query("update station set door_state = 'locked_down' where station_id = \(scene.front.station)")
            let lines = try await Self.rows(scene).map(\.line)
            #expect(lines[0].controllers == 2 && lines[0].controllersSilent == 1)
            #expect(lines[0].alarmsOpen == 3 && lines[0].worstAlarm == .doorForced)
            #expect(!lines[0].isOpen && lines[0].doorState == .lockedDown)
            #expect(lines[1].alarmsOpen == 1 && lines[1].worstAlarm == .doorHeld && lines[1].isOpen)
            #expect(!well.isAlike(lines[0]))
            var later = well
            later.heardAt = nil
            #expect(later.isAlike(well), "a heartbeat in its time is no change")

            _ = try await registry.devices.revoke(scene.back.device)
            #expect(try await Self.rows(scene).first?.line.controllersSilent == 0, "shut out, it says nothing any more")
        }
    }

    @Test func `the board respects scopes, and leaves out what was given up`() async throws {
        try await withDatabase { database in
            let house = try await PolicyHouse(database)
            let north = try await house.scene.stations.create(
                StationDraft(organizationId: house.north, nameZh: "北站"), in: database)
            func names(_ bearer: String) async throws -> [String] {
                let answer = try await house.send(.get, "/v1/station-board", bearer: bearer)
                #expect(answer.status == 200 && answer.header("Cache-Control") == "no-store")
                return try answer.json(StationBoard.self).items.map(\.nameZh)
            }
            #expect(try await names(PolicyHouse.owner) == ["驿站0", "北站"])
            #expect(try await names(PolicyHouse.northern) == ["北站"])
            let rows = try await Self.rows(house.scene, below: [house.north, house.scene.organization])
            #expect(rows.map(\.reached) == [[house.scene.organization], [house.scene.organization, house.north].sorted()])
            #expect(rows.map { $0.isWithin(Scope(subtrees: [house.north])) } == [false, true])
            _ = try await database.query("update station set status = 'decommissioned' where station_id = \(north.id)")
            #expect(try await names(PolicyHouse.owner) == ["驿站0"])
        }
    }

    @Test func `five hundred stations are read by keys, in one statement`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            _ = try await database.query(
                """
                with made as (
                    insert into station (organization_id, name_zh) select \(scene.organization), '站' || n from generate_series(1, 500) n
                    returning station_id
                ),
                doors as (
                    insert into access_point (station_id, name, policy) select station_id, 'door', '{}' from made
                )
                insert into station_minute (station_id, minute, entered, refused)
                select station_id, date_trunc('minute', now()) - n * interval '1 minute', 2, 1 from made, generate_series(0, 179) n
                """)
            _ = try await database.query(
                """
                insert into alarm (kind, station_id, raised_at, cause, cause_lasts, closed_at, closed_by)
                select 'no_entry', \(scene.front.station), now(), '{}', false, now(), 'test' from generate_series(1, 5000)
                """)
            _ = try await database.query("analyze")
            let boards = StationBoardStore(database, clock: scene.clock)
            var found: [StationBoardRow] = []
            let reads = try await tableReads(database) { (transaction) async throws(PostgresError) in
                found = try await boards.rows(below: [], everything: true, in: transaction)
            }
            #expect(reads.whole.isEmpty, "\(reads.whole)")
            #expect(found.count == 501 && found[1].line.entriesLastHour == 122 && found[1].line.refusalsLastHour == 61)
            #expect(reads.byKey["alarm"] ?? 0 == 0 && reads.byKey["station_minute"] ?? 0 <= 501 * 62, "\(reads.byKey)")
        }
    }
}
