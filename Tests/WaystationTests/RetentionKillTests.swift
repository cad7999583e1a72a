import Crypto
import FoundationEssentials
import Glibc
import HTTP
import Postgres
import Registry
import Runtime
import Stations
import TestSupport
import Testing

/// A month's way into a file and out of the database, while the programs that do it are killed at each of its steps.
struct RetentionKillTests {
    private static let events = 60

    /// A station with events of a month long past, all of them counted.
    private struct Past {
        let database: Database
        let stations: Stations
        let folder: String
        let connection: [String]
        let month: EventMonth

        init(_ database: Database, folder: String) async throws {
            self.database = database
            self.folder = folder
            let keys = try KeyFile.openOrCreate(path: folder + "/keys.json")
            let registry = Registry(database: database, keys: keys, loops: TestLoops.all)
            stations = Stations(database: database, registry: registry, keys: keys, clock: Clock(), metrics: Metrics(), keepMonths: 6)
            month = try #require(EventMonth("2025-03"))
            let name: String = try await database.query("select current_database()::text")[0].decode(0)
            connection = ["--database", try await TestCluster.shared.connectionString(name), "--keys", folder + "/keys.json"]
            let organization: ID<Organization> = try await database.query(
                "select organization_id from registry_organization_create(null, 'city', 'Debao')"
            )[0].decode(0)
            let station = try await stations.stations.create(StationDraft(organizationId: organization, nameZh: "驿站"), in: database)
            try await database.transaction { transaction in
                try await transaction.script(
                    """
                    do $$
                    begin
                        execute format('create table access_event_2025_03 partition of access_event for values from (%L) to (%L)',
                            stations_first_request_of('2025-03-01'), stations_first_request_of('2025-04-01'));
                    end
                    $$;
                    insert into access_event (
                        station_id, access_point_id, member_id, occurred_at, recorded_at, request_id, relay_milliseconds, people_inside,
                        inside_change, batch_position, open, direction, fingerprint, reasons)
                    select
                        \(station.id), 1, n % 7, '2025-03-05', '2025-03-05',
                        (lpad(to_hex((extract(epoch from '2025-03-05'::date) * 1000)::bigint), 12, '0')
                            || '70008' || lpad(to_hex(n), 15, '0'))::uuid,
                        0, 0, 0, 1, true, case when n % 2 = 0 then 'in' else 'out' end, '', '{}'
                    from generate_series(1, \(events)) n;
                    """)
            }
            try await count()
        }

        /// Until the feed has taken all of them.
        private func count() async throws {
            let last: Int64 = try await database.query("select pg_current_xact_id()::text::bigint")[0].decode(0)
            while try await database.query("select horizon::text::bigint from access_feed")[0].decode(0, as: Int64.self) <= last {
                _ = try await stations.visits.figures.feed()
            }
        }

        var file: String { folder + "/2025-03.csv" }

        var bytes: [UInt8] {
            get throws { Array(try #require(FileManager.default.contents(atPath: file))) }
        }

        func report() async throws -> [String] {
            let period = try #require(VisitPeriod(first: month.first, last: CalendarDate(daysSince1970: month.first.daysSince1970 + 30)))
            return try await stations.visits.figures.lines(by: .day, period, station: nil, scope: .everything).map { "\($0)" }
        }

        var eventCount: Int {
            get async throws { try await database.query("select count(*) from access_event")[0].decode(0) }
        }

        var isDropped: Bool {
            get async throws { try await !stations.visits.archive.months().contains(month) }
        }

        /// Runs a program until a statement of its that begins so waits for `table`, and kills it there.
        ///
        /// A run that another one kept from coming so far is killed too, wherever it is, and begun again.
        func kill(_ arguments: [String], at statement: String, waitingFor table: String, _ mode: String = "exclusive") async throws {
            try await database.transaction { transaction in
                _ = try await transaction.query("lock table \(raw: table) in \(raw: mode) mode")
                var isWaiting = false
                while !isWaiting {
                    // Whoever was killed has left its leases.
                    _ = try await database.query("update job set leased_until = null, leased_by = null")
                    let program = try ChildProcess.start(
                        try programPath("waystation"), arguments + connection, environment: programEnvironment)
                    for _ in 0..<400 where !isWaiting {
                        isWaiting =
                            try await !database.query(
                                """
                                select from pg_locks
                                join pg_stat_activity on pg_stat_activity.pid = pg_locks.pid
                                where pg_stat_activity.datname = current_database()
                                    and pg_locks.relation = \(table)::regclass
                                    and not pg_locks.granted
                                    and pg_stat_activity.query ilike \(statement + "%")
                                """
                            ).isEmpty
                        if !isWaiting { try await Task.sleep(for: .milliseconds(25)) }
                    }
                    program.send(SIGKILL)
                    #expect(try await onThread(name: "wait") { program.wait() }.get() == .ended(.signal(SIGKILL)))
                }
            }
        }
    }

    @Test func `export and drop, killed at each of their steps, lose nothing and go on`() async throws {
        let folder = "/var/tmp/waystation-retention-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { do { try FileManager.default.removeItem(atPath: folder) } catch { Issue.record("\(folder) stays: \(error)") } }
        try await withDatabase { database in
            let past = try await Past(database, folder: folder)
            let report = try await past.report()
            #expect(!report.isEmpty)
            let export = ["events", "export", past.file, "--month", "2025-03"]
            let serve = ["serve", "--port", "0", "--data", folder, "--keep-months", "6", "--log-level", "error"]

            // While it reads the events: there is no file of that name, or none that counts.
            try await past.kill(export, at: "copy", waitingFor: "access_event_2025_03", "access exclusive")
            #expect(!FileManager.default.fileExists(atPath: past.file))
            // When the file is whole, before that is noted.
            try await past.kill(export, at: "insert", waitingFor: "access_event_export")
            #expect(FileManager.default.fileExists(atPath: past.file))
            guard case .notExported = try await past.stations.visits.archive.retire(past.month) else {
                Issue.record("nobody noted an export")
                return
            }
            let (end, output) = try await runProgram("waystation", export + past.connection)
            #expect(end == .status(0), "\(output)")
            let written = SHA256.hash(try past.bytes)

            // While it verifies, before it keeps the figures, before it notes that it verified, when all is dropped and nothing committed.
            for (statement, table, mode) in [
                ("copy", "access_event_2025_03", "access exclusive"),
                ("select stations_keep_figures", "station_visit_figure_kept", "exclusive"),
                ("update", "access_event_export", "exclusive"), ("insert", "audit_entry", "exclusive"),
            ] {
                try await past.kill(serve, at: statement, waitingFor: table, mode)
                #expect(try await past.eventCount == Self.events, "\(table)")
                #expect(try await past.report() == report, "\(table)")
                _ = try await past.stations.visits.figures.rebuild()
                #expect(try await past.report() == report, "made anew, at \(table)")
            }
            while try await !past.isDropped {
                _ = try await past.stations.visits.archive.retire(past.month)
                await Task.yield()
            }
            #expect(try await past.eventCount == 0)
            #expect(try await past.report() == report)
            _ = try await past.stations.visits.figures.rebuild()
            #expect(try await past.report() == report)
            let noted = try await database.query("select events, sha256 from access_event_export where dropped_at is not null")[0]
            #expect(try noted.decode(0) == Self.events)
            #expect(try noted.decode(1) == written && SHA256.hash(try past.bytes) == written)
            let audited = try await database.query("select action from audit_entry where subject = 'month:2025-03' order by entry_id")
            #expect(try audited.map { try $0.decode(0, as: String.self) } == ["events.exported", "events.dropped"])
        }
    }
}
