import Crypto
import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import Scheduler
import Synchronization
import TestSupport
import Testing

@testable import Stations

@Suite struct RetentionTests {
    /// A scene with events of a month long past, and some of today.
    private struct Past {
        let scene: StationScene
        let stations: Stations
        let month: EventMonth
        var maker: EventMaker

        init(_ database: Database) async throws {
            scene = try await StationScene(database)
            let registry = Registry(database: database, keys: scene.keys, loops: TestLoops.all)
            stations = Stations(
                database: database, registry: registry, keys: scene.keys, clock: Clock(), metrics: Metrics(), keepMonths: 6)
            maker = EventMaker(scene)
            month = try #require(EventMonth("2025-03"))
            _ = try await database.query(
                """
                do $$
                begin
                    execute format('create table access_event_2025_03 partition of access_event for values from (%L) to (%L)',
                        stations_first_request_of('2025-03-01'), stations_first_request_of('2025-04-01'));
                end
                $$
                """)
        }

        /// Events that occurred in that month, under request ids made then.
        mutating func write(_ count: Int, at microseconds: Int64 = 1_741_000_000_000_000, seed: UInt64 = 1) async throws {
            var random = SeededGenerator(seed: seed)
            let made = try (0..<count).map { _ in
                let event = EventMaker.random(scene, around: microseconds, spread: 1, &random)
                let id = try #require(UUID(uuidString: UUIDv7(microseconds: microseconds).description))
                return EventMaker.Made(
                    station: event.station, requestID: id, occurredAt: event.occurredAt, member: event.member,
                    workerKind: event.workerKind, organization: event.organization, isOpen: event.isOpen, direction: event.direction,
                    decidedBy: event.decidedBy, dwellSeconds: event.dwellSeconds)
            }
            try await maker.write(made, in: scene.database)
        }

        var archive: EventArchiveStore { stations.visits.archive }

        func job(_ name: String) throws -> Job { try #require(stations.jobs.first { $0.name == name }) }

        @discardableResult
        func export() async throws -> [UInt8] {
            let bytes = Mutex<[UInt8]>([])
            let digest = try await archive.export(month) { piece in bytes.withLock { $0 += piece } }
            let file = bytes.withLock { $0 }
            #expect(digest.sha256 == SHA256.hash(file))
            try await archive.finish(month, digest, by: "test")
            return file
        }

        /// Until nothing holds the job back: transactions of other tests on this cluster may.
        func retire() async throws {
            try await stations.visits.figures.catchUp(scene.database)
            let job = try job("stations.retention")
            while try await archive.months().contains(month) {
                try await job.run()
                await Task.yield()
            }
        }

        func report() async throws -> [String] {
            let period = try #require(VisitPeriod(first: month.first, last: CalendarDate(daysSince1970: month.first.daysSince1970 + 40)))
            return try await stations.visits.figures.lines(by: .hour, period, station: nil, scope: .everything).map { "\($0)" }
        }
    }

    @Test func `a month is dropped only once it stands in a file, and its figures stay, also when made anew`() async throws {
        try await withDatabase { database in
            var past = try await Past(database)
            try await past.write(200)
            try await past.maker.annul(past.maker.events[3], in: database)
            try await past.stations.visits.figures.catchUp(database)
            let report = try await past.report()
            #expect(!report.isEmpty)
            try await past.job("stations.retention").run()
            #expect(try await past.archive.months().contains(past.month), "not exported yet")

            let file = String(decoding: try await past.export(), as: UTF8.self)
            let lines = file.split(separator: "\n")
            #expect(lines.count == 201)
            #expect(lines[0].hasPrefix("station_id,access_point_id,device_id,member_id,code_sequence,occurred_at,recorded_at,request_id,"))
            #expect(file.contains("+00,"), "times are UTC")
            #expect(lines.count { $0.hasSuffix(",other") } == 1, "annulled")
            try await past.retire()
            #expect(try await past.scene.eventCount == 0)
            #expect(try await past.report() == report)
            try await past.stations.visits.figures.rebuild()
            #expect(try await past.report() == report)
            let actions = try await database.query("select action from audit_entry where subject = 'month:2025-03' order by entry_id")
            #expect(try actions.map { try $0.decode(0, as: String.self) } == ["events.exported", "events.dropped"])
            await #expect(throws: EventArchiveStore.ExportError.noSuchMonth) { try await past.archive.export(past.month) { _ in } }
            // A door that comes back after a year still has its journal kept and counted.
            try await past.write(1, seed: 2)
            try await past.stations.visits.figures.catchUp(database)
            #expect(try await past.archive.strayCount() == 1)
            #expect(try await past.report() != report)
        }
    }

    @Test func `a month that goes on cannot be exported, nor one that never was`() async throws {
        try await withDatabase { database in
            let past = try await Past(database)
            let months = try await past.archive.months()
            #expect(months.first == past.month && months == months.sorted())
            let current = try #require(months.dropFirst().first)
            await #expect(throws: EventArchiveStore.ExportError.monthNotOver) { try await past.archive.export(current) { _ in } }
            let never = try #require(EventMonth("2024-12"))
            await #expect(throws: EventArchiveStore.ExportError.noSuchMonth) { try await past.archive.export(never) { _ in } }
            #expect(EventMonth("2024-13") == nil && EventMonth("2024-1") == nil && EventMonth("x") == nil)
        }
    }

    @Test func `what comes in after the export keeps the month until it is exported again`() async throws {
        try await withDatabase { database in
            var past = try await Past(database)
            try await past.write(20)
            try await past.export()
            try await past.write(1, seed: 2)
            try await past.stations.visits.figures.catchUp(database)
            guard case .changedSince = try await past.archive.retire(past.month) else {
                Issue.record("the partition is not what was exported")
                return
            }
            #expect(try await past.scene.eventCount == 21)
            try await past.export()
            try await past.retire()
            #expect(try await past.scene.eventCount == 0)
        }
    }

    @Test func `what comes in between verifying and dropping is seen, and nothing is lost or counted twice`() async throws {
        try await withDatabase { database in
            var past = try await Past(database)
            try await past.write(50)
            try await past.stations.visits.figures.catchUp(database)
            try await past.export()
            // Cut after verifying: something else holds the table, as a long report does.
            try await database.transaction { transaction in
                _ = try await transaction.query("select count(*) from access_event")
                while try await database.query("select verified_before from access_event_export where verified_before is not null").isEmpty
                {
                    _ = try await past.archive.retire(past.month)
                }
                guard case .later = try await past.archive.retire(past.month) else {
                    Issue.record("the table is in use")
                    return
                }
            }
            let report = try await past.report()
            try await past.stations.visits.figures.rebuild()
            #expect(try await past.report() == report, "what is kept counts only once the events are gone")
            try await past.write(1, seed: 3)
            #expect(try await !database.query("select stations_drop_partition('2025-03-01', 0)").single.decode(0, as: Bool.self))
            #expect(try await past.scene.eventCount == 51)
            // The crash of a server in between leaves just this: another one goes on.
            try await past.export()
            try await past.retire()
            #expect(try await past.scene.eventCount == 0)
            let after = try await past.report()
            #expect(after != report)
            try await past.stations.visits.figures.rebuild()
            #expect(try await past.report() == after)
            #expect(try await database.query("select stations_drop_partition('2025-03-01', 0)").single.decode(0, as: Bool.self))
        }
    }

    @Test func `events that the feed has not counted keep their month`() async throws {
        try await withDatabase { database in
            var past = try await Past(database)
            try await past.write(10)
            try await past.export()
            guard case .later = try await past.archive.retire(past.month) else {
                Issue.record("figures would be lost")
                return
            }
            try await past.retire()
            #expect(try await !past.report().isEmpty)
        }
    }

    @Test func `passages are forgotten with the months`() async throws {
        try await withDatabase { database in
            var past = try await Past(database)
            try await past.write(50)
            #expect(try await past.scene.admit(past.scene.scan(past.scene.code(past.scene.members[0]), at: past.scene.front)).isOpen)
            try await past.stations.visits.figures.catchUp(database)
            let count: SQL = "select count(*) from member_passage"
            #expect(try await database.query(count).single.decode(0, as: Int.self) > 1)
            try await past.job("stations.retention").run()
            #expect(try await database.query(count).single.decode(0, as: Int.self) == 1)
        }
    }

    @Test func `partitions are made ahead by the job, and strays are seen`() async throws {
        try await withDatabase { database in
            let past = try await Past(database)
            let newest = try #require(try await past.archive.months().last)
            _ = try await database.query("drop table \(raw: newest.partition)")
            try await past.job("stations.partitions").run()
            #expect(try await past.archive.months().last == newest)
            #expect(try await past.archive.strayCount() == 0)
            let zero = try #require(UUID(uuidString: "00000000-0000-0000-0000-000000000000"))
            _ = try await past.scene.admit(past.scene.scan("x", at: past.scene.front, requestID: zero))
            #expect(try await past.archive.strayCount() == 1)
        }
    }
}
