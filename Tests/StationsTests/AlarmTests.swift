import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

@Suite struct AlarmTests {
    /// A scene whose clock and alarms can be looked at together.
    private struct Watch {
        let scene: StationScene
        let registry: Registry
        /// Evaluates at the time of the tables.
        let alarms: AlarmStore

        init(_ database: Database) async throws {
            scene = try await StationScene(database)
            registry = Registry(database: database, keys: scene.keys, loops: TestLoops.all)
            alarms = AlarmStore(database, registry: registry, clock: Clock())
        }

        func later(_ seconds: Int64) -> AlarmStore {
            AlarmStore(scene.database, registry: registry, clock: Clock(offsetMicroseconds: seconds * 1_000_000))
        }

        func beat(
            _ state: DoorState = .closed, ahead seconds: Int64 = 0, at door: StationScene.Door? = nil, by device: ID<Device>? = nil
        ) async throws -> Bool {
            let door = door ?? scene.front
            let occurredAt = Timestamp(microseconds: Clock().nowMicroseconds + seconds * 1_000_000)
            let heartbeat = Heartbeat(occurredAt: occurredAt.description, softwareVersion: "1.0", doorState: state)
            return try await alarms.heard(heartbeat, occurredAt: occurredAt, from: device ?? door.device, at: door.accessPoint) != nil
        }

        func open() async throws -> [AlarmKind] { try await all(isOpen: true).map(\.kind) }

        func all(isOpen: Bool? = nil) async throws -> [Alarm] {
            try await alarms.list(AlarmStore.Filter(isOpen: isOpen), scope: .everything, before: nil, limit: 100)
        }

        func told() async throws -> [String] {
            var types: [String] = []
            for row in try await scene.database.query("select type from outbox_event where type like 'alarm.%' order by event_id") {
                types.append(try row.decode(0))
            }
            return types
        }

        func request(_ role: AccountRole = .operator) -> OrganizerPrincipal {
            OrganizerPrincipal(accountID: ID(1), grants: [AccountGrant(role: role, organizationID: nil)])
        }
    }

    @Test func `a controller that falls silent raises one alarm, which ends with its next heartbeat`() async throws {
        try await withDatabase { database in
            let watch = try await Watch(database)
            try await watch.alarms.evaluate()
            #expect(try await watch.open() == [], "a door that never had a controller is not silent")
            #expect(try await watch.beat())
            try await watch.later(110).evaluate()
            #expect(try await watch.open() == [])
            for _ in 0..<3 { try await watch.later(130).evaluate() }
            let alarm = try #require(try await watch.all().first)
            #expect(try await watch.all().count == 1)
            #expect(alarm.kind == .noHeartbeat && alarm.accessPointId == watch.scene.front.accessPoint && alarm.state == .raised)
            #expect(alarm.cause["silentSeconds"] == .number(130))
            try await watch.alarms.evaluate()
            let ended = try #require(try await watch.all().first)
            #expect(ended.state == .closed && !ended.causeLasts && ended.closedBy == "job:stations.alarms")
            #expect(try await watch.told() == ["alarm.raised", "alarm.closed"])
            try await watch.later(300).evaluate()
            #expect(try await watch.all().count == 2, "the next silence is another alarm")
        }
    }

    @Test func `a device that no longer serves, or was revoked, is not missed`() async throws {
        try await withDatabase { database in
            let watch = try await Watch(database)
            #expect(try await watch.beat())
            #expect(try await watch.beat(at: watch.scene.back))
            try await watch.later(130).evaluate()
            #expect(try await watch.open() == [.noHeartbeat, .noHeartbeat])
            _ = try await watch.scene.accessPoints.unassign(watch.scene.front.device, from: watch.scene.front.accessPoint)
            _ = try await database.query("update device set revoked_at = now() where device_id = \(watch.scene.back.device)")
            try await watch.later(140).evaluate()
            #expect(try await watch.open() == [])
        }
    }

    @Test func `a device speaks only for the doors it serves`() async throws {
        try await withDatabase { database in
            let watch = try await Watch(database)
            #expect(try await !watch.beat(by: watch.scene.back.device))
            #expect(try await database.query("select count(*) from device_heartbeat").single.decode(0, as: Int.self) == 0)
        }
    }

    @Test func `a clock that is more than 90 seconds off raises an alarm either way`() async throws {
        try await withDatabase { database in
            let watch = try await Watch(database)
            for (seconds, kinds) in [(80, []), (-80, []), (100, [.clockOff]), (0, []), (-100, [.clockOff])] as [(Int64, [AlarmKind])] {
                #expect(try await watch.beat(ahead: seconds))
                try await watch.alarms.evaluate()
                #expect(try await watch.open() == kinds, "\(seconds)")
            }
            #expect(try await watch.all().first?.cause["aheadSeconds"] == .number(-100))
        }
    }

    @Test func `a door held open ends its alarm by closing, a forced one only by a person`() async throws {
        try await withDatabase { database in
            let watch = try await Watch(database)
            #expect(try await watch.beat(.held))
            try await watch.alarms.evaluate()
            #expect(try await watch.open() == [.doorHeld])
            #expect(try await watch.beat(.closed))
            try await watch.alarms.evaluate()
            #expect(try await watch.open() == [])

            #expect(try await watch.beat(.forced))
            try await watch.alarms.evaluate()
            #expect(try await watch.open() == [.doorForced])
            #expect(try await watch.beat(.closed))
            try await watch.alarms.evaluate()
            #expect(try await watch.open() == [.doorForced], "somebody must have looked")
            #expect(try await watch.beat(.forced))
            try await watch.alarms.evaluate()
            #expect(try await watch.all().count == 2, "forced again while open is the same alarm")
        }
    }

    @Test func `what a person closed is not raised again while its cause lasts`() async throws {
        try await withDatabase { database in
            let watch = try await Watch(database)
            #expect(try await watch.beat(.forced))
            try await watch.alarms.evaluate()
            _ = try await database.query("update alarm set closed_at = clock_timestamp(), closed_by = 'account:1'")
            for _ in 0..<3 { try await watch.alarms.evaluate() }
            #expect(try await watch.all().count == 1)
            #expect(try await watch.beat(.closed))
            try await watch.alarms.evaluate()
            #expect(try await watch.beat(.forced))
            try await watch.alarms.evaluate()
            #expect(try await watch.all().count == 2)
            #expect(try await watch.open() == [.doorForced])
        }
    }

    @Test func `more than 20 refusals within 10 minutes raise an alarm, and it ends when they do`() async throws {
        try await withDatabase { database in
            let watch = try await Watch(database)
            let figures = FigureStore(database, clock: Clock())
            func refuse(_ count: Int) async throws {
                let scans = (0..<count).map { _ in watch.scene.scan("nonsense", at: watch.scene.front) }
                #expect(try await watch.scene.access.admit(batch: scans).allSatisfy { !$0.isOpen })
                try await figures.catchUp(database)
                try await watch.alarms.evaluate()
            }
            try await refuse(20)
            #expect(try await watch.open() == [])
            try await refuse(1)
            #expect(try await watch.open() == [.manyRefusals])
            #expect(try await watch.all().first?.cause["refused"] == .number(21))
            try await watch.later(12 * 60).evaluate()
            #expect(try await watch.open() == [])
        }
    }

    @Test func `a station that promised to be open and let nobody in for a day raises an alarm, if people used to come`() async throws {
        try await withDatabase { database in
            let watch = try await Watch(database)
            let figures = FigureStore(database, clock: Clock())
            var random = SeededGenerator(seed: 1)
            let now = Clock().nowMicroseconds
            var maker = EventMaker(watch.scene)
            func enter(daysAgo days: Int64, hours: Int64 = 0) async throws {
                let random = EventMaker.random(watch.scene, around: now - days * 86_400_000_000 - hours * 3_600_000_000, spread: 0, &random)
                try await maker.write(
                    [
                        EventMaker.Made(
                            station: random.station, requestID: random.requestID, occurredAt: random.occurredAt,
                            member: watch.scene.members[0], workerKind: "courier", organization: watch.scene.organization, isOpen: true,
                            direction: .inward, decidedBy: "server", dwellSeconds: nil)
                    ], in: database)
            }
            func evaluate() async throws -> [AlarmKind] {
                try await figures.catchUp(database)
                while try await figures.asOf().microseconds < now { try await figures.feed() }
                try await watch.alarms.evaluate()
                return try await watch.open()
            }
            for day in 2...7 { try await enter(daysAgo: Int64(day)) }
            _ = try await database.query("update station set promised_open = true")
            #expect(try await evaluate() == [], "six days of fourteen are not typical")
            try await enter(daysAgo: 9)
            #expect(try await evaluate() == [.noEntry])
            #expect(try await watch.all().first?.accessPointId == nil)
            try await enter(daysAgo: 0, hours: 22)
            #expect(try await evaluate() == [])
            _ = try await database.query("update station set promised_open = false")
            try await watch.later(2 * 86_400).evaluate()
            #expect(try await watch.open() == [], "nothing was promised")
            _ = try await database.query("update station set promised_open = true, status = 'decommissioned'")
            try await watch.later(2 * 86_400).evaluate()
            #expect(try await watch.open() == [])
            _ = try await database.query("update station set status = 'open'")
            _ = try await database.query("update access_feed set as_of = as_of - interval '1 hour'")
            try await watch.later(2 * 86_400).evaluate()
            #expect(try await watch.open() == [], "nobody knows while the figures are behind")
        }
    }

    @Test func `evaluations at the same time raise one alarm and tell of it once`() async throws {
        try await withDatabase { database in
            let watch = try await Watch(database)
            #expect(try await watch.beat(.held, ahead: 200))
            let alarms = watch.later(130)
            let changes = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<8 {
                    group.addTask(executorPreference: TestLoops.all[index % TestLoops.all.count]) { try await alarms.evaluate() }
                }
                return try await group.reduce(0, +)
            }
            // Silent, held and (seen from later) on time no more.
            let open = try await watch.open()
            #expect(Set(open).count == open.count && open.contains(.doorHeld) && open.contains(.noHeartbeat))
            #expect(changes == open.count)
            #expect(try await watch.told().count == open.count)
        }
    }
}
