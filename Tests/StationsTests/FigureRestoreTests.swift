import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// What a dump of one cluster gives in another, where transactions have other numbers.
@Suite struct FigureRestoreTests {
    private static func run(_ program: String, _ arguments: [String]) async throws {
        let ran = try await onThread(name: "dump") { () -> Result<(end: ChildProcess.End, output: String), SystemError> in
            Result { () throws(SystemError) in try ChildProcess.run(program, arguments) }
        }.get().get()
        #expect(ran.end == .status(0), "\(ran.output.suffix(2_000))")
    }

    /// Uses up as many numbers of transactions: each block that catches something is one of its own within the whole, with its own number.
    private static func spend(_ transactions: Int, in database: Database) async throws {
        try await database.transaction { transaction in
            try await transaction.script(
                """
                do $$
                begin
                    for number in 1 .. \(transactions) loop
                        begin
                            create temporary table if not exists spent (number integer) on commit drop;
                            insert into spent values (number);
                        exception when division_by_zero then null;
                        end;
                    end loop;
                end
                $$
                """)
        }
    }

    /// Reads a dump of `database` into a cluster of its own, which has run `transactions` of its own before.
    private static func restored<Value>(
        _ database: Database, transactions: Int, _ body: (Database) async throws -> Value
    ) async throws -> Value {
        let name: String = try await database.query("select current_database()").single.decode(0)
        let source = try await TestCluster.shared.connectionString(name)
        let binaries = try PostgresBinaries.choose(cluster: nil, from: PostgresBinaries.installed())
        let server = try await EmbeddedServer.startThrowAway()
        let outcome: Result<Value, any Error>
        do {
            let target = Database(try ConnectionSettings(server.connectionString()), loops: TestLoops.all)
            try await target.start()
            try await spend(transactions, in: target)
            let file = server.dataFolder + "/dump"
            try await run(binaries.path("pg_dump"), ["--format=custom", "--file", file, "--dbname", source])
            try await run(
                binaries.path("pg_restore"), ["--no-owner", "--exit-on-error", "--dbname", server.connectionString(), file])
            do { outcome = .success(try await body(target)) } catch { outcome = .failure(error) }
            await target.stop(grace: .seconds(1))
        } catch {
            outcome = .failure(error)
        }
        await server.stop()
        return try outcome.get()
    }

    @Test(arguments: [0, 60_000]) func `a dump read into another cluster goes on where it was made, with less numbers or more`(
        _ transactions: Int
    ) async throws {
        let seed = SeededGenerator.seeds(1)[0]
        try await withDatabase { database in
            var random = SeededGenerator(seed: seed)
            let scene = try await StationScene(database, members: 6)
            let now = scene.clock.nowMicroseconds
            var maker = EventMaker(scene)
            func write(_ count: Int, in database: Database) async throws {
                for _ in 0..<count {
                    try await maker.write([EventMaker.random(scene, around: now, spread: 3, &random)], in: database)
                    if random.chance(10), let event = maker.events.randomElement(using: &random) {
                        try await maker.annul(event, in: database)
                    }
                }
            }
            _ = try await database.query(
                """
                insert into webhook_endpoint (organization_id, url, description, event_types, state, secret_sealed, created_by)
                values (null, 'https://example.org', '', '{}', 'active', '\\x00', 'test')
                """)
            // A cluster of its own has spent some thousands on the schema alone, this one perhaps no more.
            if transactions == 0 { try await Self.spend(20_000, in: database) }
            try await write(40, in: database)
            try await FigureStore(database, clock: scene.clock).catchUp(database)
            // Not counted when the dump is made.
            try await write(15, in: database)
            try await Self.restored(database, transactions: transactions) { restored in
                let figures = FigureStore(restored, clock: scene.clock)
                let target = try await restored.query("select pg_current_xact_id()::text::bigint").single.decode(0, as: Int64.self)
                let horizon = try await restored.query("select horizon::text::bigint from access_feed").single.decode(0, as: Int64.self)
                #expect((target > horizon) == (transactions > 0), "\(target) > \(horizon)")
                // Not seen by any feed before it knows where it is.
                try await write(10, in: restored)
                #expect(try await !restored.query("select stations_keep_figures('2025-01-01')").single.decode(0, as: Bool.self))
                #expect(try await figures.catchUp(restored) == 25, "seed \(seed)")
                try await write(20, in: restored)
                #expect(try await figures.catchUp(restored) == 20, "seed \(seed)")
                let day = CalendarDate(daysSince1970: Int(now / 86_400_000_000))
                let period = try #require(VisitPeriod(first: CalendarDate(daysSince1970: day.daysSince1970 - 9), last: day.next))
                let lines = try await figures.lines(by: .hour, period, station: nil, scope: .everything)
                #expect(
                    Dictionary(uniqueKeysWithValues: lines.map { ($0.key, $0.figures) })
                        == maker.expected(by: EventMaker.hour, where: { _ in true }), "seed \(seed)")
                let told = try await restored.query("select data::json->>'requestId' from outbox_event").map {
                    try $0.decode(0, as: String.self)
                }
                #expect(Set(told).count == told.count, "nothing is told twice")
                let untold = maker.counted.filter { $0.isOpen && !told.contains($0.requestID.lowercased) }
                #expect(untold.isEmpty, "seed \(seed)")
                let incremental = try await FigureTests.contents(restored)
                #expect(try await figures.rebuild() == maker.events.count)
                #expect(try await FigureTests.contents(restored) == incremental, "seed \(seed)")
                #expect(try await figures.feed().fed == 0)
            }
        }
    }

    @Test func `a copy beside the original, in the same cluster, goes on as the original does`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let figures = FigureStore(database, clock: scene.clock)
            var random = SeededGenerator(seed: 2)
            var maker = EventMaker(scene)
            try await maker.write([EventMaker.random(scene, around: scene.clock.nowMicroseconds, spread: 3, &random)], in: database)
            try await figures.catchUp(database)
            // As a dump of a schema before the cluster had a name there.
            _ = try await database.query("update access_feed set system_identifier = null, fed_at = null")
            try await maker.write([EventMaker.random(scene, around: scene.clock.nowMicroseconds, spread: 3, &random)], in: database)
            #expect(try await figures.catchUp(database) == 1)
            #expect(try await database.query("select from access_feed where cluster_number = 0 and system_identifier <> 0").count == 1)
        }
    }
}

extension CalendarDate {
    fileprivate var next: CalendarDate { CalendarDate(daysSince1970: daysSince1970 + 1) }
}
