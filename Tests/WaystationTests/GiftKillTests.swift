import Crypto
import FoundationEssentials
import Glibc
import Insurance
import Postgres
import Programs
import Registry
import Runtime
import TestSupport
import Testing

/// A server that is killed while it gives a batch away: nothing was given, and the next one gives all of it.
struct GiftKillTests {
    private static let size: Int32 = 500

    // A run that is not done again would be waited for for ever. The limit counts the wait for a turn among all tests, too.
    @Test(.timeLimit(.minutes(20))) func `a run cut off in the middle leaves nothing, and is done by the next server, once`() async throws {
        try await withDatabase { database in
            let folder = "/tmp/waystation-gift-\(UInt64.random(in: 0 ... .max))"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer {
                do { try FileManager.default.removeItem(atPath: folder) } catch { Issue.record("\(folder) stays: \(error)") }
            }
            let connection = try await TestCluster.shared.connectionString(
                try await database.query("select current_database()::text")[0].decode(0))
            let keys = try KeyFile.openOrCreate(path: folder + "/keys.json")
            let registry = Registry(database: database, keys: keys, loops: database.loops)
            let insurance = Insurance(database: database, registry: registry, keys: keys, clock: Clock())
            let batch = try await Self.announce(insurance, database, registry)
            let killed = try await RunningServer(connection, folder: folder, ["--job-lease", "1"])
            // It writes the policies and waits for whoever holds the table of their events.
            try await database.inTransaction { transaction in
                _ = try await transaction.query("lock table policy_event in share row exclusive mode")
                try await database.inTransaction { other in
                    _ = try await insurance.queue.ask(batch, by: ProgramLife.Actor(subject: "account:1"), in: other)
                }
                while try await !Self.isWaiting(database) { try await Task.sleep(for: .milliseconds(5)) }
                killed.process.send(SIGKILL)
                _ = try await onThread(name: "wait") { killed.process.wait() }.get()
            }
            let next = try await RunningServer(connection, folder: folder, ["--job-lease", "1"])
            while try await insurance.batches.find(batch)?.state != .run { try await Task.sleep(for: .milliseconds(20)) }
            next.process.send(SIGTERM)
            _ = try await onThread(name: "wait") { next.process.wait() }.get()

            let places = try #require(try await insurance.batches.find(batch)).places
            #expect((places.free, places.reserved, places.sum) == (0, Self.size, Self.size))
            let row = try await database.query(
                """
                select
                    (select count(distinct member_id) from policy where state = 'reserved'), (select count(*) from policy),
                    (select count(*) from policy_cover), (select count(*) from policy_event),
                    (select attempts from queued_job where kind = 'insurance.run'),
                    (select state from queued_job where kind = 'insurance.run')
                """
            ).single
            for column in 0..<4 { #expect(try row.decode(column, as: Int64.self) == Int64(Self.size)) }
            #expect(try row.decode(4, as: Int32.self) == 2)
            // Ended by the transaction that gave: it is not asked for once more.
            #expect(try row.decode(5, as: String.self) == "done")
        }
    }

    private static func isWaiting(_ database: Database) async throws -> Bool {
        try await database.query(
            """
            select exists (
                select from pg_stat_activity
                where datname = current_database() and wait_event_type = 'Lock' and query like 'insert into policy_event%')
            """
        ).single.decode(0)
    }

    private static func announce(_ insurance: Insurance, _ database: Database, _ registry: Registry) async throws -> ID<InsuranceBatch> {
        let city = try #require(try await registry.organizations.ensure(.init(kind: .city, name: "武汉"))).id
        _ = try await database.query(
            """
            insert into member (
                organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
            select \(city), 'active', 'courier', 'platform', 'female', '1990-01-01', false, false from generate_series(1, 2000) number
            """)
        let actor = ProgramLife.Actor(subject: "account:1")
        let (from, until) = (try #require(CalendarDate(text: "2030-01-01")), try #require(CalendarDate(text: "2031-01-01")))
        return try await database.inTransaction { transaction in
            let insurer = try #require(
                try await insurance.products.create(
                    InsurerFacts(name: "太平洋财险", hotline: "95500"), of: city, within: .everything, by: actor.subject, in: transaction))
            let product = try #require(
                try await insurance.products.create(
                    InsuranceProductFacts(name: "意外险", family: "accident", sumInsuredFen: 10_000_000, claimAdvice: "拨打热线"),
                    of: insurer.id, within: .everything, by: actor.subject, in: transaction))
            let facts = InsuranceBatchFacts(
                title: "第四批", donor: "省总工会", size: size, premiumFen: 5_000, coverFrom: from, coverUntil: until)
            let draft = try #require(
                try await insurance.batches.create(
                    facts, of: product.id, for: city, within: .everything, by: actor.subject, in: transaction))
            return try await insurance.life.announce(draft.id, by: actor, in: transaction).id
        }
    }
}
