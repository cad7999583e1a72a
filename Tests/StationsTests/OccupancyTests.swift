import FoundationEssentials
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// Visits that nobody ended: the night does.
@Suite struct OccupancyTests {
    private static let hour: Int64 = 3_600_000_000

    /// How often each member's presence began and ended at the front door's station.
    private static func changes(_ scene: StationScene) async throws -> [(member: ID<Member>, entries: Int, exits: Int)] {
        var changes: [(member: ID<Member>, entries: Int, exits: Int)] = []
        for row in try await scene.database.query(
            """
            select member_id, count(*) filter (where inside_change = 1), count(*) filter (where inside_change = -1)
            from access_event
            group by member_id
            order by member_id
            """)
        { changes.append((try row.decode(0), try row.decode(1), try row.decode(2))) }
        return changes
    }

    @Test func `a visit without an exit ends at 04 o'clock or after the policy's hours, whichever comes first`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database, members: 6)
            let occupancy = OccupancyStore(database, clock: scene.clock)
            _ = try await database.query("update access_point set exit_after_hours = 10")
            for member in scene.members { #expect(try await scene.admit(scene.scan(scene.code(member), at: scene.front)).isOpen) }
            // Entries on the station's clock, UTC+8, and when each visit is over.
            let trials: [(entered: String, ends: String)] = [
                ("2026-11-10 12:00", "2026-11-10 22:00"), ("2026-11-10 18:01", "2026-11-11 04:00"),
                ("2026-11-11 03:01", "2026-11-11 13:01"), ("2026-11-11 03:59", "2026-11-11 13:59"),
                ("2026-11-11 04:00", "2026-11-11 14:00"), ("2026-11-12 02:59", "2026-11-12 04:00"),
            ]
            for (member, trial) in zip(scene.members, trials) {
                _ = try await database.query(
                    """
                    update access_presence set entered_at = \(trial.entered)::text::timestamp at time zone 'Asia/Shanghai'
                    where member_id = \(member)
                    """)
            }
            for (member, trial) in zip(scene.members, trials) {
                // To the second before, and to the second.
                for (seconds, expected) in [(-1, 0), (1, 1)] as [(Int64, Int)] {
                    let offset = try await database.query(
                        """
                        select (extract(epoch from (\(trial.ends)::text::timestamp at time zone 'Asia/Shanghai') - clock_timestamp())
                            * 1000000)::bigint + \(seconds) * 1000000
                        """
                    ).single.decode(0, as: Int64.self)
                    try await occupancy.closeVisits(clockOffsetMicroseconds: offset)
                    let row = try await database.query(
                        """
                        select count(*), coalesce(max(occurred_at) = \(trial.ends)::text::timestamp at time zone 'Asia/Shanghai', true)
                        from access_event
                        where member_id = \(member) and decided_by = 'nightly'
                        """
                    ).single
                    #expect(try row.decode(0) == expected, "\(trial)")
                    #expect(try row.decode(1, as: Bool.self), "\(trial)")
                    let inside = try await database.query("select is_inside from access_presence where member_id = \(member)")
                    #expect(try inside.single.decode(0, as: Bool.self) == (expected == 0), "\(trial)")
                }
            }
            #expect(try await occupancy.outOfBalance().isEmpty)
            #expect(try await scene.stations.find(scene.front.station).peopleInside == 0)
        }
    }

    @Test func `the night leaves the event of an exit, made by no device, of unknown length`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let occupancy = OccupancyStore(database, clock: scene.clock)
            #expect(try await scene.admit(scene.scan(scene.code(scene.members[0]), at: scene.front)).isOpen)
            #expect(try await occupancy.closeVisits(clockOffsetMicroseconds: 26 * Self.hour) == 1)
            #expect(try await occupancy.closeVisits(clockOffsetMicroseconds: 26 * Self.hour) == 0)
            let event = try await database.query(
                """
                select direction, open, device_id is null, dwell_seconds is null, inside_change, people_inside, worker_kind,
                    member_organization_id, request_id::text
                from access_event
                where decided_by = 'nightly'
                """
            ).single
            #expect(try event.decode(0) == "out")
            for column in 1...3 { #expect(try event.decode(column, as: Bool.self), "\(column)") }
            #expect(try event.decode(4) == -1)
            #expect(try event.decode(5) == 0)
            #expect(try event.decode(6) == "courier")
            #expect(try event.decode(7) == scene.organization)
            let id = try event.decode(8, as: String.self)
            #expect(Array(id)[14] == "7" && Array(id)[19] == "8", "a UUIDv7")
            // Who comes out in the morning all the same opens the door, and counts for nobody.
            let out = try await scene.admit(scene.scan(scene.code(scene.members[0]), at: scene.front, .outward))
            #expect(out.isOpen && out.decision?.peopleInside == 0)
            #expect(try await occupancy.outOfBalance().isEmpty)
        }
    }

    @Test func `an exit by scan and by the night at the same time is one exit`() async throws {
        let seed = SeededGenerator.seeds(1)[0]
        try await withDatabase { database in
            var random = SeededGenerator(seed: seed)
            let scene = try await StationScene(database, members: 60)
            let occupancy = OccupancyStore(database, clock: scene.clock)
            let access = scene.access
            for round in 1...4 {
                let entries = scene.members.map { scene.scan(scene.code($0), at: scene.front) }
                #expect(try await access.admit(batch: entries).allSatisfy(\.isOpen), "seed \(seed)")
                let scans = scene.members.shuffled(using: &random).map { scene.scan(scene.code($0), at: scene.front, .outward) }
                let batches = stride(from: 0, to: scans.count, by: 7).map { Array(scans[$0..<min($0 + 7, scans.count)]) }
                let closed = try await withThrowingTaskGroup(of: Int.self) { group in
                    for (index, batch) in batches.enumerated() {
                        group.addTask(executorPreference: TestLoops.all[index % TestLoops.all.count]) { () async throws -> Int in
                            let answers = try await access.admit(batch: batch)
                            let areOpen = answers.allSatisfy { $0.isOpen }
                            #expect(areOpen)
                            return 0
                        }
                        group.addTask(executorPreference: TestLoops.all[(index + 1) % TestLoops.all.count]) {
                            try await occupancy.closeVisits(limit: 9, clockOffsetMicroseconds: 26 * Self.hour)
                        }
                    }
                    return try await group.reduce(0, +)
                }
                let changes = try await Self.changes(scene)
                #expect(changes.allSatisfy { $0.entries == round && $0.exits == round }, "seed \(seed), \(closed) by the night")
                #expect(try await occupancy.outOfBalance().isEmpty, "seed \(seed)")
                #expect(try await scene.stationsOutOfBalance == 0, "seed \(seed)")
            }
        }
    }

    @Test func `a station whose count went wrong is found, and shows nobody rather than less`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database, stations: 2)
            let occupancy = OccupancyStore(database, clock: scene.clock)
            #expect(try await scene.admit(scene.scan(scene.code(scene.members[0]), at: scene.front)).isOpen)
            #expect(try await occupancy.outOfBalance().isEmpty)
            _ = try await database.query("update station_occupancy set people = people - 2")
            #expect(try await occupancy.outOfBalance() == [scene.front.station])
            #expect(try await scene.stations.find(scene.front.station).peopleInside == 0)
            _ = try await database.query("delete from station_occupancy")
            #expect(try await occupancy.outOfBalance() == [scene.front.station])
        }
    }
}
